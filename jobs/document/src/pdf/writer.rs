//! Which PDFs do the tests read? Small ones, written here by hand.

use std::fmt::Write;
use std::path::PathBuf;

use super::PdfFile;
use crate::error::ReadError;
use crate::limits::DocumentLimits;

/// A page in the making: its content, and what its dictionary has besides.
#[derive(Debug, Default, Clone)]
pub struct Sheet {
    content: String,
    entries: String,
}

/// The fonts that a sheet may set text in.
#[derive(Debug, Clone, Copy)]
pub enum Font {
    Plain = 1,
    Bold = 2,
    Mono = 3,
}

impl Sheet {
    /// Sets a text whose baseline starts at `x`, `y` from the lower left corner of a page of 600 × 800 points.
    pub fn text(self, x: f32, y: f32, text: &str) -> Self {
        self.set(Font::Plain, 10.0, x, y, text)
    }

    /// The same, in another font and size.
    pub fn set(mut self, font: Font, size: f32, x: f32, y: f32, text: &str) -> Self {
        let codes = text.chars().map(|code| format!("{:02x}", u32::from(code).min(255))).collect::<String>();
        writeln!(self.content, "BT /F{} {size} Tf 1 0 0 1 {x} {y} Tm <{codes}> Tj ET", font as u8).unwrap();
        self
    }

    /// Draws a line.
    pub fn line(mut self, from: (f32, f32), to: (f32, f32)) -> Self {
        writeln!(self.content, "{} {} m {} {} l S", from.0, from.1, to.0, to.1).unwrap();
        self
    }

    /// Draws whatever these operators do.
    pub fn draw(mut self, operators: &str) -> Self {
        writeln!(self.content, "{operators}").unwrap();
        self
    }

    /// Adds an entry to the dictionary of the page.
    pub fn entry(mut self, entry: &str) -> Self {
        writeln!(self.entries, "{entry}").unwrap();
        self
    }
}

/// The bytes of a PDF of these pages. `catalogue` and `trailer` are further entries of those; `objects` are further objects,
/// from number 10 on; pages follow after them.
pub fn pdf(sheets: &[Sheet], catalogue: &str, trailer: &str, objects: &[&str]) -> Vec<u8> {
    let first = 10 + objects.len();
    let kids: String = (0..sheets.len()).map(|at| format!("{} 0 R ", first + 2 * at)).collect();
    let font =
        |name| format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>");
    let mut all = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalogue} >>"),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} /MediaBox [0 0 600 800] >>", sheets.len()),
        font("Helvetica"),
        font("Helvetica-Bold"),
        font("Courier"),
    ];
    all.resize(9, "null".to_owned());
    all.extend(objects.iter().map(|object| (*object).to_owned()));
    for (at, sheet) in sheets.iter().enumerate() {
        let content = first + 2 * at + 1;
        all.push(format!(
            "<< /Type /Page /Parent 2 0 R /Contents {content} 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> >> {} >>",
            sheet.entries
        ));
        all.push(format!("<< /Length {} >>\nstream\n{}endstream", sheet.content.len(), sheet.content));
    }
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut table = String::new();
    for (at, object) in all.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", bytes.len()).unwrap();
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let start = bytes.len();
    let count = all.len() + 1;
    bytes.extend(format!("xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n").bytes());
    bytes
}

/// Where the tests find PDFium.
pub fn library() -> PathBuf {
    let path = std::env::var_os("ESTEIRA_PDFIUM")
        .map_or_else(|| PathBuf::from("/usr/local/lib/esteira/libpdfium.so"), PathBuf::from);
    assert!(
        path.exists(),
        "there is no PDFium at {}: set ESTEIRA_PDFIUM to its libpdfium.so",
        path.display()
    );
    path
}

/// Opens a PDF that is written to a temporary file; the file goes when it is dropped.
pub fn open_with(
    bytes: &[u8],
    password: Option<&str>,
    limits: &DocumentLimits,
) -> Result<(PdfFile, tempfile::TempDir), ReadError> {
    crate::seeds::keep(bytes);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.pdf");
    std::fs::write(&path, bytes).unwrap();
    PdfFile::open(&library(), &path, password, limits).map(|file| (file, folder))
}

/// The same, as it is mostly done.
pub fn open(bytes: &[u8]) -> (PdfFile, tempfile::TempDir) {
    open_with(bytes, None, &DocumentLimits::default()).unwrap()
}
