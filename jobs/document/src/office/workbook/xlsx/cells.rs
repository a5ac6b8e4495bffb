//! What do the cells of a sheet of an XLSX show?

use super::super::super::output::Output;
use super::super::super::sheet::store::{area, place};
use super::super::super::sheet::{Sheet, Stored};
use super::super::super::xml::{Element, Rules, Token, Xml};
use super::Shared;
use super::strings::rich_text;

/// Reads the cells of the sheet in `text` into `sheet`; tells of formulas of which nobody has stored what they give.
pub fn read(text: &str, shared: &Shared, sheet: &mut Sheet, output: &mut Output<'_>, part: &str) {
    let unknown = fill(text, shared, sheet, output, part);
    if unknown > 0 {
        let message = format!("{unknown} formulas have no stored value, and their cells are empty");
        output.lose("formula_without_value", &message);
    }
}

/// Reads the cells one by one; how many formulas have no value.
fn fill(text: &str, shared: &Shared, sheet: &mut Sheet, output: &mut Output<'_>, part: &str) -> u64 {
    let mut unknown = 0;
    let mut xml = Xml::new(text, Rules::Strict, output.limits);
    let (mut row, mut column) = (0_u32, 0_u32);
    let mut next_row = 0_u32;
    loop {
        let start = match xml.token() {
            Ok(Token::Start(start)) => start,
            Ok(Token::Done) => return unknown,
            Ok(_) => continue,
            Err(fault) => {
                output.truncate(&format!("{part} {fault}"));
                return unknown;
            }
        };
        match &*start.name {
            "row" => {
                row = start.number::<u32>("r").and_then(|it| it.checked_sub(1)).unwrap_or(next_row);
                next_row = row.saturating_add(1);
                column = 0;
            }
            "c" => {
                if let Some((own_row, own_column)) = start.attr("r").and_then(place) {
                    (row, column) = (own_row, own_column);
                }
                let cell = xml.element(start);
                unknown += u64::from(cell.child("f").is_some() && cell.child("v").is_none());
                if let Some((text, value)) = shown(&cell, shared)
                    && !sheet.push(output, Stored { row, column, text, value })
                {
                    return unknown;
                }
                column = column.saturating_add(1);
            }
            "hyperlink" => {
                if let (Some(reference), Some(relation)) = (start.attr("ref"), start.prefixed_attr("id")) {
                    sheet.link(reference, relation);
                }
            }
            "mergeCell" => {
                if let Some(area) = start.attr("ref").and_then(area) {
                    sheet.merge(area);
                }
            }
            _ => {}
        }
    }
}

/// What a cell shows, and the number behind it.
fn shown(cell: &Element, shared: &Shared) -> Option<(String, Option<f64>)> {
    let format = shared.styles.format(cell.number("s").unwrap_or_default());
    let raw = cell.child("v").map(Element::text);
    let text = |text: &str| Some((format.shown_text(text), None));
    match cell.attr("t").unwrap_or("n") {
        "s" => text(shared.strings.get(raw?.trim().parse::<usize>().ok()?)?),
        "inlineStr" => text(&rich_text(cell.child("is")?)),
        "str" => text(&raw?),
        "b" => Some((if raw?.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned(), None)),
        "n" => {
            let raw = raw?;
            match raw.trim().parse::<f64>() {
                Ok(value) if value.is_finite() => Some((format.shown(value, shared.is_1904), Some(value))),
                _ => Some((raw, None)),
            }
        }
        // Errors say what they are; days by ISO 8601 need no format.
        _ => Some((raw?, None)),
    }
}
