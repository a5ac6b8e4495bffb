//! How is a bundle of documents opened without harm? File by file in the order of their names, each within its limits.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Metadata, Warning};
use super::super::sink::{Flow, Inner, PageSink};
use super::gather::truncation;
use super::letter::file_name;

/// A file of an archive may always have so many bytes, however small it is packed.
const FREE_OF_RATIO: u64 = 1 << 20;
/// How far from the end of an archive its last records may begin: they, and a comment of 65,535 bytes.
const END_WITHIN: u64 = 2 * (22 + 65_535);
/// Files that systems leave beside the documents.
const LEFT_OVERS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// Hands on the files of a bundle.
pub fn read(bytes: &[u8], limits: &DocumentLimits, sink: &mut dyn PageSink) -> Result<Metadata, ReadError> {
    let mut file = Cursor::new(bytes);
    let entries = entries_of(&mut file).unwrap_or(0);
    if entries > u64::from(limits.archive_entries) {
        let most = limits.archive_entries;
        return Err(ReadError::too_large(format!("the archive has {entries} files, and {most} are allowed")));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    if archive.has_overlapping_files().map_err(|error| broken(&error))? {
        return Err(ReadError::malformed("files of the archive lie over each other"));
    }
    sink.expect_pages(0);
    let mut left = limits.archive_bytes;
    for (name, index) in ordered(&archive) {
        let unpacked = take(&mut archive, index, &mut left, limits);
        match unpacked {
            Ok(bytes) => {
                if sink.inner(Inner { name: file_name(Some(&name), index, "bin"), bytes })? == Flow::Enough {
                    break;
                }
            }
            Err(Refusal::Stop(message)) => {
                sink.warn(truncation(&message));
                break;
            }
            Err(Refusal::Skip(code, message)) => sink.warn(Warning::new(code, message).with_loss()),
        }
    }
    Ok(Metadata { pages: Some(0), ..Metadata::default() })
}

/// How many files the end of an archive says that it lists, at most. The list is read into memory whole, so this is asked
/// first (APPNOTE 4.3.14 and 4.3.16).
pub fn entries_of<R: Read + Seek>(file: &mut R) -> Option<u64> {
    let length = file.seek(SeekFrom::End(0)).ok()?;
    file.seek(SeekFrom::Start(length.saturating_sub(END_WITHIN))).ok()?;
    let mut tail = Vec::new();
    file.take(END_WITHIN).read_to_end(&mut tail).ok()?;
    let small = memchr::memmem::find_iter(&tail, b"PK\x05\x06").filter_map(|at| number(&tail, at + 10, 2));
    let large = memchr::memmem::find_iter(&tail, b"PK\x06\x06").filter_map(|at| number(&tail, at + 32, 8));
    // The largest number of 16 bits only says that the larger record has it.
    small.filter(|&count| count < 0xffff).chain(large).max()
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + width)?;
    Some(bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

/// Why a file is not handed on.
enum Refusal {
    /// It alone is left out.
    Skip(&'static str, String),
    /// It and all after it are.
    Stop(String),
}

/// The files by their names, each name once.
fn ordered(archive: &ZipArchive<Cursor<&[u8]>>) -> BTreeMap<String, usize> {
    let names =
        (0..archive.len()).filter_map(|index| Some((archive.name_for_index(index)?.to_owned(), index)));
    names.filter(|(name, _)| is_document(name)).collect()
}

fn is_document(name: &str) -> bool {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    !last.is_empty() && !name.starts_with("__MACOSX/") && !LEFT_OVERS.contains(&last)
}

fn take(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    left: &mut u64,
    limits: &DocumentLimits,
) -> Result<Vec<u8>, Refusal> {
    let file = archive.by_index(index).map_err(|error| refused(index, &error))?;
    let name = file_name(Some(file.name()), index, "bin");
    if file.enclosed_name().is_none() {
        return Err(Refusal::Skip(
            "unsafe_name",
            format!("{name} is left out: its name leads out of the archive"),
        ));
    }
    if file.is_symlink() {
        return Err(Refusal::Skip("unsafe_name", format!("{name} is left out: it is a link")));
    }
    let by_ratio = file.compressed_size().saturating_mul(u64::from(limits.archive_ratio)).max(FREE_OF_RATIO);
    let most = by_ratio.min(limits.archive_part_bytes);
    let mut bytes = Vec::new();
    let before = *left;
    let read = file.take(most.min(before) + 1).read_to_end(&mut bytes);
    // What was unpacked has cost its time, whether it is handed on or not.
    *left = before.saturating_sub(bytes.len() as u64);
    if bytes.len() as u64 > most {
        return Err(Refusal::Skip(
            "part_too_large",
            format!("{name} is left out: unpacked, it has more than {most} bytes"),
        ));
    }
    if bytes.len() as u64 > before {
        return Err(Refusal::Stop(format!(
            "{name} and the files after it are left out: unpacked, the archive is too large"
        )));
    }
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Refusal::Skip("broken_part", format!("{name} is left out: {error}"))),
    }
}

fn refused(index: usize, error: &ZipError) -> Refusal {
    let is_locked = matches!(error, ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED));
    let code = if is_locked { "part_locked" } else { "broken_part" };
    Refusal::Skip(code, format!("file {} of the archive is left out: {error}", index + 1))
}

