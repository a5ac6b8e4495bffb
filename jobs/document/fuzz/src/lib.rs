//! What do the targets share? They hand bytes to a reader, and what it reads to every writer.

pub mod packages;
pub mod pages;
mod writers;

use std::io::Write;
use std::path::{Path, PathBuf};

use esteira_document::fuzzing::{
    Detail, DocumentLimits, Format, ImageFile, PageSink, PdfFile, Room, detect, read_flow, read_office,
};
pub use writers::Writers;

/// The limits of a job, but smaller: what takes long finds little.
pub fn limits() -> DocumentLimits {
    DocumentLimits {
        pages: 100,
        archive_part_bytes: 1 << 20,
        archive_bytes: 4 << 20,
        cells: 50_000,
        pixels: 1 << 20,
        text_bytes: 4 << 20,
        ..DocumentLimits::default()
    }
}

/// Reads a document of a format.
pub fn read(format: Format, bytes: &[u8]) {
    with_file(bytes, |path| read_file(format, bytes, path));
}

/// Reads whatever it is.
pub fn read_any(bytes: &[u8]) {
    with_file(bytes, |path| {
        if let Ok(format) = detect(path, None) {
            read_file(format, bytes, path);
        }
    });
}

/// Tells the format of a document that its sender calls `name`.
pub fn detected(bytes: &[u8], name: Option<&str>) {
    with_file(bytes, |path| drop(detect(path, name)));
}

/// A refusal is an answer; what the targets look for are panics, hangs and memory.
fn read_file(format: Format, bytes: &[u8], path: &Path) {
    let mut writers = Writers::default();
    match format.room() {
        Room::Flow => drop(read_flow(format, bytes, &limits(), &mut writers)),
        Room::Office => drop(read_office(format, path, &limits(), &mut writers)),
        Room::Pdf => pdf(path, &mut writers),
        Room::Picture => pictures(bytes),
    }
    writers.finish();
}

/// By the library that the default limits name.
fn pdf(path: &Path, writers: &mut Writers) {
    let limits = limits();
    let Ok(mut file) = PdfFile::open(&limits.pdfium, path, None, &limits) else { return };
    for number in 1..=file.page_count().min(4) {
        if let Ok(read) = file.page(number, Detail { words: true, tables: true }) {
            let _ = writers.page(read.page);
        }
    }
    let _ = (file.metadata(), file.attachments().count());
}

/// Reads a picture, of a TIFF its first pages.
pub fn pictures(bytes: &[u8]) {
    let Ok(file) = ImageFile::from_bytes(bytes.to_vec(), &limits()) else { return };
    for number in 0..file.page_count().min(4) {
        let _ = file.page(number);
    }
    let _ = file.upright_jpeg();
}

/// A file of the process's own, written anew for each input.
fn with_file(bytes: &[u8], read: impl FnOnce(&Path)) {
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("a folder for the documents");
    }
    FOLDER.with(|folder| {
        let path: PathBuf = folder.path().join("document");
        let mut file = std::fs::File::create(&path).expect("a file for the document");
        file.write_all(bytes).expect("room for the document");
        read(&path);
    });
}
