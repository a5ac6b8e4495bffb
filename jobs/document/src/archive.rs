//! How is a file of an archive unpacked that may be made to harm? Within what a file may have, what all of them may, and how many
//! times its packed size.

use std::io::{self, Read, Seek, SeekFrom};

use zip::read::ZipFile;

use super::limits::DocumentLimits;

/// The bytes of a file that are unpacked whatever their ratio is.
const RATIO_FREE_BYTES: u64 = 1 << 20;
/// How far from the end of an archive its last records may begin: they, and a comment of 65,535 bytes (APPNOTE 4.3.16); twice,
/// so that a reader which picks another record than the last one is not surprised.
const END_REACH: u64 = 2 * (22 + 65_535);
/// Up to which size the directory's word is taken for a buffer, before the bytes have come.
const TRUSTED_CAPACITY: u64 = 1 << 20;

/// How many files the end of an archive says that it lists, at most. The list is read into memory whole, so this is asked first.
/// The file stands at its beginning afterwards.
pub fn declared_entries<R: Read + Seek>(file: &mut R) -> io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(END_REACH)))?;
    let mut tail = Vec::new();
    file.by_ref().take(END_REACH).read_to_end(&mut tail)?;
    file.seek(SeekFrom::Start(0))?;
    let small = memchr::memmem::find_iter(&tail, b"PK\x05\x06").filter_map(|at| number(&tail, at + 10, 2));
    let large = memchr::memmem::find_iter(&tail, b"PK\x06\x06").filter_map(|at| number(&tail, at + 32, 8));
    // The largest number of 16 bits only says that the larger record has it.
    Ok(small.filter(|count| *count < 0xffff).chain(large).max().unwrap_or_default())
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + width)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// What may still be unpacked of an archive.
#[derive(Debug)]
pub struct Allowance {
    file_bytes: u64,
    ratio: u64,
    left: u64,
}

/// Why a file was not unpacked.
#[derive(Debug)]
pub enum Refusal {
    /// It has more bytes than a file may have, or than its packed size lets expect: the most that it may have.
    TooLarge(u64),
    /// All files have more bytes than an archive may have.
    Spent,
    /// It is broken.
    Broken(io::Error),
}

impl Allowance {
    /// Of an archive of which nothing is unpacked yet.
    pub fn new(limits: &DocumentLimits) -> Self {
        Self {
            file_bytes: limits.archive_part_bytes,
            ratio: u64::from(limits.archive_ratio),
            left: limits.archive_bytes,
        }
    }

    /// The bytes of a file. What was unpacked counts, whether it is given or not: it has cost its time.
    pub fn unpack<R: Read>(&mut self, file: ZipFile<'_, R>) -> Result<Vec<u8>, Refusal> {
        let by_ratio = RATIO_FREE_BYTES.max(file.compressed_size().saturating_mul(self.ratio));
        let most = by_ratio.min(self.file_bytes);
        if file.size() > most {
            return Err(Refusal::TooLarge(most));
        }
        if file.size() > self.left {
            return Err(Refusal::Spent);
        }
        let allowed = most.min(self.left);
        let mut bytes =
            Vec::with_capacity(usize::try_from(file.size().min(TRUSTED_CAPACITY)).unwrap_or_default());
        let read = file.take(allowed.saturating_add(1)).read_to_end(&mut bytes);
        let length = bytes.len() as u64;
        self.left = self.left.saturating_sub(length);
        match read {
            _ if length > most => Err(Refusal::TooLarge(most)),
            _ if length > allowed => Err(Refusal::Spent),
            Ok(_) => Ok(bytes),
            Err(error) => Err(Refusal::Broken(error)),
        }
    }
}
