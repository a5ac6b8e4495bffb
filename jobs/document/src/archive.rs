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
/// Bytes of the locator of the larger record, which ends where the end record begins.
const LOCATOR: usize = 20;
/// Up to which size the directory's word is taken for a buffer, before the bytes have come.
const TRUSTED_CAPACITY: u64 = 1 << 20;

/// How many files the end of an archive says that it lists, at most; without end, if that cannot be told. The list is read into
/// memory whole, so this is asked first. The file stands at its beginning afterwards.
pub fn declared_entries<R: Read + Seek>(file: &mut R) -> io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(END_REACH);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.by_ref().take(END_REACH).read_to_end(&mut tail)?;
    file.seek(SeekFrom::Start(0))?;
    let small = memchr::memmem::find_iter(&tail, b"PK\x05\x06").filter_map(|at| by_end(&tail, at, start));
    let large = memchr::memmem::find_iter(&tail, b"PK\x06\x06").filter_map(|at| number(&tail, at + 32, 8));
    Ok(small.chain(large).max().unwrap_or_default())
}

/// What the end record at `at` says: none if the locator before it has the larger record be read instead (APPNOTE 4.3.15). That
/// one may lie anywhere between where its locator says and the locator; if this is before `tail`, which begins at `start`,
/// it may say anything.
fn by_end(tail: &[u8], at: usize, start: u64) -> Option<u64> {
    let field = |place: usize, width: usize| number(tail, at + place, width);
    let (here, all) = (field(8, 2)?, field(10, 2)?);
    let may_be_large = all == 0xffff || field(12, 4)? == 0xffff_ffff || field(16, 4)? == 0xffff_ffff;
    let locator = at.checked_sub(LOCATOR).filter(|_| may_be_large);
    let locator = locator.filter(|at| tail.get(*at..).is_some_and(|it| it.starts_with(b"PK\x06\x07")));
    match locator.and_then(|at| number(tail, at + 8, 8)) {
        Some(record) => (record < start).then_some(u64::MAX),
        // What the crate `zip` goes by is the first one, though the second one is for it.
        None => Some(here.max(all)),
    }
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

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::SimpleFileOptions;
    use zip::{ZipArchive, ZipWriter};

    use super::*;

    /// The list of an archive of three files, with what stands before it, and how that begins.
    fn three() -> (Vec<u8>, u32) {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["a", "b", "c"] {
            writer.start_file(name, SimpleFileOptions::default()).unwrap();
            writer.write_all(b"x").unwrap();
        }
        let mut bytes = writer.finish().unwrap().into_inner();
        let end = bytes.split_off(bytes.len() - 22);
        (bytes, u32::from_le_bytes(end[16..20].try_into().unwrap()))
    }

    /// The last record, with the number of files here and of all files.
    fn end(here: u16, all: u16, list: u32) -> Vec<u8> {
        let (here, all, list) = (here.to_le_bytes(), all.to_le_bytes(), list.to_le_bytes());
        [b"PK\x05\x06\0\0\0\0".as_slice(), &here, &all, &[0; 4], &list, &[0; 2]].concat()
    }

    /// The records of ZIP64, of three files, with so many bytes between the one and its locator.
    fn large_end(at: usize, list: u32, sector: usize) -> Vec<u8> {
        let (size, three) = ((44 + sector as u64).to_le_bytes(), 3_u64.to_le_bytes());
        let (list, at) = (u64::from(list).to_le_bytes(), (at as u64).to_le_bytes());
        let record = [b"PK\x06\x06".as_slice(), &size, &[0; 12], &three, &three, &[0; 8], &list].concat();
        let locator = [b"PK\x06\x07\0\0\0\0".as_slice(), &at, &[1, 0, 0, 0]].concat();
        [record, vec![0; sector], locator].concat()
    }

    fn declared(bytes: &[u8]) -> u64 {
        declared_entries(&mut Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn the_record_of_a_large_archive_is_found_wherever_its_locator_says() {
        let (files, list) = three();
        for (sector, wanted) in [(0, 3), (1_000, 3), (200_000, u64::MAX)] {
            let end = end(0xffff, 0xffff, u32::MAX);
            let bytes = [files.clone(), large_end(files.len(), list, sector), end].concat();
            assert_eq!(ZipArchive::new(Cursor::new(&bytes)).unwrap().len(), 3);
            assert_eq!(declared(&bytes), wanted, "{sector}");
        }
    }

    #[test]
    fn the_larger_number_of_a_small_archive_counts() {
        let (files, list) = three();
        for (here, all, wanted) in [(3, 3, 3), (3, 1, 3), (1, 4, 4), (0xffff, 1, 0xffff), (3, 0xffff, 0xffff)]
        {
            assert_eq!(declared(&[files.clone(), end(here, all, list)].concat()), wanted);
        }
        let opened = ZipArchive::new(Cursor::new([files, end(3, 1, list)].concat()));
        assert_eq!(opened.unwrap().len(), 3);
    }
}
