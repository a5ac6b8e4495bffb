//! `report.csv`: the rows of the report's main table, by RFC 4180.
//!
//! Values are those of programs: points in decimals, days and moments by ISO 8601, names of columns in English in either
//! language. A text that a spreadsheet would take for a formula has an apostrophe before it (OWASP, "CSV Injection"), and so has
//! what follows a semicolon or a tab within a text: a spreadsheet of many countries splits there, whatever the commas say.

use ::csv::{QuoteStyle, Terminator, WriterBuilder};

use crate::error::ReportError;
use crate::model::{Cell, Report};
use crate::render::Made;

/// Writes the main table.
///
/// # Errors
/// Only where this program has a fault.
pub fn csv(report: &Report<'_>) -> Result<Made, ReportError> {
    let fault = |cause: String| ReportError::Write { format: "CSV", cause };
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Necessary)
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    if let Some(table) = report.main_table() {
        let names = table.columns.iter().map(|column| column.name);
        writer.write_record(names).map_err(|error| fault(error.to_string()))?;
        for row in table.each_row() {
            writer.write_record(row.iter().map(value)).map_err(|error| fault(error.to_string()))?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| fault(error.to_string()))?;
    Ok(Made {
        name: "report.csv",
        media_type: "text/csv; charset=utf-8; header=present",
        bytes,
        warning: None,
    })
}

fn value(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Nothing => String::new(),
        Cell::Text(text) | Cell::Code(text) | Cell::Link { text, .. } => defused(text),
        Cell::Count(whole) | Cell::Bytes(whole) => whole.to_string(),
        Cell::Number(number, _) | Cell::Percent(number) | Cell::Seconds(number) => match number.is_finite() {
            true => number.to_string(),
            false => String::new(),
        },
        Cell::Money(hundredths) => {
            let sign = if *hundredths < 0 { "-" } else { "" };
            format!("{sign}{}.{:02}", hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100)
        }
        Cell::Day(day) => day.to_string(),
        Cell::Moment(instant) => instant.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
    }
}

/// A text that no spreadsheet takes for a formula, wherever it splits.
fn defused(text: &str) -> String {
    let parts = text.split_inclusive([';', '\t']);
    parts.flat_map(|part| [if is_formula(part) { "'" } else { "" }, part]).collect()
}

/// Whether a part of a text would be run. Quotes before a sign are no part of it for who splits there. Full-width signs
/// count as well: some programs read them as the others.
fn is_formula(part: &str) -> bool {
    let first = part.trim_start_matches(|character: char| character.is_whitespace() || character == '"');
    first.starts_with(['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠', '−'])
        || part.starts_with(['\t', '\r', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_defused() {
        for text in ["=1+1", "+1", "-2", "@SUM(A1)", " =cmd|' /C calc'!A0", "\t=1", "＝1", "|x", "%0A=1"] {
            assert!(defused(text).starts_with('\''), "{text}");
        }
        for (text, safe) in
            [("a;=1+1", "a;'=1+1"), ("a;b; @x", "a;b;' @x"), ("a\t-1", "a\t'-1"), ("a;\"=1\"", "a;'\"=1\"")]
        {
            assert_eq!(defused(text), safe);
        }
        for text in ["contrato.pdf", "a=b", "", "ação", "(x)", "a;b", "\"a\""] {
            assert_eq!(defused(text), text);
        }
        assert_eq!(value(&Cell::Count(-5)), "-5");
        assert_eq!(value(&Cell::Money(-5)), "-0.05");
        assert_eq!(value(&Cell::Seconds(f64::NAN)), "");
    }
}
