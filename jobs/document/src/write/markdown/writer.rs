//! What stands between the blocks, and between the pages?

use std::io::{self, Write};

use serde_json::Value;

use super::super::super::model::{Block, BlockKind, Page, PageKind, Table};
use super::super::super::sink::LetterField;
use super::super::clean;
use super::super::name;
use super::super::running::Running;
use super::block;
use super::inline::inline;
use super::list::Lists;
use super::spans::Place;
use super::table;

/// Writes `document.md`.
#[derive(Debug)]
pub struct MarkdownWriter<W: Write> {
    out: W,
    running: Running,
    lists: Lists,
    /// Whether anything was written, and whether that was a quotation.
    begun: bool,
    in_quote: bool,
}

impl<W: Write> MarkdownWriter<W> {
    /// Begins the file.
    pub fn new(out: W) -> Self {
        Self { out, running: Running::default(), lists: Lists::default(), begun: false, in_quote: false }
    }

    /// Writes what stands over a message, as front matter in YAML: at the beginning of the file only.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn front(&mut self, fields: &[LetterField]) -> io::Result<()> {
        // A string of JSON is one of YAML.
        let line = |field: &LetterField| {
            format!("{}: {}\n", field.name.to_lowercase(), Value::from(clean::line(&field.value)))
        };
        let lines: String = fields.iter().map(line).collect();
        self.block_text(&format!("---\n{lines}---"))
    }

    /// Writes the next page: its number in a comment, the name that no heading of it says, its blocks.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn page(&mut self, page: &Page) -> io::Result<()> {
        let kind = match page.kind {
            PageKind::Page => "page",
            PageKind::Sheet => "sheet",
            PageKind::Slide => "slide",
            PageKind::Part => "part",
        };
        self.block_text(&format!("<!-- {kind} {} -->", page.number))?;
        if let Some(name) = name::unsaid(page) {
            self.block_text(&block::heading(1, &name))?;
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
            BlockKind::Heading { level } => self.block_text(&block::heading_block(*level, block)),
            BlockKind::ListItem { level, number } => self.item(*level, *number, block),
            BlockKind::Table(table) => self.table(table),
            BlockKind::Code { code_language } => {
                self.block_text(&block::code(code_language.as_deref(), &block.text))
            }
            BlockKind::Quote => self.quote(block),
            BlockKind::Comment => self.block_text(&block::comment(block)),
            BlockKind::Header | BlockKind::Footer => {
                let is_new = self.running.is_new(&clean::line(&block.text));
                if is_new { self.block_text(&block::paragraph(block)) } else { Ok(()) }
            }
            BlockKind::Figure => self.block_text(&block::figure(block)),
            BlockKind::Footnote => self.block_text(&block::footnote(block)),
            BlockKind::Paragraph | BlockKind::Field => self.block_text(&block::paragraph(block)),
        }
    }

    /// Writes a block by itself, unless it is empty.
    fn block_text(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.part()?;
        writeln!(self.out, "{text}")
    }

    /// Parts a block from the one before it.
    fn part(&mut self) -> io::Result<()> {
        if self.begun {
            self.out.write_all(b"\n")?;
        }
        self.lists.end();
        (self.begun, self.in_quote) = (true, false);
        Ok(())
    }

    /// Quotations one after another are one of several paragraphs.
    fn quote(&mut self, block: &Block) -> io::Result<()> {
        let text = block::quote(block);
        if !text.is_empty() && self.in_quote {
            return write!(self.out, ">\n{text}\n");
        }
        let was_in_quote = self.in_quote;
        self.block_text(&text)?;
        self.in_quote = was_in_quote || !text.is_empty();
        Ok(())
    }

    fn item(&mut self, level: u8, number: Option<u32>, block: &Block) -> io::Result<()> {
        let text = inline(&block.text, &block.spans, Place::Block);
        if text.is_empty() {
            return Ok(());
        }
        if !self.lists.is_open() {
            self.part()?;
        }
        let marker = self.lists.item(level, number);
        if marker.apart {
            self.out.write_all(b"\n")?;
        }
        let indent = " ".repeat(marker.indent);
        let below = format!("\n{indent}{}", " ".repeat(marker.text.len()));
        writeln!(self.out, "{indent}{}{}", marker.text, text.replace('\n', &below))
    }

    fn table(&mut self, table: &Table) -> io::Result<()> {
        self.block_text(&inline(table.caption.as_deref().unwrap_or_default(), &[], Place::Block))?;
        if !table::has_text(table) {
            return Ok(());
        }
        self.part()?;
        table::write(&mut self.out, table)
    }
}

#[cfg(test)]
#[path = "round_trip.rs"]
mod round_trip;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cell, Mark, Span};

    fn block(kind: BlockKind, text: &str) -> Block {
        Block { kind, text: text.into(), ..Block::default() }
    }

    fn written(pages: &[Page]) -> String {
        let mut bytes = Vec::new();
        let mut writer = MarkdownWriter::new(&mut bytes);
        pages.iter().for_each(|page| writer.page(page).unwrap());
        writer.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_page_reads_as_a_person_would_write_it() {
        let cell = |row, column, text: &str| Cell { row, column, text: text.into(), ..Cell::default() };
        let cells = vec![
            Cell { column_span: 2, header: true, ..cell(0, 0, "Preço | custo") },
            cell(1, 0, "Café\nmoído"),
            cell(1, 1, "12,50"),
        ];
        let table = Table { rows: 2, columns: 2, cells, caption: Some("Tabela 1".into()) };
        let item = |level, number| BlockKind::ListItem { level, number };
        let link = Span { start: 5, end: 9, mark: Mark::Link { url: "https://x.br".into() } };
        let blocks = vec![
            block(BlockKind::Heading { level: 2 }, "Relatório nº 1"),
            Block { spans: vec![link], ..block(BlockKind::Paragraph, "Veja aqui.") },
            block(item(0, Some(2)), "dois"),
            block(item(1, None), "meio"),
            block(BlockKind::Table(table), ""),
            block(BlockKind::Quote, "um"),
            block(BlockKind::Quote, "dois"),
            block(BlockKind::Comment, "rever"),
            block(BlockKind::Figure, ""),
            block(BlockKind::Footer, "Página 1 de 2"),
        ];
        let last = vec![block(BlockKind::Footer, "Página 2 de 2")];
        let pages = [
            Page { number: 1, blocks, ..Page::default() },
            Page {
                number: 2,
                kind: PageKind::Sheet,
                name: Some("Custos".into()),
                blocks: last,
                ..Page::default()
            },
        ];
        assert_eq!(
            written(&pages),
            "<!-- page 1 -->\n\n## Relatório nº 1\n\nVeja [aqui](https://x.br).\n\n2. dois\n   - meio\n\nTabela 1\n\n\
             | Preço \\| custo |  |\n| --- | --- |\n| Café<br>moído | 12,50 |\n\n> um\n>\n> dois\n\n<!-- note: rever -->\n\n\
             ![]()\n\nPágina 1 de 2\n\n<!-- sheet 2 -->\n\n# Custos\n"
        );
    }
}
