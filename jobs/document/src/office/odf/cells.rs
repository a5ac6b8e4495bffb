//! What do the rows of an ODS show?

use super::super::super::model::{Block, BlockKind};
use super::super::output::Output;
use super::super::sheet::decimal::general;
use super::super::sheet::store::{Area, LAST_COLUMN, LAST_ROW, reference};
use super::super::sheet::{Sheet, Stored};
use super::super::word::docx::joined;
use super::super::xml::{Element, Token, Xml, XmlFault};
use super::flow::{Flow, Item};
use super::package::Package;

/// Cells that a row may have by telling that it, or one of them, is repeated; more of the same is filling.
const MOST_COPIES: u32 = 100_000;

/// Reads the rows of a sheet to its end.
pub fn rows(
    xml: &mut Xml<'_>,
    package: &mut Package,
    sheet: &mut Sheet,
    output: &mut Output<'_>,
) -> Result<(), XmlFault> {
    let depth = xml.depth();
    let mut row = 0_u32;
    let mut is_full = false;
    loop {
        match xml.token()? {
            Token::Start(start) => match &*start.name {
                "table-row" if is_full => xml.skip(),
                "table-row" => {
                    let repeated = start.number("number-rows-repeated").unwrap_or(1_u32).max(1);
                    let cells = cells(xml, row, package, sheet, output)?;
                    is_full = !repeat(&cells, row, repeated, sheet, output);
                    row = row.saturating_add(repeated);
                }
                "shapes" => {
                    let shapes = xml.element(start);
                    drawn(&shapes, package, sheet, output);
                }
                "table-row-group" | "table-header-rows" | "table-rows" => {}
                _ => xml.skip(),
            },
            Token::End if xml.depth() < depth => return Ok(()),
            Token::Done => return Ok(()),
            _ => {}
        }
    }
}

/// The cells of a row.
fn cells(
    xml: &mut Xml<'_>,
    row: u32,
    package: &mut Package,
    sheet: &mut Sheet,
    output: &mut Output<'_>,
) -> Result<Vec<(u32, Stored)>, XmlFault> {
    let depth = xml.depth();
    let mut cells = Vec::new();
    let mut column = 0_u32;
    loop {
        match xml.token()? {
            Token::Start(start) => {
                let element = xml.element(start);
                let repeated = element.number("number-columns-repeated").unwrap_or(1_u32).max(1);
                if &*element.name == "table-cell" && column <= LAST_COLUMN && row <= LAST_ROW {
                    let (text, value) = shown(&element, (row, column), package, sheet, output);
                    merge(&element, row, column, sheet);
                    if !text.is_empty() {
                        let repeated = repeated.min(LAST_COLUMN + 1 - column);
                        cells.push((repeated, Stored { row, column, text, value }));
                    }
                }
                column = column.saturating_add(repeated);
            }
            Token::End if xml.depth() < depth => return Ok(cells),
            Token::Done => return Ok(cells),
            _ => {}
        }
    }
}

/// Adds the cells of a row, as often as they and the row are repeated; no when a limit is reached.
fn repeat(
    cells: &[(u32, Stored)],
    row: u32,
    repeated: u32,
    sheet: &mut Sheet,
    output: &mut Output<'_>,
) -> bool {
    if cells.is_empty() {
        return true;
    }
    let last = row.saturating_add(repeated).min(LAST_ROW + 1);
    let copies = cells
        .iter()
        .fold(0_u32, |sum, (times, _)| sum.saturating_add(*times))
        .saturating_mul(last - row.min(last));
    if copies > MOST_COPIES {
        output.truncate("a cell is repeated too often");
    }
    let mut left = MOST_COPIES;
    for row in row..last {
        for (times, cell) in cells {
            for column in cell.column..cell.column + times {
                if left == 0 {
                    return true;
                }
                left -= 1;
                let copy = Stored { row, column, text: cell.text.clone(), value: cell.value };
                if !sheet.push(output, copy) {
                    return false;
                }
            }
        }
    }
    true
}

fn merge(cell: &Element, row: u32, column: u32, sheet: &mut Sheet) {
    let span = |name: &str| cell.number::<u32>(name).unwrap_or(1).max(1) - 1;
    sheet.merge(Area {
        first_row: row,
        first_column: column,
        last_row: row.saturating_add(span("number-rows-spanned")).min(LAST_ROW),
        last_column: column.saturating_add(span("number-columns-spanned")).min(LAST_COLUMN),
    });
}

/// What a cell shows, and the number behind it. What is drawn in it and said about it goes to the sheet.
fn shown(
    cell: &Element,
    (row, column): (u32, u32),
    package: &mut Package,
    sheet: &mut Sheet,
    output: &mut Output<'_>,
) -> (String, Option<f64>) {
    let value = cell.number::<f64>("value").filter(|it| it.is_finite());
    if cell.children.is_empty() {
        let raw =
            ["string-value", "date-value", "time-value", "boolean-value"].iter().find_map(|it| cell.attr(it));
        let text = value.map(general).or_else(|| raw.map(str::to_owned)).unwrap_or_default();
        return (text, value);
    }
    let mut flow = Flow::new(package, output);
    let text = joined(&flow.apart_texts(cell));
    for item in std::mem::take(&mut flow.items) {
        match item {
            Item::Note(mut block) if block.kind == BlockKind::Comment => {
                block.text = format!("{}: {}", reference(row, column), block.text);
                block.spans.clear();
                sheet.comments.push(block);
            }
            Item::Block(block) => sheet.drawn.push(block),
            _ => {}
        }
    }
    (text, value)
}

fn drawn(shapes: &Element, package: &mut Package, sheet: &mut Sheet, output: &mut Output<'_>) {
    let mut flow = Flow::new(package, output);
    flow.elements(shapes);
    for item in std::mem::take(&mut flow.items) {
        if let Item::Block(block) = item
            && output.block_fits(&block)
        {
            sheet.drawn.push(block);
        }
    }
}

impl Flow<'_, '_> {
    /// The paragraphs of a cell; what else is in it stays among the items.
    fn apart_texts(&mut self, cell: &Element) -> Vec<Block> {
        let mut texts = Vec::new();
        for element in cell.elements() {
            let before = self.items.len();
            self.element(element);
            if matches!(&*element.name, "p" | "list") {
                let items = self.items.split_off(before);
                for item in items {
                    match item {
                        Item::Block(block) if block.kind != BlockKind::Figure => texts.push(block),
                        other => self.items.push(other),
                    }
                }
            }
        }
        texts
    }
}
