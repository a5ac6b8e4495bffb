//! How does `document.txt` look? A blank line between blocks, tabs between cells, a form feed between pages.

use std::borrow::Cow;
use std::io::{self, Write};

use super::super::model::{Block, BlockKind, Mark, Page, Table};
use super::super::script::Script;
use super::super::sink::LetterField;
use super::clean;
use super::grid::Grid;
use super::name;
use super::running::Running;

/// Steps of the indent of nested lists that are told apart.
const MOST_LEVELS: usize = 30;

/// Writes `document.txt`: UTF-8, nothing but the text. The form feed between two pages stands alone on its line.
#[derive(Debug)]
pub struct TextWriter<W: Write> {
    out: W,
    running: Running,
    pages: u64,
    /// Whether something of the page was written, and whether that was an item of a list.
    begun: bool,
    in_list: bool,
}

impl<W: Write> TextWriter<W> {
    /// Begins the file.
    pub fn new(out: W) -> Self {
        Self { out, running: Running::default(), pages: 0, begun: false, in_list: false }
    }

    /// Writes what stands over a message, a line a field; a blank line parts it from the message.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn front(&mut self, fields: &[LetterField]) -> io::Result<()> {
        for field in fields {
            writeln!(self.out, "{}: {}", field.name, clean::line(&field.value))?;
        }
        writeln!(self.out)
    }

    /// Writes the next page.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn page(&mut self, page: &Page) -> io::Result<()> {
        if self.pages > 0 {
            self.out.write_all(b"\n\x0c\n")?;
        }
        self.pages += 1;
        (self.begun, self.in_list) = (false, false);
        if let Some(name) = name::unsaid(page) {
            self.paragraph(&name)?;
        }
        page.blocks.iter().try_for_each(|block| self.block(block))
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn block(&mut self, block: &Block) -> io::Result<()> {
        match &block.kind {
            BlockKind::ListItem { level, number } => self.item(*level, *number, &scripted(block)),
            BlockKind::Table(table) => self.table(table),
            BlockKind::Code { .. } => self.paragraph(&clean::verbatim(&block.text)),
            BlockKind::Header | BlockKind::Footer => {
                let line = clean::line(&block.text);
                if self.running.is_new(&line) { self.paragraph(&line) } else { Ok(()) }
            }
            BlockKind::Footnote => {
                let sign = block.label.as_deref().map(|label| Script::Raised.written(label, None).0);
                let sign = sign.map(|sign| format!("{sign} ")).unwrap_or_default();
                let text = clean::lines(&scripted(block)).collect::<Vec<_>>().join("\n");
                self.paragraph(&if text.is_empty() { text } else { format!("{sign}{text}") })
            }
            _ => self.paragraph(&clean::lines(&scripted(block)).collect::<Vec<_>>().join("\n")),
        }
    }

    fn paragraph(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.part(false)?;
        writeln!(self.out, "{text}")
    }

    fn item(&mut self, level: u8, number: Option<u32>, text: &str) -> io::Result<()> {
        let lines: Vec<String> = clean::lines(text).collect();
        if lines.is_empty() {
            return Ok(());
        }
        self.part(true)?;
        let indent = " ".repeat(usize::from(level).min(MOST_LEVELS) * 2);
        let marker = number.map_or_else(|| "-".to_owned(), |number| format!("{number}."));
        let gap = format!("\n{indent}{} ", " ".repeat(marker.len()));
        writeln!(self.out, "{indent}{marker} {}", lines.join(&gap))
    }

    fn table(&mut self, table: &Table) -> io::Result<()> {
        self.paragraph(&clean::line(table.caption.as_deref().unwrap_or_default()))?;
        let mut first = true;
        for row in Grid::of(table).rows() {
            let cells: Vec<String> = row.into_iter().map(clean::line).collect();
            let line = cells.join("\t");
            if line.trim().is_empty() {
                continue;
            }
            if first {
                self.part(false)?;
                first = false;
            }
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Parts a block from the one before it; items of one list stand close.
    fn part(&mut self, item: bool) -> io::Result<()> {
        if self.begun && !(item && self.in_list) {
            self.out.write_all(b"\n")?;
        }
        (self.begun, self.in_list) = (true, item);
        Ok(())
    }
}

/// The text of a block, with `^` before what is raised and `_` before what is lowered.
fn scripted(block: &Block) -> Cow<'_, str> {
    let sign = |mark: &Mark| match mark {
        Mark::Raised => Some('^'),
        Mark::Lowered => Some('_'),
        _ => None,
    };
    let mut text = Cow::Borrowed(block.text.as_str());
    // The places behind one that grows would move.
    for span in block.spans.iter().rev() {
        let at = span.start as usize;
        if let Some(sign) = sign(&span.mark).filter(|_| text.is_char_boundary(at)) {
            text.to_mut().insert(at, sign);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cell, Span};

    #[test]
    fn what_is_raised_or_lowered_has_a_sign_before_it() {
        let span = |start, end, mark| Span { start, end, mark };
        let spans = vec![span(1, 3, Mark::Raised), span(5, 8, Mark::Lowered)];
        let block = Block { text: "4th xmax".into(), spans, ..Block::default() };
        assert_eq!(scripted(&block), "4^th x_max");
    }

    fn block(kind: BlockKind, text: &str) -> Block {
        Block { kind, text: text.into(), ..Block::default() }
    }

    #[test]
    fn a_page_reads_as_a_person_would_type_it() {
        let cells = vec![
            Cell { text: "Produto".into(), ..Cell::default() },
            Cell { column: 1, text: "Preço\nfinal".into(), ..Cell::default() },
            Cell { row: 1, text: "Café".into(), ..Cell::default() },
            Cell { row: 1, column: 1, text: "12,50".into(), ..Cell::default() },
        ];
        let table = Table { rows: 2, columns: 2, cells, caption: Some("Tabela 1".into()) };
        let item = |level, number| BlockKind::ListItem { level, number };
        let blocks = vec![
            block(BlockKind::Heading { level: 1 }, "Relatório"),
            block(item(0, Some(9)), "um\nainda um"),
            block(item(1, None), "dois"),
            block(BlockKind::Table(table), ""),
            block(BlockKind::Code { code_language: None }, "if x:\n    y"),
            block(BlockKind::Footer, "Página 1"),
        ];
        let last = vec![block(BlockKind::Paragraph, "Fim."), block(BlockKind::Footer, "Página 2")];
        let mut bytes = Vec::new();
        let mut writer = TextWriter::new(&mut bytes);
        writer.page(&Page { number: 1, blocks, ..Page::default() }).unwrap();
        writer.page(&Page { number: 2, blocks: last, ..Page::default() }).unwrap();
        writer.finish().unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "Relatório\n\n9. um\n   ainda um\n  - dois\n\nTabela 1\n\nProduto\tPreço final\nCafé\t12,50\n\n\
             if x:\n    y\n\nPágina 1\n\n\u{c}\nFim.\n"
        );
    }
}
