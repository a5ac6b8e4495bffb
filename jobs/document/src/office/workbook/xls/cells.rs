//! What do the cells of a sheet of an XLS show?

use std::collections::HashMap;

use super::super::super::super::model::BlockKind;
use super::super::super::compound::Bytes;
use super::super::super::lines::plain;
use super::super::super::output::Output;
use super::super::super::sheet::store::{Area, reference};
use super::super::super::sheet::{Sheet, Stored};
use super::super::binary::{error, short_number, truth};
use super::super::xlsx::comment;
use super::charts::Chart;
use super::globals::Globals;
use super::records::{Pieces, Record, records, short_text};

/// What of a sheet is known while it is read.
#[derive(Default)]
struct At {
    /// The cell whose formula gave a text that comes next.
    waiting: Option<(u32, u32, usize)>,
    /// The object whose text comes next.
    object: u16,
    texts: HashMap<u16, String>,
    notes: Vec<(u32, u32, u16)>,
}

/// Reads the sheet that begins `stream`.
pub fn read(stream: &[u8], globals: &Globals, sheet: &mut Sheet, output: &mut Output<'_>) {
    let mut at = At::default();
    // Charts on the sheet are streams of their own in it.
    let mut depth = 0;
    let mut chart: Option<Chart> = None;
    for record in records(stream) {
        match record.kind {
            0x0809 => {
                depth += 1;
                if depth == 2 && record.data().u16_at(2) == Some(0x20) {
                    chart = Some(Chart::default());
                }
            }
            0x0a => {
                depth -= 1;
                if depth <= 0 {
                    break;
                }
                let blocks = chart.take().map(Chart::blocks).unwrap_or_default();
                sheet.drawn.extend(blocks.into_iter().filter(|it| output.block_fits(it)));
            }
            _ if depth > 1 => {
                if let Some(chart) = &mut chart {
                    chart.record(&record);
                }
            }
            _ => {
                if !one(&record, globals, &mut at, sheet, output) {
                    break;
                }
            }
        }
    }
    let mut texts = at.texts;
    for (row, column, object) in at.notes {
        if let Some(text) = texts.remove(&object) {
            sheet.comments.push(comment(&reference(row, column), &text));
        }
    }
    let mut left: Vec<_> = texts.into_iter().collect();
    left.sort();
    let boxes = left.into_iter().map(|(_, text)| plain(BlockKind::Paragraph, &text));
    sheet.drawn.extend(boxes.filter(|it| output.block_fits(it)));
}

/// Reads a record; no when a limit is reached.
fn one(
    record: &Record<'_>,
    globals: &Globals,
    at: &mut At,
    sheet: &mut Sheet,
    output: &mut Output<'_>,
) -> bool {
    let data = record.data();
    match record.kind {
        0xbd => return many(data, globals, sheet, output),
        0xe5 => merges(data, sheet),
        0x5d => at.object = data.u16_at(6).unwrap_or_default(),
        0x01b6 => {
            let text = object_text(record);
            at.texts.extend(text.map(|text| (at.object, text)));
        }
        0x1c => {
            let place = data.u16_at(0).zip(data.u16_at(2)).zip(data.u16_at(6));
            at.notes.extend(place.map(|((row, column), object)| (u32::from(row), u32::from(column), object)));
        }
        0x0207 => {
            let text = match globals.old {
                Some(_) => short_text(data, 0, 2, globals.old),
                None => {
                    let length = usize::from(data.u16_at(0).unwrap_or_default());
                    let is_wide = data.u8_at(2).unwrap_or_default() & 1 != 0;
                    Pieces::new(&record.pieces, 3).characters(length, is_wide)
                }
            };
            if let (Some((row, column, style)), Some(text)) = (at.waiting.take(), text) {
                let text = globals.styles.format(style).shown_text(&text);
                return sheet.push(output, Stored { row, column, text, value: None });
            }
        }
        kind => {
            let Some((row, column, style)) = place(data) else { return true };
            if kind == 0x06 && data.u16_at(12) == Some(0xffff) && data.u8_at(6) == Some(0) {
                at.waiting = Some((row, column, style));
            } else if let Some((text, value)) = shown(kind, data, style, globals) {
                return sheet.push(output, Stored { row, column, text, value });
            }
        }
    }
    true
}

/// Row, column and style of a cell.
fn place(data: &[u8]) -> Option<(u32, u32, usize)> {
    Some((u32::from(data.u16_at(0)?), u32::from(data.u16_at(2)?), usize::from(data.u16_at(4)?)))
}

/// What a cell shows, and the number behind it.
fn shown(kind: u16, data: &[u8], style: usize, globals: &Globals) -> Option<(String, Option<f64>)> {
    let format = globals.styles.format(style);
    let number = |value: f64| {
        let value = Some(value).filter(|it| it.is_finite())?;
        Some((format.shown(value, globals.is_1904), Some(value)))
    };
    let text = |text: &str| Some((format.shown_text(text), None));
    let truth_or_error = |value: u8, is_error: bool| {
        Some((if is_error { error(value).to_owned() } else { truth(value != 0) }, None))
    };
    match kind {
        0xfd => text(globals.strings.get(data.u32_at(6)? as usize)?),
        0x0204 | 0xd6 => text(&short_text(data, 6, 2, globals.old)?),
        0x0203 => number(data.f64_at(6)?),
        0x027e => number(short_number(data.u32_at(6)?)),
        0x0205 => truth_or_error(data.u8_at(6)?, data.u8_at(7)? != 0),
        0x06 if data.u16_at(12)? == 0xffff => match data.u8_at(6)? {
            1 => truth_or_error(data.u8_at(8)?, false),
            2 => truth_or_error(data.u8_at(8)?, true),
            _ => None,
        },
        0x06 => number(data.f64_at(6)?),
        _ => None,
    }
}

/// Numbers side by side.
fn many(data: &[u8], globals: &Globals, sheet: &mut Sheet, output: &mut Output<'_>) -> bool {
    let (Some(row), Some(first)) = (data.u16_at(0), data.u16_at(2)) else { return true };
    let cells = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
    for (place, cell) in cells.chunks_exact(6).enumerate() {
        let (Some(style), Some(bits)) = (cell.u16_at(0), cell.u32_at(2)) else { continue };
        let value = short_number(bits);
        let text = globals.styles.format(usize::from(style)).shown(value, globals.is_1904);
        let column = u32::from(first).saturating_add(u32::try_from(place).unwrap_or(u32::MAX));
        if !sheet.push(output, Stored { row: u32::from(row), column, text, value: Some(value) }) {
            return false;
        }
    }
    true
}

fn merges(data: &[u8], sheet: &mut Sheet) {
    for area in data.get(2..).unwrap_or_default().chunks_exact(8) {
        let edge = |at: usize| u32::from(area.u16_at(at).unwrap_or_default());
        sheet.merge(Area {
            first_row: edge(0),
            last_row: edge(2),
            first_column: edge(4),
            last_column: edge(6),
        });
    }
}

/// The text of an object: its length, then its characters in the records that continue it.
fn object_text(record: &Record<'_>) -> Option<String> {
    let length = usize::from(record.data().u16_at(10)?);
    let pieces = record.pieces.get(1..)?;
    let is_wide = pieces.first()?.u8_at(0)? & 1 != 0;
    Pieces::new(pieces, 1).characters(length, is_wide).filter(|it| !it.trim().is_empty())
}
