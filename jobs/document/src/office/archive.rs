//! How is an archive opened that a document is, and that may be made to harm?
//!
//! Names are checked before any byte is unpacked, sizes by what the directory says and again while unpacking. Nothing is ever
//! written to a disk: a part is bytes in memory, and its name is only a name.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use zip::ZipArchive;

use super::super::archive::{Allowance, Refusal, declared_entries};
use super::super::error::ReadError;
use super::super::limits::DocumentLimits;

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, with `/` between folders; never absolute, never with `..`.
    pub name: String,
    /// Its bytes, unpacked, as the directory says.
    pub size: u64,
    /// Whether it is encrypted.
    pub encrypted: bool,
    index: usize,
}

/// An opened archive that counts what is unpacked of it.
#[derive(Debug)]
pub struct Archive {
    zip: ZipArchive<BufReader<File>>,
    entries: Vec<Entry>,
    /// Places in `entries` by name, in lower case: OPC asks for names without regard to case.
    by_name: HashMap<String, usize>,
    allowance: Allowance,
    /// The files that were unpacked, and the bytes that may be unpacked once more: one file may be named ten thousand times.
    unpacked: HashSet<usize>,
    again_left: u64,
}

impl Archive {
    /// Opens the archive at `path` and checks its directory.
    ///
    /// # Errors
    /// When it cannot be read as an archive, has too many files, or names that are not fit for one.
    pub fn open(path: &Path, limits: &DocumentLimits) -> Result<Self, ReadError> {
        let mut file = File::open(path).map_err(ReadError::disk)?;
        if declared_entries(&mut file).map_err(ReadError::disk)? > u64::from(limits.archive_entries) {
            return Err(ReadError::too_large(format!(
                "the archive has more than {} files",
                limits.archive_entries
            )));
        }
        let mut zip = ZipArchive::new(BufReader::new(file))
            .map_err(|error| ReadError::malformed(format!("not a readable archive: {error}")))?;
        let entries = directory(&mut zip, limits)?;
        let by_name = names(&entries)?;
        Ok(Self {
            zip,
            entries,
            by_name,
            allowance: Allowance::new(limits),
            unpacked: HashSet::new(),
            again_left: limits.archive_part_bytes,
        })
    }

    /// The bytes of the file called `name`, or none if there is no such file.
    ///
    /// # Errors
    /// When it is encrypted, broken or past a limit.
    pub fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(place) = self.by_name.get(&name.to_lowercase()).copied() else { return Ok(None) };
        let Some(entry) = self.entries.get(place).cloned() else { return Ok(None) };
        self.bytes(&entry).map(Some)
    }

    /// The bytes of `entry`.
    ///
    /// # Errors
    /// When it is encrypted, broken or past a limit.
    pub fn bytes(&mut self, entry: &Entry) -> Result<Vec<u8>, ReadError> {
        let name = &entry.name;
        if entry.encrypted {
            return Err(ReadError::locked(format!("{name} in the archive is encrypted")));
        }
        let broken = |error: &dyn std::fmt::Display| {
            ReadError::malformed(format!("{name} in the archive cannot be unpacked: {error}"))
        };
        let file = self.zip.by_index(entry.index).map_err(|error| broken(&error))?;
        let bytes = self.allowance.unpack(file).map_err(|refusal| match refusal {
            Refusal::TooLarge(_) | Refusal::Spent => {
                ReadError::too_large(format!("{name} in the archive is too large when unpacked"))
            }
            Refusal::Broken(error) => broken(&error),
        })?;
        if !self.unpacked.insert(entry.index) {
            let left = self.again_left.checked_sub(bytes.len() as u64);
            self.again_left = left.unwrap_or_default();
            if left.is_none() {
                return Err(ReadError::too_large(format!("{name} in the archive is named again and again")));
            }
        }
        Ok(bytes)
    }
}

fn directory(
    zip: &mut ZipArchive<BufReader<File>>,
    limits: &DocumentLimits,
) -> Result<Vec<Entry>, ReadError> {
    if zip.len() > limits.archive_entries as usize {
        return Err(ReadError::too_large(format!(
            "the archive has {} files, more than {}",
            zip.len(),
            limits.archive_entries
        )));
    }
    let mut entries = Vec::with_capacity(zip.len());
    for index in 0..zip.len() {
        let file = zip
            .by_index_raw(index)
            .map_err(|error| ReadError::malformed(format!("the archive's directory is broken: {error}")))?;
        let name = file.name().replace('\\', "/");
        if !is_fit(&name) {
            return Err(ReadError::malformed(format!("the archive has a file with the name {name:?}")));
        }
        if file.is_symlink() {
            return Err(ReadError::malformed(format!("{name} in the archive is a symbolic link")));
        }
        if !file.is_dir() && !name.ends_with('/') {
            entries.push(Entry { name, size: file.size(), encrypted: file.encrypted(), index });
        }
    }
    Ok(entries)
}

