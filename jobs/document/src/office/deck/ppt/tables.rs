//! How do the shapes of a PPT become a table?

use std::collections::{BTreeSet, HashMap};

use super::super::super::super::model::{Block, Cell};
use super::super::super::compound::Bytes;
use super::super::super::grid::Grid;
use super::super::super::output::Output;
use super::records::Record;
use super::slides::Shape;

/// Groups are told to be tables by a property of this number (MS-ODRAW, tableProperties).
const TABLE: u16 = 0x039f;

/// Whether the first shape of a group says that the group is a table.
pub(super) fn is_table(group: &Record<'_>) -> bool {
    let Some(first) = group.child(0xf004) else { return false };
    let tables = first.inner().filter(|it| matches!(it.kind, 0xf00b | 0xf121 | 0xf122));
    let mut ids =
        tables.flat_map(|it| (0..usize::from(it.instance)).map_while(move |place| it.data.u16_at(place * 6)));
    ids.any(|id| id & 0x3fff == TABLE)
}

/// The shapes of a group as a table: its lines are where shapes begin.
pub(super) fn table(shapes: Vec<Shape>, output: &mut Output<'_>) -> Option<Block> {
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
