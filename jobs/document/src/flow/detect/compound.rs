//! Which document is this compound file (OLE), the container of Office until 2003 and of Outlook?

use std::io::{Read, Seek, SeekFrom};

use super::super::super::error::ReadError;
use super::super::super::format::Format;
use super::unsupported;

/// A broken compound file is searched for the names of its streams so far.
const SEARCHED: u64 = 8 << 20;

/// What a stream at the top tells; the first that is there does.
const STREAMS: [(&str, Result<Format, &str>); 10] = [
    ("EncryptedPackage", Ok(Format::EncryptedOffice)),
    ("WordDocument", Ok(Format::Doc)),
    ("Workbook", Ok(Format::Xls)),
    ("Book", Ok(Format::Xls)),
    ("PowerPoint Document", Ok(Format::Ppt)),
    ("__properties_version1.0", Ok(Format::Msg)),
    ("VisioDocument", Err("a Visio drawing")),
    ("Quill", Err("a Publisher document")),
    ("MSWorks", Err("a document of Microsoft Works")),
    ("Props12", Err("a Project plan")),
];

/// Tells the format of a compound file whose first bytes are `head`.
pub fn detect<R: Read + Seek>(head: &[u8], mut file: R) -> Result<Format, ReadError> {
    let found = match cfb::CompoundFile::open(&mut file) {
        Ok(compound) => STREAMS.iter().find(|(name, _)| compound.exists(format!("/{name}"))),
        // The reader will say what is wrong with it.
        Err(_) => by_search(&searched(head, file)),
    };
    match found {
        Some((_, Ok(format))) => Ok(*format),
        Some((_, Err(what))) => Err(unsupported(what)),
        None => Err(unsupported("a compound file (OLE) of a kind that is not known")),
    }
}

fn searched<R: Read + Seek>(head: &[u8], mut file: R) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.take(SEARCHED).read_to_end(&mut bytes));
    if read.is_err() {
        return head.to_vec();
    }
    bytes
}

/// Names stand in the list of streams in UTF-16, with zeros after them.
fn by_search(bytes: &[u8]) -> Option<&'static (&'static str, Result<Format, &'static str>)> {
    STREAMS.iter().find(|(name, _)| {
        let mut wanted: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        wanted.extend([0, 0]);
        memchr::memmem::find_iter(bytes, &wanted).any(|at| at.is_multiple_of(128))
    })
}
