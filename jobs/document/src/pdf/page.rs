//! How does what is on a page become a page of the model? Furniture off, tables out, columns in order, then blocks.

use super::block::{Maker, joined};
use super::content::Content;
use super::file::Detail;
use super::geometry::Area;
use super::line::Line;
use super::prose::Compounds;
use super::survey::Survey;
use super::table::{Drawing, Found, Part, parts, tables};
use super::zone::{Item, zones};
use crate::model::{Block, BlockKind, Page, Rect};

/// Figures of a page that are told of.
const MOST_FIGURES: usize = 200;
/// A figure is no smaller, in points each way.
const SMALLEST_FIGURE: f32 = 24.0;

/// Makes page `number` of its content.
pub fn page(number: u32, content: Content, survey: &Survey, detail: Detail) -> Page {
    let size = content.frame.size();
    let mut lines = content.lines;
    let compounds = Compounds::of(&lines);
    let (headers, footers) = survey.furniture.take(&mut lines, size);
    let maker = Maker { survey, compounds: &compounds, links: &content.links, detail };
    let drawing = Drawing::of(&content.shapes, size);
    let found = if detail.tables { tables(&mut lines, &drawing, &compounds) } else { Vec::new() };
    let figures = figures(&content.shapes.images, &found, size);
    let mut blocks = maker.furniture(&BlockKind::Header, headers);
    let mut items: Vec<Item> = lines.into_iter().map(Item::Line).collect();
    let atoms: Vec<Block> = found.into_iter().map(table).chain(figures.into_iter().map(figure)).collect();
    items.extend(atoms.iter().enumerate().map(|(at, atom)| Item::Atom(at, atom.bounds.unwrap_or_default())));
    let mut body: Vec<Block> = Vec::new();
    for zone in zones(items, &drawing.bars()) {
        let of_zone = zone_blocks(zone, &atoms, &maker, &drawing, &compounds);
        join_over_columns(&mut body, of_zone);
    }
    blocks.append(&mut body);
    blocks.extend(
        content.aside.into_iter().filter(|(text, _)| !text.trim().is_empty()).map(|(text, bounds)| Block {
            text,
            bounds: Some(bounds),
            ..Block::default()
        }),
    );
    blocks.extend(content.notes.into_iter().map(|note| note.block));
    blocks.extend(maker.furniture(&BlockKind::Footer, footers));
    Page {
        number,
        width: Some(size.0),
        height: Some(size.1),
        rotation: content.frame.degrees(),
        blocks,
        ..Page::default()
    }
}

/// The blocks of a column: its lines between the tables and figures that stand in it.
fn zone_blocks(
    zone: Vec<Item>,
    atoms: &[Block],
    maker: &Maker<'_>,
    drawing: &Drawing,
    compounds: &Compounds,
) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = Vec::new();
    for item in zone {
        match item {
            Item::Line(line) => lines.push(line),
            Item::Atom(at, _) => {
                flow(std::mem::take(&mut lines), maker, drawing, compounds, &mut blocks);
                blocks.extend(atoms.get(at).cloned());
            }
        }
    }
    flow(lines, maker, drawing, compounds, &mut blocks);
    blocks
}

/// The blocks of lines, with the tables that their text makes.
fn flow(
    lines: Vec<Line>,
    maker: &Maker<'_>,
    drawing: &Drawing,
    compounds: &Compounds,
    blocks: &mut Vec<Block>,
) {
    let mut text: Vec<Line> = Vec::new();
    for part in parts(lines, drawing, compounds, |line| !maker.detail.tables || maker.is_code(line)) {
        match part {
            Part::Row(row) => text.extend(joined(&row)),
            Part::Table(found) => {
                blocks.extend(maker.blocks(&std::mem::take(&mut text)));
                blocks.push(table(found));
            }
        }
    }
    blocks.extend(maker.blocks(&text));
}

/// Adds the blocks of the next column; a sentence that goes on there is one paragraph.
fn join_over_columns(body: &mut Vec<Block>, mut next: Vec<Block>) {
    let goes_on = match (body.last(), next.first()) {
        (Some(last), Some(first))
            if last.kind == BlockKind::Paragraph && first.kind == BlockKind::Paragraph =>
        {
            let is_open = !last.text.ends_with(['.', '!', '?', ':', ';']);
            is_open && last.text.len() > 40 && first.text.starts_with(char::is_lowercase)
        }
        _ => false,
    };
    if goes_on && let Some(last) = body.last_mut() {
        let first = next.remove(0);
        match last.text.strip_suffix('-').filter(|text| text.ends_with(char::is_alphabetic)) {
            Some(text) => last.text = text.to_owned(),
            None => last.text.push(' '),
        }
        let shift = u32::try_from(last.text.len()).unwrap_or(u32::MAX);
        let end = shift;
        last.spans.iter_mut().for_each(|span| span.end = span.end.min(end));
        last.text.push_str(&first.text);
        last.words.extend(first.words);
        last.spans.extend(first.spans.into_iter().map(|mut span| {
            span.start = span.start.saturating_add(shift);
            span.end = span.end.saturating_add(shift);
            span
        }));
    }
    body.append(&mut next);
}

/// The images that are figures: no ground under the whole page, no line, and no picture within a table.
fn figures(images: &[Rect], tables: &[Found], (width, height): (f32, f32)) -> Vec<Rect> {
    let is_figure = |image: &&Rect| {
        image.width() >= SMALLEST_FIGURE
            && image.height() >= SMALLEST_FIGURE
            && image.width() * image.height() < 0.85 * width * height
            && !tables.iter().any(|table| table.bounds.holds(image, 0.0))
            && Rect { x0: 0.0, y0: 0.0, x1: width, y1: height }.holds(image, 0.0)
    };
    let mut figures: Vec<Rect> = Vec::new();
    for image in images.iter().filter(is_figure) {
        // Pictures that are drawn in strips, or over each other, are one.
        let has_room = figures.len() < MOST_FIGURES;
        let touching = figures.iter_mut().find(|known| {
            known.shared_width(image) > 0.8 * known.width().min(image.width())
                && known.shared_height(image) > -1.0
        });
        match touching {
            Some(known) => *known = known.around(image),
            None if has_room => figures.push(*image),
            None => {}
        }
    }
    figures
}

fn figure(bounds: Rect) -> Block {
    Block { kind: BlockKind::Figure, bounds: Some(bounds), ..Block::default() }
}

/// A table as a block: its text is a line a row, cells apart by tabs.
fn table(found: Found) -> Block {
    let mut text = String::new();
    let mut place = None;
    for cell in &found.table.cells {
        match place {
            Some(row) if row == cell.row => text.push('\t'),
            Some(_) => text.push('\n'),
            None => {}
        }
        place = Some(cell.row);
        text.push_str(&cell.text);
    }
    Block { kind: BlockKind::Table(found.table), text, bounds: Some(found.bounds), ..Block::default() }
}
