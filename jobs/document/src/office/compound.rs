//! How is the container of the older formats read (MS-CFB)?

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;

/// The first bytes of the container.
const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// An opened container.
pub struct Compound {
    file: cfb::CompoundFile<BufReader<File>>,
    limit: u64,
}

impl Compound {
    /// Opens the container at `path`.
    pub fn open(path: &Path, limits: &DocumentLimits) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(ReadError::disk)?;
        let file = cfb::CompoundFile::open(BufReader::new(file))
            .map_err(|error| ReadError::malformed(format!("not a readable compound file: {error}")))?;
        let compound = Self { file, limit: limits.archive_part_bytes };
        if compound.has("EncryptedPackage") {
            return Err(ReadError::locked("the document is encrypted"));
        }
        Ok(compound)
    }

    /// Whether there is a stream of that name.
    pub fn has(&self, name: &str) -> bool {
        self.file.is_stream(name)
    }

    /// The bytes of the stream `name`, as far as they can be read, if it is there.
    pub fn stream(&mut self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        if !self.has(name) {
            return Ok(None);
        }
        let broken = |error: std::io::Error| ReadError::malformed(format!("{name} cannot be read: {error}"));
        let stream = self.file.open_stream(name).map_err(broken)?;
        if stream.len() > self.limit {
            return Err(ReadError::too_large(format!("{name} is too large")));
        }
        let mut bytes = Vec::new();
        let read = stream.take(self.limit).read_to_end(&mut bytes);
        match read {
            Err(error) if bytes.is_empty() => Err(broken(error)),
            _ => Ok(Some(bytes)),
        }
    }
}

/// Refuses what should be a package of Office Open XML and is one in an encrypted wrapping (MS-OFFCRYPTO).
pub fn refuse_encrypted_package(path: &Path) -> Result<(), ReadError> {
    let mut magic = [0; 8];
    let mut file = File::open(path).map_err(ReadError::disk)?;
    if file.read_exact(&mut magic).is_err() || magic != MAGIC {
        return Ok(());
    }
    let file = cfb::CompoundFile::open(BufReader::new(file));
    if file.is_ok_and(|file| file.is_stream("EncryptedPackage")) {
        return Err(ReadError::locked("the document is encrypted"));
    }
    Err(ReadError::malformed("the document is a compound file, not a package of Office Open XML"))
}

/// Little-endian numbers at places of a slice; nothing where it ends too early.
pub trait Bytes {
    fn u8_at(&self, at: usize) -> Option<u8>;
    fn u16_at(&self, at: usize) -> Option<u16>;
    fn u32_at(&self, at: usize) -> Option<u32>;
    fn f64_at(&self, at: usize) -> Option<f64>;
    /// `length` bytes from `at` on.
    fn cut(&self, at: usize, length: usize) -> Option<&[u8]>;
}

impl Bytes for [u8] {
    fn u8_at(&self, at: usize) -> Option<u8> {
        self.get(at).copied()
    }
    fn u16_at(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.cut(at, 2)?.try_into().ok()?))
    }
    fn u32_at(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.cut(at, 4)?.try_into().ok()?))
    }
    fn f64_at(&self, at: usize) -> Option<f64> {
        Some(f64::from_le_bytes(self.cut(at, 8)?.try_into().ok()?))
    }
    fn cut(&self, at: usize, length: usize) -> Option<&[u8]> {
        self.get(at..at.checked_add(length)?)
    }
}

/// The characters of little-endian UTF-16.
pub fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The encoding of a Windows code page.
pub fn code_page(number: u32) -> &'static encoding_rs::Encoding {
    use encoding_rs as e;
    match number {
        437 | 850 | 858 | 1252 => e::WINDOWS_1252,
        866 => e::IBM866,
        874 => e::WINDOWS_874,
        932 => e::SHIFT_JIS,
        936 => e::GBK,
        949 => e::EUC_KR,
        950 => e::BIG5,
        1200 => e::UTF_16LE,
        1250 => e::WINDOWS_1250,
        1251 => e::WINDOWS_1251,
        1253 => e::WINDOWS_1253,
        1254 => e::WINDOWS_1254,
        1255 => e::WINDOWS_1255,
        1256 => e::WINDOWS_1256,
        1257 => e::WINDOWS_1257,
        1258 => e::WINDOWS_1258,
        10000 => e::MACINTOSH,
        10007 => e::X_MAC_CYRILLIC,
        20866 => e::KOI8_R,
        28592 => e::ISO_8859_2,
        65001 => e::UTF_8,
        _ => e::WINDOWS_1252,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn an_encrypted_package_is_locked() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut compound = cfb::create(file.path()).unwrap();
        compound.create_stream("EncryptedPackage").unwrap().write_all(b"x").unwrap();
        compound.flush().unwrap();
        assert_eq!(refuse_encrypted_package(file.path()).unwrap_err().code, "document_locked");
        let opened = Compound::open(file.path(), &DocumentLimits::default());
        assert_eq!(opened.err().unwrap().code, "document_locked");
    }

    #[test]
    fn numbers_past_the_end_are_none() {
        let bytes: &[u8] = &[1, 2, 3];
        assert_eq!((bytes.u16_at(1), bytes.u16_at(2), bytes.u32_at(usize::MAX)), (Some(0x0302), None, None));
    }
}
