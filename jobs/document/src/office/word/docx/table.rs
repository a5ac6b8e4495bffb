//! How does a table of a DOCX become a table of the model?

use super::super::super::super::error::ReadError;
use super::super::super::super::model::{Block, BlockKind, Cell};
use super::super::super::grid::Grid;
use super::super::super::ooxml::is_on;
use super::super::super::xml::Element;
use super::body::Body;

impl Body<'_, '_, '_> {
    /// Adds the table. A table of one cell is a frame: what is in it stands for itself.
    pub fn table(&mut self, table: &Element) -> Result<(), ReadError> {
        let mut rows = Vec::new();
        inside(table, "tr", &mut rows);
        if let [row] = rows.as_slice() {
            let mut cells = Vec::new();
            inside(row, "tc", &mut cells);
            if let [cell] = cells.as_slice() {
                return self.elements(cell);
            }
        }
        let mut grid = Grid::default();
        let mut heads = 0;
        let mut pages = 0;
        for (place, row) in rows.iter().enumerate() {
            let properties = row.child("trPr");
            if properties.is_some_and(|it| it.child("del").is_some()) {
                continue;
            }
            grid.begin_row();
            if heads == place && properties.and_then(|it| it.child("tblHeader")).is_some_and(is_on) {
                heads += 1;
            }
            pages += self.row(row, &mut grid)?;
            if self.story.is_done() {
                break;
            }
        }
        if heads == 0 && heads_by_look(table) && rows.len() > 1 {
            heads = 1;
        }
        grid.head(u32::try_from(heads).unwrap_or_default());
        if !grid.is_blank() {
            self.give(grid.block());
        }
        if self.inner.is_empty() {
            for _ in 0..pages {
                self.story.break_after_block();
            }
            self.story.settle_breaks()?;
        }
        Ok(())
    }

    /// Adds a row; how many pages began in it.
    fn row(&mut self, row: &Element, grid: &mut Grid) -> Result<u32, ReadError> {
        let before = row.at(&["trPr", "gridBefore"]).and_then(|it| it.number("val")).unwrap_or_default();
        grid.skip(before);
        let mut cells = Vec::new();
        inside(row, "tc", &mut cells);
        let mut pages = 0;
        for cell in cells {
            let properties = cell.child("tcPr");
            let value = |name: &str| properties.and_then(|it| it.child(name));
            let column_span = value("gridSpan").and_then(|it| it.number("val")).unwrap_or(1).max(1);
            let continues =
                value("vMerge").is_some_and(|it| it.attr("val").is_none_or(|val| val == "continue"));
            pages = pages.max(breaks(cell));
            if continues && grid.continue_above(column_span) {
                continue;
            }
            let blocks = self.apart(cell)?;
            let text = joined(&blocks);
            if !self.story.out.cell_fits() || !self.story.out.held_fits(text.len()) {
                break;
            }
            if !continues {
                grid.add(Cell { text, column_span, ..Cell::default() });
            }
        }
        Ok(pages)
    }
}

/// The texts of blocks, a line each; items of ordered lists with their numbers.
pub fn joined(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks.iter().filter(|it| !it.text.is_empty()) {
        if !text.is_empty() {
            text.push('\n');
        }
        if let BlockKind::ListItem { number: Some(number), .. } = block.kind {
            text.push_str(&format!("{number}. "));
        }
        text.push_str(&block.text);
    }
    text
}

/// The elements called `name` in `parent`, those wrapped in controls and insertions too.
fn inside<'t>(parent: &'t Element, name: &str, found: &mut Vec<&'t Element>) {
    for element in parent.elements() {
        match &*element.name {
            it if it == name => found.push(element),
            "sdt" | "sdtContent" | "customXml" | "ins" | "moveTo" | "smartTag" => {
                inside(element, name, found);
            }
            _ => {}
        }
    }
}

/// Whether the table's look gives its first row a look of its own (ECMA-376, 17.4.55: the bit 0x20).
fn heads_by_look(table: &Element) -> bool {
    let Some(look) = table.at(&["tblPr", "tblLook"]) else { return false };
    if let Some(first) = look.attr("firstRow") {
        return matches!(first, "1" | "true" | "on");
    }
    let bits = look.attr("val").and_then(|it| u32::from_str_radix(it, 16).ok()).unwrap_or_default();
    bits & 0x20 != 0
}

/// How many pages began inside of a cell.
fn breaks(element: &Element) -> u32 {
    let own = |it: &Element| if &*it.name == "lastRenderedPageBreak" { 1 } else { breaks(it) };
    element.elements().map(own).sum()
}
