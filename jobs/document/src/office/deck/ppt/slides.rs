//! What do the slides of a PPT say?

use std::collections::{BTreeSet, HashMap};

use super::super::super::super::model::{Block, BlockKind, Cell};
use super::super::super::compound::Bytes;
use super::super::super::grid::Grid;
use super::super::super::lines::plain;
use super::super::super::output::Output;
use super::super::reading_order::{Place, sort};
use super::records::{Objects, Record};
use super::text::Text;

/// How deep groups may stand in groups.
const DEEPEST: u32 = 32;
/// Groups are told to be tables by a property of this number (MS-ODRAW, tableProperties).
const TABLE: u16 = 0x039f;

/// A slide as the document lists it.
#[derive(Debug)]
pub struct Slide {
    object: u32,
    /// The texts that its shapes refer to.
    texts: Vec<Text>,
}

/// The slides, in order.
#[derive(Debug)]
pub struct Deck {
    pub slides: Vec<Slide>,
    /// The objects of notes by their numbers.
    notes: HashMap<u32, u32>,
}

/// A shape that has something to say.
struct Shape {
    place: Place,
    texts: Vec<Text>,
    blocks: Vec<Block>,
}

impl Deck {
    /// Of the document.
    pub fn of(stream: &[u8], objects: &Objects) -> Option<Self> {
        let document = objects.document(stream)?;
        let mut deck = Self { slides: Vec::new(), notes: HashMap::new() };
        for list in document.inner().filter(|it| it.kind == 4080) {
            match list.instance {
                0 => deck.slides = slides(&list),
                2 => {
                    let atoms = list.inner().filter(|it| it.kind == 1011);
                    deck.notes.extend(atoms.filter_map(|it| Some((it.data.u32_at(12)?, it.data.u32_at(0)?))));
                }
                _ => {}
            }
        }
        Some(deck)
    }

    /// The title and the blocks of a slide.
    pub fn read(
        &self,
        slide: &Slide,
        stream: &[u8],
        objects: &Objects,
        output: &mut Output<'_>,
    ) -> (Option<String>, Vec<Block>) {
        let Some(record) = objects.get(stream, slide.object).filter(|it| it.kind == 1006) else {
            return (None, slide.texts.iter().flat_map(Text::blocks).collect());
        };
        let mut shapes = Vec::new();
        if let Some(drawing) = record.child(1036).and_then(|it| it.child(0xf002)) {
            walk(&drawing, &slide.texts, 0, &mut shapes, output);
        }
        let (titles, others): (Vec<_>, Vec<_>) =
            shapes.into_iter().partition(|it| it.texts.iter().any(Text::is_title));
        let mut blocks = Vec::new();
        for shapes in [titles, others] {
            let placed = shapes.into_iter().map(|it| (it.place, it)).collect();
            for shape in sort(placed) {
                blocks.extend(shape.texts.iter().flat_map(Text::blocks));
                blocks.extend(shape.blocks);
            }
        }
        let first = blocks.first().filter(|it: &&Block| matches!(it.kind, BlockKind::Heading { .. }));
        let title = first.map(|it| it.text.clone());
        blocks.extend(self.notes(&record, stream, objects, output));
        (title, blocks)
    }

    /// What the speaker wrote for the slide.
    fn notes(
        &self,
        slide: &Record<'_>,
        stream: &[u8],
        objects: &Objects,
        output: &mut Output<'_>,
    ) -> Option<Block> {
        let id = slide.child(1007)?.data.u32_at(16).filter(|it| *it != 0)?;
        let notes = objects.get(stream, *self.notes.get(&id)?).filter(|it| it.kind == 1008)?;
        let mut shapes = Vec::new();
        walk(&notes.child(1036)?.child(0xf002)?, &[], 0, &mut shapes, output);
        let texts = shapes.iter().flat_map(|it| &it.texts).filter(|it| it.kind == 2);
        let text = texts.map(|it| it.text.replace(['\r', '\u{b}'], "\n")).collect::<Vec<_>>().join("\n");
        Some(plain(BlockKind::Comment, &text)).filter(|it| !it.text.is_empty())
    }
}

/// The slides of a list: an atom each, its texts behind it.
fn slides(list: &Record<'_>) -> Vec<Slide> {
    let mut slides: Vec<Slide> = Vec::new();
    let mut kind = 4;
    for record in list.inner() {
        match record.kind {
            1011 => {
                slides.push(Slide { object: record.data.u32_at(0).unwrap_or_default(), texts: Vec::new() });
            }
            3999 => kind = record.data.u32_at(0).unwrap_or(4),
            _ => {
                if let (Some(text), Some(slide)) = (Text::characters(&record), slides.last_mut()) {
                    slide.texts.push(Text { kind, text });
                }
            }
        }
    }
    slides
}