fn broken(error: &ZipError) -> ReadError {
    ReadError::malformed(format!("the archive is broken: {error}"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::super::recorder::Recorder;
    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, bytes) in files {
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn read_all(bytes: &[u8], limits: &DocumentLimits) -> Result<Recorder, ReadError> {
        let mut recorder = Recorder::default();
        read(bytes, limits, &mut recorder).map(|_| recorder)
    }

    fn names(recorder: &Recorder) -> Vec<&str> {
        recorder.inner.iter().map(|inner| inner.name.as_str()).collect()
    }

    #[test]
    fn files_come_in_the_order_of_their_names_without_folders_and_left_overs() {
        let bytes = archive(&[
            ("b.txt", b"b"),
            ("x/a.txt", b"a"),
            ("a.txt", b"c"),
            ("__MACOSX/a", b""),
            (".DS_Store", b""),
        ]);
        let recorder = read_all(&bytes, &DocumentLimits::default()).unwrap();
        assert_eq!(names(&recorder), ["a.txt", "b.txt", "a.txt"]);
    }

    #[test]
    fn names_that_lead_out_are_left_out() {
        let recorder =
            read_all(&archive(&[("../evil.txt", b"x"), ("good.txt", b"y")]), &DocumentLimits::default())
                .unwrap();
        assert_eq!((names(&recorder), recorder.codes()), (vec!["good.txt"], vec!["unsafe_name"]));
    }

    #[test]
    fn bombs_are_left_out() {
        let bomb = vec![0; 20 << 20];
        let recorder = read_all(&archive(&[("a", &bomb), ("b", b"y")]), &DocumentLimits::default()).unwrap();
        assert_eq!((names(&recorder), recorder.codes()), (vec!["b"], vec!["part_too_large"]));
    }

    #[test]
    fn all_files_together_have_a_limit() {
        let limits = DocumentLimits { archive_bytes: 10, ..DocumentLimits::default() };
        let recorder = read_all(&archive(&[("a", b"12345678"), ("b", b"12345678")]), &limits).unwrap();
        assert_eq!((names(&recorder), recorder.codes()), (vec!["a"], vec!["truncated"]));
    }

    #[test]
    fn too_many_files_and_no_archive_are_refused() {
        let limits = DocumentLimits { archive_entries: 1, ..DocumentLimits::default() };
        let bytes = archive(&[("a", b"1"), ("b", b"2")]);
        assert_eq!(read_all(&bytes, &limits).unwrap_err().code, "document_too_large");
        let cut = &bytes[..bytes.len() / 2];
        assert_eq!(read_all(cut, &DocumentLimits::default()).unwrap_err().code, "malformed_document");
    }
}
