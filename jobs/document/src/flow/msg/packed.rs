//! How is the RTF of an Outlook message unpacked? By LZFu, as [MS-OXRTFCP] describes it.

/// The marks of the two ways to pack (2.1.3.1.1 there).
const PACKED: u32 = 0x7546_5a4c;
const PLAIN: u32 = 0x414c_454d;
/// The bytes of the header.
const HEADER: usize = 16;
/// The size of the dictionary, which is a ring.
const RING: usize = 4096;
/// What the dictionary holds at first (2.1.2.1 there).
const FIRST: &[u8] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \
\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// The RTF in `bytes`, as far as it can be unpacked into `most` bytes.
pub fn unpacked(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let kind = u32::from_le_bytes(bytes.get(8..12)?.try_into().ok()?);
    let content = bytes.get(HEADER..)?;
    match kind {
        PLAIN => Some(content.get(..most).unwrap_or(content).to_vec()),
        PACKED => Some(unpack(content, most)),
        _ => None,
    }
}

fn unpack(content: &[u8], most: usize) -> Vec<u8> {
    let mut ring = [0_u8; RING];
    ring.iter_mut().zip(FIRST).for_each(|(place, byte)| *place = *byte);
    let mut end = FIRST.len();
    let mut out = Vec::new();
    let mut write = |byte: u8, ring: &mut [u8; RING], end: &mut usize| {
        if let Some(place) = ring.get_mut(*end % RING) {
            *place = byte;
        }
        *end = (*end + 1) % RING;
        out.push(byte);
        out.len() < most
    };
    let mut input = content.iter().copied();
    'all: while let Some(flags) = input.next() {
        for bit in 0..8 {
            let Some(byte) = input.next() else { break 'all };
            if flags >> bit & 1 == 0 {
                if !write(byte, &mut ring, &mut end) {
                    break 'all;
                }
                continue;
            }
            let Some(low) = input.next() else { break 'all };
            let reference = usize::from(byte) << 8 | usize::from(low);
            let (from, length) = (reference >> 4, (reference & 0xf) + 2);
            // A reference to where the next byte will be written marks the end.
            if from == end {
                break 'all;
            }
            for step in 0..length {
                let byte = ring.get((from + step) % RING).copied().unwrap_or_default();
                if !write(byte, &mut ring, &mut end) {
                    break 'all;
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first example of the specification (3.1 there).
    #[test]
    fn the_example_of_the_specification_is_unpacked() {
        let packed = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0, 0x0a, 0,
            0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09,
            0, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
        ];
        let expected = b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n";
        assert_eq!(unpacked(&packed, 1000).unwrap(), expected);
    }

    #[test]
    fn nonsense_is_unpacked_into_no_more_than_allowed() {
        let mut bytes = vec![0; HEADER];
        bytes[8..12].copy_from_slice(&PACKED.to_le_bytes());
        bytes.extend([0xff; 1000]);
        assert!(unpacked(&bytes, 100).unwrap().len() <= 100);
        assert_eq!(unpacked(&[0; 16], 100), None);
        assert_eq!(unpacked(&[0; 3], 100), None);
    }
}
