//! How are bytes read that a PDF writes as letters (ISO 32000-1, 7.4.2 and 7.4.3)? As PDFium does, where it reads more than that.

/// A way to write bytes as letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// ASCIIHexDecode: a byte by two digits; what is no digit is passed over.
    Hex,
    /// ASCII85Decode: four bytes by five letters, or by a `z`.
    Base85,
}

impl Letters {
    /// The bytes up to the end of the letters, or somewhat more than `most`.
    pub fn read(self, letters: &[u8], most: usize) -> Vec<u8> {
        match self {
            Self::Hex => hex(letters, most),
            Self::Base85 => base85(letters, most),
        }
    }
}

fn hex(letters: &[u8], most: usize) -> Vec<u8> {
    let letters = letters.iter().take_while(|letter| **letter != b'>');
    let mut digits = letters.filter_map(|letter| char::from(*letter).to_digit(16));
    let mut bytes = Vec::new();
    while bytes.len() < most {
        let Some(high) = digits.next() else { break };
        bytes.extend(u8::try_from(high * 16 + digits.next().unwrap_or_default()));
    }
    bytes
}

fn base85(letters: &[u8], most: usize) -> Vec<u8> {
    let mut letters =
        letters.iter().filter(|letter| !matches!(letter, 0 | b'\t' | b'\n' | 0xc | b'\r' | b' '));
    let mut bytes = Vec::new();
    let (mut group, mut length) = (0_u32, 0_usize);
    while bytes.len() < most {
        match letters.next() {
            Some(b'z') if length == 0 => bytes.extend([0; 4]),
            Some(letter @ b'!'..=b'u') => {
                (group, length) = (digit(group, *letter), length + 1);
                if length == 5 {
                    bytes.extend(group.to_be_bytes());
                    (group, length) = (0, 0);
                }
            }
            // The last group may be short: a byte less than its letters.
            _ => {
                let whole = (length..5).fold(group, |group, _| digit(group, b'u'));
                bytes.extend(whole.to_be_bytes().iter().take(length.saturating_sub(1)));
                break;
            }
        }
    }
    bytes
}

fn digit(group: u32, letter: u8) -> u32 {
    group.wrapping_mul(85).wrapping_add(u32::from(letter - b'!'))
}
