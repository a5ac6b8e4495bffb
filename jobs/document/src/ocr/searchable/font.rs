//! Which font has the invisible text? One without shapes, in which every character is half as wide as high.
//!
//! A code of the text is a unit of UTF-16, so that a reader finds every letter with its accents. All of them are shown
//! by glyph 1, which draws nothing.

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo};
use pdf_writer::{Chunk, Filter, Finish, Name, Rect, Ref, Str};

/// Width of a character in thousandths of the font's size.
pub(super) const WIDTH: f32 = 500.0;

const NAME: Name = Name(b"Glyphless");
const REGISTRY: SystemInfo =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The objects of the font, each in a chunk of its own; the font is the first of `ids`.
pub(super) fn objects(ids: [Ref; 6]) -> Vec<(Ref, Chunk)> {
    let [font, descendant, descriptor, file, glyphs, unicode] = ids;
    let mut chunks: Vec<(Ref, Chunk)> = ids.iter().map(|id| (*id, Chunk::new())).collect();
    let [a, b, c, d, e, f] = chunks.as_mut_slice() else { return Vec::new() };
    a.1.type0_font(font)
        .base_font(NAME)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(descendant)
        .to_unicode(unicode);
    b.1.cid_font(descendant)
        .subtype(CidFontType::Type2)
        .base_font(NAME)
        .system_info(REGISTRY)
        .font_descriptor(descriptor)
        .default_width(WIDTH)
        .cid_to_gid_map_stream(glyphs);
    c.1.font_descriptor(descriptor)
        .name(NAME)
        .flags(FontFlags::FIXED_PITCH | FontFlags::SYMBOLIC)
        .bbox(Rect::new(0.0, -200.0, WIDTH, 800.0))
        .italic_angle(0.0)
        .ascent(800.0)
        .descent(-200.0)
        .cap_height(800.0)
        .stem_v(80.0)
        .font_file2(file);
    let program = true_type();
    let length = i32::try_from(program.len()).unwrap_or(0);
    d.1.stream(file, &deflated(&program)).filter(Filter::FlateDecode).pair(Name(b"Length1"), length);
    e.1.stream(glyphs, &deflated(&[0, 1].repeat(0x1_0000))).filter(Filter::FlateDecode).finish();
    f.1.stream(unicode, &deflated(unicode_map().as_bytes())).filter(Filter::FlateDecode).finish();
    chunks
}

/// Compressed, the same way every time.
pub(super) fn deflated(bytes: &[u8]) -> Vec<u8> {
    use flate2::{Compress, Compression, FlushCompress};
    // A block that cannot be made smaller is stored, with five bytes for each 16 KiB.
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 1_000 + 64);
    let mut compress = Compress::new(Compression::default(), true);
    // It cannot fail: the room is enough, and there is no dictionary.
    let _ = compress.compress_vec(bytes, &mut out, FlushCompress::Finish);
    out
}

/// Each code means itself. A range may not pass a change of its first byte, and a list has at most a hundred.
fn unicode_map() -> String {
    let mut map = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
         /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
         /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n",
    );
    let firsts: Vec<u32> = (0..256).collect();
    for some in firsts.chunks(100) {
        map.push_str(&format!("{} beginbfrange\n", some.len()));
        for first in some {
            map.push_str(&format!("<{first:02x}00> <{first:02x}ff> <{first:02x}00>\n"));
        }
        map.push_str("endbfrange\n");
    }
    map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    map
}

/// A font file with two empty glyphs, of the tables that a PDF asks for (ISO 32000-2, 9.9.1; OpenType 1.9).
fn true_type() -> Vec<u8> {
    let tables: [(&[u8; 4], Vec<u8>); 7] = [
        (b"glyf", vec![0; 4]),
        (b"head", head()),
        (b"hhea", hhea()),
        (b"hmtx", words(&[500, 0, 500, 0])),
        (b"loca", words(&[0, 0, 0])),
        (b"maxp", maxp()),
        (b"post", [&[0, 3, 0, 0][..], &[0; 28]].concat()),
    ];
    let mut offset = 12 + 16 * tables.len();
    let mut file = [&[0, 1, 0, 0][..], &words(&[7, 64, 2, 48])].concat();
    let mut body = Vec::new();
    for (name, table) in &tables {
        let mut padded = table.clone();
        padded.resize(table.len().next_multiple_of(4), 0);
        file.extend(name.iter());
        file.extend(checksum(&padded).to_be_bytes());
        file.extend((offset as u32).to_be_bytes());
        file.extend((table.len() as u32).to_be_bytes());
        offset += padded.len();
        body.extend(padded);
    }
    file.extend(body);
    let adjustment = 0xB1B0_AFBA_u32.wrapping_sub(checksum(&file));
    let head = 12 + 16 * tables.len() + 4;
    if let Some(place) = file.get_mut(head + 8..head + 12) {
        place.copy_from_slice(&adjustment.to_be_bytes());
    }
    file
}

fn head() -> Vec<u8> {
    let mut table = [&[0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &0x5F0F_3CF5_u32.to_be_bytes()].concat();
    // Flags; a thousand units; two dates; the box; the style, the least size and the direction; short offsets.
    table.extend(words(&[
        0,
        1000,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        (-200_i16).cast_unsigned(),
        500,
        800,
        0,
        8,
        2,
        0,
        0,
    ]));
    table
}

fn hhea() -> Vec<u8> {
    let mut table = words(&[1, 0, 800, (-200_i16).cast_unsigned(), 0, 500]);
    table.extend(words(&[0, 0, 500, 1, 0, 0, 0, 0, 0, 0, 0, 2]));
    table
}

fn maxp() -> Vec<u8> {
    words(&[1, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
}

fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn checksum(bytes: &[u8]) -> u32 {
    bytes.as_chunks::<4>().0.iter().fold(0, |sum, word| sum.wrapping_add(u32::from_be_bytes(*word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_have_the_sizes_of_the_standard() {
        assert_eq!((head().len(), hhea().len(), maxp().len()), (54, 36, 32));
    }

    #[test]
    fn the_whole_file_sums_to_its_constant() {
        assert_eq!(checksum(&true_type()), 0xB1B0_AFBA);
    }

    #[test]
    fn every_first_byte_has_its_range() {
        let map = unicode_map();
        assert_eq!(map.matches("ff> <").count(), 256);
        assert!(map.contains("<0000> <00ff> <0000>") && map.contains("<ff00> <ffff> <ff00>"));
    }

    #[test]
    fn what_is_deflated_can_be_inflated() {
        use std::io::Read;
        let bytes: Vec<u8> = (0..100_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let mut back = Vec::new();
        flate2::read::ZlibDecoder::new(deflated(&bytes).as_slice()).read_to_end(&mut back).unwrap();
        assert_eq!(back, bytes);
    }
}
