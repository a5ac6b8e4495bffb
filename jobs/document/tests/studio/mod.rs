//! A studio for tests: makes small documents, has them read without an engine, and looks at what came out.

#![expect(clippy::unwrap_used, reason = "what fails in a helper of a test fails the test")]

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use esteira_document::DocumentExtract;
use esteira_engine::child::WorkDir;
use esteira_engine::job::{Kind, KindError};
use pdf_writer::{Content, Name, Pdf, Rect, Ref, Str};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The one document of a studio.
pub const SOURCE: &str = "upload://00000000-0000-7000-8000-000000000001";

/// A folder in which a document is read.
pub struct Studio {
    folder: tempfile::TempDir,
    reports: Reports,
    file_name: Option<String>,
    kept: Option<Vec<u8>>,
}

#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<u8>>>);

impl Write for Reports {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Studio {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            reports: Reports::default(),
            file_name: None,
            kept: None,
        }
    }

    /// One where the document was uploaded under a name.
    pub fn called(name: &str) -> Self {
        Self { file_name: Some(name.to_owned()), ..Self::new() }
    }

    /// One whose attempt keeps what it has read, and has what earlier ones kept.
    pub fn keeping(kept: &[u8]) -> Self {
        Self { kept: Some(kept.to_vec()), ..Self::new() }
    }

    /// What was kept.
    pub fn kept(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path().join("tmp/checkpoints")).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    /// Reads `document` as `asked` says; what is left out of `settings` has its default.
    pub fn read_with(&self, document: &[u8], asked: Value, settings: &Value) -> Result<Value, KindError> {
        let path = self.folder.path().join("document");
        std::fs::write(&path, document).unwrap();
        let mut input = asked;
        input["source"] = json!(SOURCE);
        let kind = DocumentExtract;
        if let Err(faults) = kind.check(&input, settings) {
            panic!("the input is refused: {faults:#?}");
        }
        let files = BTreeMap::from([(SOURCE.to_owned(), path)]);
        let reports = Box::new(self.reports.clone());
        let root: PathBuf = self.folder.path().to_owned();
        let mut work = WorkDir::open(root, files, 2, reports, Arc::new(AtomicBool::new(false))).unwrap();
        work.call(self.file_name.iter().map(|name| (SOURCE.to_owned(), name.clone())).collect());
        if let Some(kept) = &self.kept {
            let path = self.folder.path().join("kept");
            std::fs::write(&path, kept).unwrap();
            work.resume(&path).unwrap();
        }
        kind.run(&input, settings, &mut work)
    }

    /// The same with the usual settings.
    pub fn read(&self, document: &[u8], asked: Value) -> Result<Value, KindError> {
        self.read_with(document, asked, &json!({}))
    }

    pub fn bytes(&self, artifact: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join("out").join(artifact)).unwrap()
    }

    pub fn text(&self, artifact: &str) -> String {
        String::from_utf8(self.bytes(artifact)).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes("document.json")).unwrap()
    }

    /// What the search is given, a passage a line.
    pub fn passages(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("tmp/passages.jsonl")).unwrap()
    }

    /// What it told its worker, a report a line.
    pub fn reports(&self) -> String {
        String::from_utf8(self.reports.0.lock().unwrap().clone()).unwrap()
    }

    /// The names of the artifacts in the order in which they were finished.
    pub fn artifacts(&self) -> Vec<String> {
        let reports = self.reports();
        let lines = reports.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines
            .filter(|report| report["event"] == "artifact")
            .map(|report| report["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// A PDF with lines of text on each of its pages, set in Helvetica.
pub fn pdf(pages: &[&str]) -> Vec<u8> {
    let lines = |text: &&str| -> Vec<Placed> {
        (0u16..)
            .zip(text.lines())
            .map(|(row, line)| (72.0, 700.0 - 24.0 * f32::from(row), line.to_owned()))
            .collect()
    };
    placed(&pages.iter().map(lines).collect::<Vec<_>>())
}

/// A PDF of one page with rows of texts in columns.
pub fn grid(rows: &[Vec<&str>]) -> Vec<u8> {
    let row = |(row, texts): (u16, &Vec<&str>)| {
        let place = |(column, text): (u16, &&str)| {
            (72.0 + 140.0 * f32::from(column), 700.0 - 24.0 * f32::from(row), (*text).to_owned())
        };
        (0u16..).zip(texts).map(place).collect::<Vec<Placed>>()
    };
    placed(&[(0u16..).zip(rows).flat_map(row).collect()])
}

/// A text, and where its first letter stands in points from the lower left corner.
type Placed = (f32, f32, String);

fn placed(pages: &[Vec<Placed>]) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let id = |n: usize| Ref::new(i32::try_from(n).unwrap());
    let (catalog, tree, font) = (id(1), id(2), id(3));
    let page_ids: Vec<Ref> = (0..pages.len()).map(|n| id(4 + 2 * n)).collect();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids(page_ids.iter().copied()).count(i32::try_from(pages.len()).unwrap());
    pdf.type1_font(font).base_font(Name(b"Helvetica")).encoding_predefined(Name(b"WinAnsiEncoding"));
    for (number, texts) in pages.iter().enumerate() {
        let content_id = id(5 + 2 * number);
        let mut page = pdf.page(page_ids[number]);
        page.media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).parent(tree).contents(content_id);
        page.resources().fonts().pair(Name(b"F"), font);
        drop(page);
        let mut content = Content::new();
        content.begin_text().set_font(Name(b"F"), 16.0);
        for (x, y, text) in texts {
            // WinAnsi has the letters of Portuguese at the places of Unicode.
            let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
            content.set_text_matrix([1.0, 0.0, 0.0, 1.0, *x, *y]).show(Str(&bytes));
        }
        content.end_text();
        pdf.stream(content_id, &content.finish());
    }
    pdf.finish()
}

/// An archive of files.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A PDF of one page that a picture covers, with a line of text at its foot: a scan with a stamp.
pub fn stamped(picture: &[u8], stamp: &str) -> Vec<u8> {
    let gray = image::load_from_memory(picture).unwrap().to_luma8();
    let mut pdf = Pdf::new();
    let [catalog, tree, font, page_id, content_id, scan] = [1, 2, 3, 4, 5, 6].map(Ref::new);
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids([page_id]).count(1);
    pdf.type1_font(font).base_font(Name(b"Helvetica")).encoding_predefined(Name(b"WinAnsiEncoding"));
    let mut page = pdf.page(page_id);
    page.media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).parent(tree).contents(content_id);
    let mut resources = page.resources();
    resources.fonts().pair(Name(b"F"), font);
    resources.x_objects().pair(Name(b"S"), scan);
    drop(resources);
    drop(page);
    let mut content = Content::new();
    content.save_state().transform([595.0, 0.0, 0.0, 842.0, 0.0, 0.0]).x_object(Name(b"S")).restore_state();
    content
        .begin_text()
        .set_font(Name(b"F"), 8.0)
        .next_line(40.0, 24.0)
        .show(Str(stamp.as_bytes()))
        .end_text();
    pdf.stream(content_id, &content.finish());
    let mut image = pdf.image_xobject(scan, gray.as_raw());
    image.width(i32::try_from(gray.width()).unwrap()).height(i32::try_from(gray.height()).unwrap());
    image.color_space().device_gray();
    image.bits_per_component(8);
    drop(image);
    pdf.finish()
}
