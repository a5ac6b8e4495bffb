//! How does a scan become a PDF that can be searched? By a text that nobody sees, over the pictures of its pages.

mod font;
mod image;
mod text;

use std::io::{self, Write};

use pdf_writer::{Chunk, Content, Filter, Finish, Name, Rect, Ref};

use super::super::error::ReadError;
use super::engine::Recognised;
use super::picture::Picture;

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const FONT: [Ref; 6] = [Ref::new(3), Ref::new(4), Ref::new(5), Ref::new(6), Ref::new(7), Ref::new(8)];
const FIRST_PAGE: i32 = 9;

/// A PDF that is written page by page. The same pages give the same bytes.
pub struct SearchablePdf<W: Write> {
    out: W,
    /// Where each object begins; they are numbered from 1 on in the order of this list's indices.
    offsets: Vec<u64>,
    written: u64,
    pages: Vec<Ref>,
}

/// Why a page was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The picture is not fit for a PDF.
    #[error(transparent)]
    Picture(#[from] ReadError),
    /// The PDF could not be written.
    #[error("failed to write the searchable PDF")]
    Write(#[from] io::Error),
}

impl<W: Write> SearchablePdf<W> {
    /// Begins a PDF in `out`.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn new(out: W) -> io::Result<Self> {
        let mut pdf = Self { out, offsets: vec![0; FIRST_PAGE as usize - 1], written: 0, pages: Vec::new() };
        pdf.put(b"%PDF-1.7\n%\x80\x80\x80\x80\n\n")?;
        for (id, chunk) in font::objects(FONT) {
            pdf.object(id, &chunk)?;
        }
        Ok(pdf)
    }

    /// Adds a page with `picture`, as it was given to the engine, and the words that were recognised in it.
    /// `jpeg` is the file that the picture was read from, when that is a JPEG with the same pixels.
    ///
    /// # Errors
    /// When the picture is too large for a PDF, or the PDF cannot be written.
    pub fn add(
        &mut self,
        picture: &Picture,
        recognised: &Recognised,
        jpeg: Option<&[u8]>,
    ) -> Result<(), AddError> {
        let [page, content, image] = [0, 1, 2].map(|at| self.next(at));
        let page_size = (
            recognised.page.width.unwrap_or(picture.width() as f32),
            recognised.page.height.unwrap_or(picture.height() as f32),
        );
        let mut drawing = Content::new();
        drawing.save_state();
        drawing.transform(turned(recognised.quarters, page_size));
        drawing.x_object(Name(b"P"));
        drawing.restore_state();
        text::draw(&mut drawing, &recognised.page.blocks, recognised.skew, page_size.1);
        let mut chunk = Chunk::new();
        chunk.stream(content, &font::deflated(&drawing.finish())).filter(Filter::FlateDecode).finish();
        let picture = image::object(image, picture, jpeg)?;
        self.object(page, &page_object([page, content, image], page_size))?;
        self.object(content, &chunk)?;
        self.object(image, &picture)?;
        self.pages.push(page);
        Ok(())
    }

    /// Ends the PDF, and gives back what it was written to.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn finish(mut self) -> io::Result<W> {
        let mut catalog = Chunk::new();
        catalog.indirect(CATALOG).dict().pair(Name(b"Type"), Name(b"Catalog")).pair(Name(b"Pages"), PAGES);
        self.object(CATALOG, &catalog)?;
        let mut pages = Chunk::new();
        let count = i32::try_from(self.pages.len()).unwrap_or(i32::MAX);
        pages.pages(PAGES).kids(self.pages.iter().copied()).count(count);
        self.object(PAGES, &pages)?;
        let table = self.written;
        let size = self.offsets.len() + 1;
        self.put(format!("xref\n0 {size}\n0000000000 65535 f\r\n").as_bytes())?;
        for offset in std::mem::take(&mut self.offsets) {
            self.put(format!("{offset:010} 00000 n\r\n").as_bytes())?;
        }
        self.put(format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").as_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// The number of the object after `more` others that come next.
    fn next(&self, more: i32) -> Ref {
        Ref::new(FIRST_PAGE + 3 * i32::try_from(self.pages.len()).unwrap_or(i32::MAX / 4) + more)
    }

    /// Writes the one object that `chunk` has.
    fn object(&mut self, id: Ref, chunk: &Chunk) -> io::Result<()> {
        let index = id.get() as usize - 1;
        if index >= self.offsets.len() {
            self.offsets.resize(index + 1, 0);
        }
        if let Some(offset) = self.offsets.get_mut(index) {
            *offset = self.written;
        }
        self.put(chunk.as_bytes())
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written += bytes.len() as u64;
        self.out.write_all(bytes)
    }
}

fn page_object([page, content, image]: [Ref; 3], (width, height): (f32, f32)) -> Chunk {
    let mut chunk = Chunk::new();
    let mut object = chunk.page(page);
    object.parent(PAGES).media_box(Rect::new(0.0, 0.0, width, height)).contents(content);
    let mut resources = object.resources();
    resources.fonts().pair(text::FONT, FONT[0]);
    resources.x_objects().pair(Name(b"P"), image);
    resources.finish();
    object.finish();
    chunk
}

/// Puts a picture's unit square on a page, turned clockwise by `quarters`.
fn turned(quarters: u8, (width, height): (f32, f32)) -> [f32; 6] {
    match quarters % 4 {
        0 => [width, 0.0, 0.0, height, 0.0, 0.0],
        1 => [0.0, -height, width, 0.0, 0.0, height],
        2 => [-width, 0.0, 0.0, -height, width, height],
        _ => [0.0, height, -width, 0.0, width, 0.0],
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::model::{Block, Page, Rect as Box, Word};
    use super::super::picture::Samples;
    use super::*;

    fn pdf() -> Vec<u8> {
        let picture = Picture::new(200, 100, Samples::Gray(vec![255; 20_000]), None).unwrap();
        let word = |text: &str, x0: f32| Word {
            text: text.into(),
            bounds: Box { x0, y0: 20.0, x1: x0 + 60.0, y1: 40.0 },
            confidence: Some(0.9),
        };
        let words = vec![word("Informação", 20.0), word("avô", 90.0)];
        let page = Page {
            number: 1,
            width: Some(200.0),
            height: Some(100.0),
            blocks: vec![Block { text: "Informação avô".into(), words, ..Block::default() }],
            ..Page::default()
        };
        let recognised = Recognised { page, quarters: 0, skew: 0.0, warnings: Vec::new() };
        let mut pdf = SearchablePdf::new(Vec::new()).unwrap();
        pdf.add(&picture, &recognised, None).unwrap();
        pdf.add(&picture, &recognised, None).unwrap();
        pdf.finish().unwrap()
    }

    #[test]
    fn every_object_is_where_the_table_says() {
        let pdf = pdf();
        let text = String::from_utf8_lossy(&pdf);
        let table = pdf.windows(5).rposition(|five| five == b"xref\n").unwrap();
        let start = pdf[..table].windows(4).rposition(|four| four == b"xref").unwrap();
        let rows = String::from_utf8_lossy(&pdf[start..]).into_owned();
        let offsets: Vec<usize> = rows
            .lines()
            .filter(|row| row.contains(" 00000 n"))
            .map(|row| row[..10].parse().unwrap())
            .collect();
        assert_eq!(offsets.len(), FIRST_PAGE as usize - 1 + 6);
        for (index, offset) in offsets.into_iter().enumerate() {
            assert!(pdf[offset..].starts_with(format!("{} 0 obj", index + 1).as_bytes()), "{index}");
        }
        assert!(text.contains("/Count 2"));
    }

    #[test]
    fn the_same_pages_give_the_same_bytes() {
        assert_eq!(pdf(), pdf());
    }

    #[test]
    fn a_turned_picture_fills_its_page() {
        for quarters in 0..4 {
            let [a, b, c, d, e, f] = turned(quarters, (200.0, 100.0));
            let corner = |u: f32, v: f32| (a * u + c * v + e, b * u + d * v + f);
            let (low, high) = (corner(0.0, 0.0), corner(1.0, 1.0));
            assert_eq!((low.0.min(high.0), low.1.min(high.1)), (0.0, 0.0));
            assert_eq!((low.0.max(high.0), low.1.max(high.1)), (200.0, 100.0));
        }
        // Clockwise, the upper left corner of the picture comes to the upper right.
        let [a, b, c, d, e, f] = turned(1, (200.0, 100.0));
        assert_eq!((a * 0.0 + c * 1.0 + e, b * 0.0 + d * 1.0 + f), (200.0, 100.0));
    }
}
