//! How is what lies packed in a document spoilt? Unpacked, spoilt, and packed again with sums that hold, so that the readers
//! behind the packing are reached.

use std::io::{Cursor, Read, Write};
use std::path::PathBuf;

use cfb::CompoundFile;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::dice::Dice;
use super::spoil::spoil;

/// Bytes of a packed thing, unpacked, and how many there may be in a document.
const LARGEST: u64 = 4 << 20;
const MOST: usize = 300;

/// A document of this sort with something inside spoilt; none where nothing is packed in it.
pub fn spoilt(bytes: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    match bytes {
        [b'P', b'K', ..] => archive(bytes, dice),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => compound(bytes, dice),
        [b'%', b'P', b'D', b'F', ..] => pdf(bytes, dice),
        [0x89, b'P', b'N', b'G', ..] => png(bytes, dice),
        _ => None,
    }
}

/// Some files of an archive are spoilt, doubled, left out, or have the content of another one.
fn archive(bytes: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut files = Vec::new();
    for at in 0..archive.len().min(MOST) {
        let Ok(mut file) = archive.by_index(at) else { continue };
        let mut content = Vec::new();
        // What is cut here was too long to be changed often.
        let _ = file.by_ref().take(LARGEST).read_to_end(&mut content);
        files.push((file.name().to_owned(), content));
    }
    for _ in 0..=dice.below(3) {
        let all = files.clone();
        let others: Vec<&[u8]> = all.iter().map(|(_, content)| content.as_slice()).collect();
        let at = dice.below(files.len());
        let doomed = dice.below(20);
        let (_, content) = files.get_mut(at)?;
        match doomed {
            0 => *content = dice.pick(&others)?.to_vec(),
            1 => *content = Vec::new(),
            2 if all.len() > 1 => drop(files.remove(at)),
            _ => spoil(content, &others, dice),
        }
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let method = if dice.once_in(2) { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    for (name, content) in &files {
        // By this name the type of a book is told, unpacked.
        let method = if name == "mimetype" { CompressionMethod::Stored } else { method };
        let options = SimpleFileOptions::default().compression_method(method).compression_level(None);
        writer.start_file(name.as_str(), options).ok()?;
        writer.write_all(content).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

/// Some streams of a compound file are spoilt.
fn compound(bytes: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let mut file = CompoundFile::open(Cursor::new(bytes.to_vec())).ok()?;
    let paths: Vec<PathBuf> =
        file.walk().filter(cfb::Entry::is_stream).map(|entry| entry.path().to_owned()).take(MOST).collect();
    let mut contents = Vec::new();
    for path in &paths {
        let mut content = Vec::new();
        file.open_stream(path).ok()?.take(LARGEST).read_to_end(&mut content).ok()?;
        contents.push(content);
    }
    let others: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    // The longest holds what is to be read; the others are many and short.
    let longest = (0..contents.len()).max_by_key(|at| others.get(*at).map(|content| content.len()))?;
    for _ in 0..=dice.below(3) {
        let at = if dice.once_in(2) { longest } else { dice.below(paths.len()) };
        let mut content = contents.get(at)?.clone();
        spoil(&mut content, &others, dice);
        file.create_stream(paths.get(at)?).ok()?.write_all(&content).ok()?;
    }
    file.flush().ok()?;
    Some(file.into_inner().into_inner())
}

/// A packed stream of a PDF is spoilt. What got shorter is filled up, so that all others stand where the document says.
fn pdf(bytes: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let starts: Vec<usize> = memchr::memmem::find_iter(bytes, b"stream")
        .filter(|at| !bytes.get(..*at).is_some_and(|before| before.ends_with(b"end")))
        .map(|at| at + b"stream".len())
        .take(MOST)
        .collect();
    let start = *dice.pick(&starts)?;
    let rest = bytes.get(start..)?;
    let start = start + rest.iter().take_while(|byte| b"\r\n".contains(byte)).count();
    let rest = bytes.get(start..)?;
    let length = memchr::memmem::find(rest, b"endstream")?;
    let packed = rest.get(..length)?;
    let mut content = Vec::new();
    let was_packed = ZlibDecoder::new(packed).take(LARGEST).read_to_end(&mut content).is_ok();
    if !was_packed {
        content = packed.to_vec();
    }
    spoil(&mut content, &[], dice);
    if was_packed {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&content).ok()?;
        content = encoder.finish().ok()?;
    }
    content.resize(content.len().max(length), b'\n');
    let mut spoilt = bytes.to_vec();
    spoilt.splice(start..start + length, content);
    Some(spoilt)
}

/// A chunk of a PNG is spoilt, and its sum made anew.
fn png(bytes: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let (mark, mut rest) = bytes.split_at_checked(8)?;
    let mut chunks: Vec<(&[u8], Vec<u8>)> = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (Some(kind), Some(data)) = (after.get(..4), after.get(4..4 + length)) else { break };
        chunks.push((kind, data.to_vec()));
        rest = after.get(8 + length..).unwrap_or_default();
    }
    let at = if dice.once_in(3) { 0 } else { dice.below(chunks.len()) };
    let others: Vec<Vec<u8>> = chunks.iter().map(|(_, data)| data.clone()).collect();
    let others: Vec<&[u8]> = others.iter().map(Vec::as_slice).collect();
    spoil(&mut chunks.get_mut(at)?.1, &others, dice);
    let mut spoilt = mark.to_vec();
    for (kind, data) in chunks {
        let mut sum = flate2::Crc::new();
        sum.update(kind);
        sum.update(&data);
        spoilt.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
        spoilt.extend([kind, data.as_slice(), &sum.sum().to_be_bytes()].concat());
    }
    Some(spoilt)
}
