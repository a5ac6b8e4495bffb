//! Which cells does a table of a page have, and where?

use super::super::super::model::{Block, BlockKind, Cell, Mark, Span, Table};
use super::super::gather::{Gather, prefix};
use super::super::grid;
use super::dom::Id;
use super::page::Page;
use super::seen::is_hidden;
use super::walk;

/// The most columns that a cell may cover, by the standard of HTML.
const MAX_COLUMN_SPAN: u32 = 1000;
/// The most rows, by the same.
const MAX_ROW_SPAN: u32 = 65_534;
/// Columns beyond these are left out.
const MAX_COLUMNS: u32 = 16_384;

/// Rows that belong together: no cell reaches from one such group into another.
struct Section {
    rows: Vec<Id>,
    is_head: bool,
}

/// Reads a table; nothing where it says nothing.
pub fn read(page: &Page<'_>, id: Id, gather: &mut Gather, depth: u32) -> Option<Block> {
    let mut reading = Reading {
        page,
        depth,
        // The rest is for tabs and for what is repeated.
        room: gather.room() - gather.room() / 4,
        places: page.cells,
        cells: Vec::new(),
        links: Vec::new(),
        is_truncated: false,
    };
    let mut first = 0;
    for section in sections(page, id) {
        first = reading.section(&section, first);
    }
    if reading.is_truncated {
        gather.note_loss();
    }
    if reading.cells.iter().all(|cell| cell.text.is_empty()) {
        return None;
    }
    let mut table = Table { cells: reading.cells, caption: caption(page, id, depth), ..Table::default() };
    let order = grid::tidy(&mut table);
    let (text, starts) = grid::lines(&table);
    let spans = place_links(reading.links, &order, &starts, text.len());
    Some(Block { kind: BlockKind::Table(table), text, spans, ..Block::default() })
}

/// The head comes first and the foot last, wherever they are written.
fn sections(page: &Page<'_>, table: Id) -> Vec<Section> {
    let tree = page.tree;
    let is_row = |id: &Id| tree.name(*id) == "tr" && !is_hidden(tree, *id);
    let (mut heads, mut bodies, mut feet) = (Vec::new(), Vec::new(), Vec::new());
    for child in tree.children(table).filter(|&child| !is_hidden(tree, child)) {
        let name = tree.name(child);
        let rows = tree.children(child).filter(is_row).collect();
        match name {
            "thead" => heads.push(Section { rows, is_head: true }),
            "tbody" => bodies.push(Section { rows, is_head: false }),
            "tfoot" => feet.push(Section { rows, is_head: false }),
            _ => {}
        }
    }
    heads.into_iter().chain(bodies).chain(feet).collect()
}

fn caption(page: &Page<'_>, table: Id, depth: u32) -> Option<String> {
    let caption = page.tree.children(table).find(|&child| page.tree.name(child) == "caption")?;
    let (text, ..) = walk::cell(page, caption, 4096, depth + 1);
    let text = text.replace('\n', " ");
    (!text.is_empty()).then(|| prefix(&text, 4096).to_owned())
}

struct Reading<'a> {
    page: &'a Page<'a>,
    depth: u32,
    /// Bytes of text that are left for its cells.
    room: usize,
    /// Places that are left for its cells, each counted as often as it covers one.
    places: u64,
    cells: Vec<Cell>,
    /// The links in the cells, by the number of the cell.
    links: Vec<(usize, Span)>,
    is_truncated: bool,
}

impl Reading<'_> {
    /// Reads rows into those from `first` on; answers with the one after them.
    fn section(&mut self, section: &Section, first: u32) -> u32 {
        let end = first.saturating_add(u32::try_from(section.rows.len()).unwrap_or(u32::MAX));
        // Until which row each column is taken by a cell from above.
        let mut taken: Vec<u32> = Vec::new();
        for (row, &id) in (first..end).zip(&section.rows) {
            let mut column = 0;
            let tree = self.page.tree;
            for cell in tree.children(id).filter(|&cell| matches!(tree.name(cell), "td" | "th")) {
                if self.is_truncated || is_hidden(tree, cell) {
                    continue;
                }
                while taken.get(column as usize).is_some_and(|&until| until > row) {
                    column += 1;
                }
                column = self.cell(cell, (row, end), column, section.is_head, &mut taken);
            }
        }
        end
    }

    /// Reads a cell that begins in `row` of the rows before `end`; answers with the column after it.
    fn cell(
        &mut self,
        id: Id,
        (row, end): (u32, u32),
        column: u32,
        is_head: bool,
        taken: &mut Vec<u32>,
    ) -> u32 {
        let column_span = self.number(id, "colspan", MAX_COLUMN_SPAN).max(1);
        let row_span = match self.number(id, "rowspan", MAX_ROW_SPAN) {
            0 => end - row,
            span => span.min(end - row),
        };
        let after = column.saturating_add(column_span);
        let area = u64::from(column_span) * u64::from(row_span);
        if after > MAX_COLUMNS || area > self.places || self.room == 0 {
            self.is_truncated = true;
            return column;
        }
        self.places -= area;
        // A cell from above may end the span before its time; the rest of it is beneath that one.
        if taken.len() < after as usize {
            taken.resize(after as usize, 0);
        }
        let width = (column..after)
            .take_while(|&place| taken.get(place as usize).is_some_and(|&until| until <= row))
            .count();
        let column_span = u32::try_from(width).unwrap_or(column_span).max(1);
        for until in taken.iter_mut().skip(column as usize).take(width) {
            *until = row + row_span;
        }
        let (text, spans, is_truncated) = walk::cell(self.page, id, self.room, self.depth + 1);
        self.is_truncated |= is_truncated;
        self.room = self.room.saturating_sub(text.len() + std::mem::size_of::<Cell>() / 2);
        let header = is_head || self.page.tree.name(id) == "th";
        let number = self.cells.len();
        let links = spans.into_iter().filter(|span| matches!(span.mark, Mark::Link { .. }));
        self.links.extend(links.map(|span| (number, span)));
        self.cells.push(Cell { row, column, row_span, column_span, header, text, ..Cell::default() });
        column.saturating_add(column_span)
    }

    /// A number as HTML reads one: its digits at the beginning; 1 where there are none.
    fn number(&self, id: Id, name: &str, most: u32) -> u32 {
        let Some(value) = self.page.tree.attribute(id, name) else { return 1 };
        let value = value.trim_start().trim_start_matches('+');
        let digits = value.len() - value.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        match value.get(..digits) {
            None | Some("") => 1,
            Some(digits) => digits.parse::<u32>().unwrap_or(most).min(most),
        }
    }
}

/// Moves links from their cells to the text of the table; `order` says where the cells went.
fn place_links(links: Vec<(usize, Span)>, order: &[usize], starts: &[usize], length: usize) -> Vec<Span> {
    let mut spans: Vec<Span> = links
        .into_iter()
        .filter_map(|(number, span)| {
            let start = starts.get(*order.get(number)?)?;
            let start = u32::try_from(*start).ok()?;
            let (start, end) = (start.checked_add(span.start)?, start.checked_add(span.end)?);
            (end as usize <= length).then_some(Span { start, end, mark: span.mark })
        })
        .collect();
    spans.sort_by_key(|span| (span.start, u32::MAX - span.end));
    spans
}
