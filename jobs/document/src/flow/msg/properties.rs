//! How are the properties of an Outlook message found in its compound file ([MS-OXMSG])?

use std::io::{Cursor, Read};
use std::path::PathBuf;

use super::super::charset::decode;
use super::code_page;

/// A stream longer than this is cut.
const MAX_STREAM: u64 = 128 << 20;
/// Texts that are a part of the headers are no longer than this.
const MAX_LINE: usize = 64 << 10;

/// A compound file in memory.
pub type Compound<'a> = cfb::CompoundFile<Cursor<&'a [u8]>>;

/// A message, a recipient or an attachment within a compound file.
#[derive(Debug, Clone)]
pub struct Object {
    /// The storage that it is in.
    pub path: PathBuf,
    /// How long the header of its fixed properties is.
    pub header: usize,
    /// The charset of its texts that are not in Unicode.
    pub charset: u32,
}

impl Object {
    /// The message itself.
    pub fn message(file: &mut Compound<'_>) -> Self {
        let mut message = Self { path: PathBuf::from("/"), header: 32, charset: 1252 };
        // PidTagMessageCodepage, and PidTagInternetCodepage where it is missing.
        message.charset = message.number(file, 0x3ffd).or(message.number(file, 0x3fde)).unwrap_or(1252);
        message
    }

    /// A recipient or an attachment of it, in the storage called `name`.
    pub fn part(&self, name: &str) -> Self {
        Self { path: self.path.join(name), header: 8, charset: self.charset }
    }

    /// A property that is a text.
    pub fn text(&self, file: &mut Compound<'_>, id: u16) -> Option<String> {
        let text = if let Some(bytes) = self.stream(file, id, 0x001f) {
            encoding_rs::UTF_16LE.decode_without_bom_handling(&bytes).0.into_owned()
        } else {
            let bytes = self.stream(file, id, 0x001e)?;
            decode(&bytes, Some(code_page(self.charset).name())).text.into_owned()
        };
        let text = text.trim_matches('\0').replace('\0', "");
        (!text.trim().is_empty()).then_some(text)
    }

    /// A property that is a text of one line.
    pub fn line(&self, file: &mut Compound<'_>, id: u16) -> Option<String> {
        let text = self.text(file, id)?;
        let words: Vec<&str> = super::super::gather::prefix(&text, MAX_LINE).split_whitespace().collect();
        Some(words.join(" "))
    }

    /// A property that is bytes.
    pub fn bytes(&self, file: &mut Compound<'_>, id: u16) -> Option<Vec<u8>> {
        self.stream(file, id, 0x0102)
    }

    /// A property that is a number.
    pub fn number(&self, file: &mut Compound<'_>, id: u16) -> Option<u32> {
        let value = self.fixed(file, id, 0x0003)?;
        Some(u32::from_le_bytes(value.get(..4)?.try_into().ok()?))
    }

    /// A property that is an instant: how many seconds it lies after 1970.
    pub fn instant(&self, file: &mut Compound<'_>, id: u16) -> Option<i64> {
        let value = self.fixed(file, id, 0x0040)?;
        // Tenths of microseconds since 1601.
        let ticks = i64::from_le_bytes(value);
        let seconds = ticks / 10_000_000 - 11_644_473_600;
        (0..253_402_300_800).contains(&seconds).then_some(seconds)
    }

    fn stream(&self, file: &mut Compound<'_>, id: u16, kind: u16) -> Option<Vec<u8>> {
        stream(file, &self.path.join(format!("__substg1.0_{id:04X}{kind:04X}")))
    }

    /// Fixed properties stand in one stream, 16 bytes each: kind, number, flags, value.
    fn fixed(&self, file: &mut Compound<'_>, id: u16, kind: u16) -> Option<[u8; 8]> {
        let bytes = stream(file, &self.path.join("__properties_version1.0"))?;
        let entries = bytes.get(self.header..)?.as_chunks::<16>().0;
        let tag = u32::from(id) << 16 | u32::from(kind);
        let entry = entries.iter().find(|entry| entry.starts_with(&tag.to_le_bytes()))?;
        entry.get(8..)?.try_into().ok()
    }
}

/// A stream; nothing where there is none, or where it is broken.
pub fn stream(file: &mut Compound<'_>, path: &std::path::Path) -> Option<Vec<u8>> {
    if !file.is_stream(path) {
        return None;
    }
    let mut bytes = Vec::new();
    file.open_stream(path).ok()?.take(MAX_STREAM).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