/// Whether a name stays inside the archive wherever it would be unpacked.
fn is_fit(name: &str) -> bool {
    let drive = name.as_bytes().get(1) == Some(&b':');
    !name.is_empty()
        && !name.starts_with('/')
        && !drive
        && !name.contains('\0')
        && name.split('/').all(|step| step != "..")
}

fn names(entries: &[Entry]) -> Result<HashMap<String, usize>, ReadError> {
    let mut by_name = HashMap::with_capacity(entries.len());
    for (place, entry) in entries.iter().enumerate() {
        if by_name.insert(entry.name.to_lowercase(), place).is_some() {
            return Err(ReadError::malformed(format!("the archive has two files called {}", entry.name)));
        }
    }
    Ok(by_name)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    /// An archive of `parts` in a temporary file.
    pub fn packed(parts: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut writer = zip::ZipWriter::new(file.reopen().unwrap());
        for (name, bytes) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap();
        file
    }

    fn open(parts: &[(&str, &[u8])], limits: &DocumentLimits) -> Result<Archive, ReadError> {
        Archive::open(packed(parts).path(), limits)
    }

    #[test]
    fn a_part_is_found_whatever_the_case_of_its_name() {
        let mut archive = open(&[("Word/Document.xml", b"text")], &DocumentLimits::default()).unwrap();
        assert_eq!(archive.part("word/document.XML").unwrap().unwrap(), b"text");
        assert_eq!(archive.part("nothing").unwrap(), None);
    }

    #[test]
    fn names_that_leave_the_archive_are_refused() {
        for name in ["../a", "a/../../b", "/etc/passwd", "C:/a", "a\\..\\b"] {
            let refusal = open(&[(name, b"x")], &DocumentLimits::default()).unwrap_err();
            assert_eq!(refusal.code, "malformed_document", "{name}");
        }
        assert!(open(&[("a..b/c...d", b"x")], &DocumentLimits::default()).is_ok());
    }

    #[test]
    fn two_names_that_differ_by_case_alone_are_refused() {
        let refusal = open(&[("a.xml", b"1"), ("A.xml", b"2")], &DocumentLimits::default()).unwrap_err();
        assert!(refusal.message.contains("two files"), "{refusal}");
    }

    #[test]
    fn a_bomb_is_refused_by_its_ratio_beyond_the_first_mebibyte() {
        let zeros = vec![0; 8 << 20];
        let mut archive = open(&[("bomb", &zeros)], &DocumentLimits::default()).unwrap();
        assert_eq!(archive.part("bomb").unwrap_err().code, "document_too_large");
        let mut archive = open(&[("small", &zeros[..1 << 20])], &DocumentLimits::default()).unwrap();
        assert_eq!(archive.part("small").unwrap().unwrap().len(), 1 << 20);
    }

    #[test]
    fn the_sum_of_all_parts_is_limited() {
        let limits = DocumentLimits { archive_bytes: 10, ..DocumentLimits::default() };
        let mut archive = open(&[("a", b"123456"), ("b", b"123456")], &limits).unwrap();
        assert!(archive.part("a").is_ok());
        assert_eq!(archive.part("b").unwrap_err().code, "document_too_large");
    }

    #[test]
    fn a_file_is_not_unpacked_again_and_again() {
        let limits = DocumentLimits { archive_part_bytes: 10, ..DocumentLimits::default() };
        let mut archive = open(&[("a", b"1234"), ("b", b"1234")], &limits).unwrap();
        let read: Vec<bool> = ["a", "a", "b", "b", "a"].map(|name| archive.part(name).is_ok()).into();
        assert_eq!(read, [true, true, true, true, false]);
    }

    #[test]
    fn too_many_files_are_refused_before_they_are_listed() {
        let limits = DocumentLimits { archive_entries: 1, ..DocumentLimits::default() };
        let refusal = open(&[("a", b""), ("b", b"")], &limits).unwrap_err();
        assert_eq!(refusal.code, "document_too_large");
    }
}