/// Gathers the shapes of a drawing or a group.
fn walk(group: &Record<'_>, outline: &[Text], depth: u32, shapes: &mut Vec<Shape>, output: &mut Output<'_>) {
    if depth >= DEEPEST {
        return;
    }
    for record in group.inner() {
        match record.kind {
            0xf003 if is_table(&record) => {
                let mut cells = Vec::new();
                walk(&record, outline, depth + 1, &mut cells, output);
                let place = record.child(0xf004).map(|it| place(&it)).unwrap_or_default();
                shapes.extend(table(cells, output).map(|block| Shape {
                    place,
                    texts: Vec::new(),
                    blocks: vec![block],
                }));
            }
            0xf003 => walk(&record, outline, depth + 1, shapes, output),
            0xf004 => {
                let texts = record.child(0xf00d).map(|it| texts(&it, outline)).unwrap_or_default();
                if !texts.is_empty() {
                    shapes.push(Shape { place: place(&record), texts, blocks: Vec::new() });
                }
            }
            _ => {}
        }
    }
}

fn texts(holder: &Record<'_>, outline: &[Text]) -> Vec<Text> {
    let mut kind = 4;
    let mut texts = Vec::new();
    for record in holder.inner() {
        match record.kind {
            3999 => kind = record.data.u32_at(0).unwrap_or(4),
            // The text stands in the list of slides.
            3998 => {
                let place = record.data.u32_at(0).unwrap_or(u32::MAX) as usize;
                texts.extend(outline.get(place).cloned());
            }
            _ => texts.extend(Text::characters(&record).map(|text| Text { kind, text })),
        }
    }
    texts.retain(|it| !it.text.trim().is_empty() && it.text != "*");
    texts
}

/// The place of a shape: on the slide, or in its group.
fn place(shape: &Record<'_>) -> Place {
    let number = |it: Option<u16>| f64::from(it.unwrap_or_default().cast_signed());
    if let Some(anchor) = shape.child(0xf010) {
        let side = |at: usize| number(anchor.data.u16_at(at));
        return Place { top: side(0), left: side(2), right: side(4), bottom: side(6) };
    }
    let side = |at: usize| {
        let number = shape.child(0xf00f).and_then(|it| it.data.u32_at(at));
        f64::from(number.unwrap_or_default().cast_signed())
    };
    Place { left: side(0), top: side(4), right: side(8), bottom: side(12) }
}

/// Whether the first shape of a group says that the group is a table.
fn is_table(group: &Record<'_>) -> bool {
    let Some(first) = group.child(0xf004) else { return false };
    let tables = first.inner().filter(|it| matches!(it.kind, 0xf00b | 0xf121 | 0xf122));
    let mut ids =
        tables.flat_map(|it| (0..usize::from(it.instance)).map_while(move |place| it.data.u16_at(place * 6)));
    ids.any(|id| id & 0x3fff == TABLE)
}

/// The shapes of a group as a table: its lines are where shapes begin.
fn table(shapes: Vec<Shape>, output: &mut Output<'_>) -> Option<Block> {
    #[expect(clippy::cast_possible_truncation, reason = "places are whole numbers of 32 bits")]
    let whole = |it: f64| it as i64;
    let tops: BTreeSet<i64> = shapes.iter().map(|it| whole(it.place.top)).collect();
    let lefts: BTreeSet<i64> = shapes.iter().map(|it| whole(it.place.left)).collect();
    let lefts: Vec<i64> = lefts.into_iter().collect();
    let mut rows: HashMap<i64, Vec<Shape>> = HashMap::new();
    for shape in shapes {
        rows.entry(whole(shape.place.top)).or_default().push(shape);
    }
    let mut grid = Grid::default();
    for top in tops {
        grid.begin_row();
        let mut cells = rows.remove(&top).unwrap_or_default();
        cells.sort_by(|a, b| a.place.left.total_cmp(&b.place.left));
        let mut next = 0;
        for cell in cells {
            if !output.cell_fits() {
                return None;
            }
            let column = lefts.partition_point(|left| *left < whole(cell.place.left));
            grid.skip(u32::try_from(column.saturating_sub(next)).unwrap_or_default());
            let end = lefts.partition_point(|left| *left < whole(cell.place.right)).max(column + 1);
            next = end;
            let texts = cell.texts.iter().map(|it| it.text.replace(['\r', '\u{b}'], "\n"));
            grid.add(Cell {
                text: texts.collect::<Vec<_>>().join("\n"),
                column_span: u32::try_from(end - column).unwrap_or(1),
                ..Cell::default()
            });
        }
    }
    (!grid.is_blank()).then(|| grid.block())
}
