//! How is a bundle of documents opened without harm? File by file in the order of their names, each within its limits.

use std::collections::BTreeMap;
use std::io::Cursor;

use zip::ZipArchive;
use zip::result::ZipError;

use super::super::archive::{Allowance, Refusal, declared_entries};
use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Metadata, Warning};
use super::super::sink::{Flow, Inner, PageSink};
use super::gather::truncation;
use super::letter::file_name;

/// Files that systems leave beside the documents.
const LEFT_OVERS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// Hands on the files of a bundle.
pub fn read(bytes: &[u8], limits: &DocumentLimits, sink: &mut dyn PageSink) -> Result<Metadata, ReadError> {
    let mut file = Cursor::new(bytes);
    let entries = declared_entries(&mut file).unwrap_or(0);
    if entries > u64::from(limits.archive_entries) {
        let most = limits.archive_entries;
        return Err(ReadError::too_large(format!("the archive has more than {most} files")));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    if archive.has_overlapping_files().map_err(|error| broken(&error))? {
        return Err(ReadError::malformed("files of the archive lie over each other"));
    }
    sink.expect_pages(0);
    let mut allowance = Allowance::new(limits);
    for (name, index) in ordered(&archive) {
        let unpacked = take(&mut archive, index, &mut allowance);
        match unpacked {
            Ok(bytes) => {
                if sink.inner(Inner { name: file_name(Some(&name), index, "bin"), bytes })? == Flow::Enough {
                    break;
                }
            }
            Err(LeftOut::Stop(message)) => {
                sink.warn(truncation(&message));
                break;
            }
            Err(LeftOut::Skip(code, message)) => sink.warn(Warning::new(code, message).with_loss()),
        }
    }
    Ok(Metadata { pages: Some(0), ..Metadata::default() })
}

/// Why a file is not handed on.
enum LeftOut {
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
    allowance: &mut Allowance,
) -> Result<Vec<u8>, LeftOut> {
    let file = archive.by_index(index).map_err(|error| refused(index, &error))?;
    let name = file_name(Some(file.name()), index, "bin");
    if file.enclosed_name().is_none() {
        return Err(LeftOut::Skip(
            "unsafe_name",
            format!("{name} is left out: its name leads out of the archive"),
        ));
    }
    if file.is_symlink() {
        return Err(LeftOut::Skip("unsafe_name", format!("{name} is left out: it is a link")));
    }
    allowance.unpack(file).map_err(|refusal| match refusal {
        Refusal::TooLarge(most) => {
            let message = format!("{name} is left out: unpacked, it has more than {most} bytes");
            LeftOut::Skip("part_too_large", message)
        }
        Refusal::Spent => LeftOut::Stop(format!(
            "{name} and the files after it are left out: unpacked, the archive is too large"
        )),
        Refusal::Broken(error) => LeftOut::Skip("broken_part", format!("{name} is left out: {error}")),
    })
}

fn refused(index: usize, error: &ZipError) -> LeftOut {
    let is_locked = matches!(error, ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED));
    let code = if is_locked { "part_locked" } else { "broken_part" };
    LeftOut::Skip(code, format!("file {} of the archive is left out: {error}", index + 1))
}

fn broken(error: &ZipError) -> ReadError {
    ReadError::malformed(format!("the archive is broken: {error}"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::super::super::recorder::Recorder;
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
        crate::seeds::keep(bytes);
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
