//! How is a list shown to people? In columns as wide as their widest cell.

use serde_json::Value;

use crate::out;

/// Prints rows below a heading; the last column may be as long as it likes.
pub fn print(heading: &[&str], rows: &[Vec<String>]) {
    for line in lines(heading, rows) {
        out::line(line);
    }
}

fn lines(heading: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let heading: Vec<String> = heading.iter().map(|&name| name.to_owned()).collect();
    let width = |column: usize| {
        let cells = rows.iter().chain([&heading]).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    [&heading].into_iter().chain(rows).map(line).collect()
}

/// Prints an object, a field a line.
pub fn record(object: &Value) {
    for (name, value) in object.as_object().into_iter().flatten() {
        out::line(format_args!("{name:<14} {}", cell(value)));
    }
}

/// The cells of an object's fields.
pub fn cells(object: &Value, fields: &[&str]) -> Vec<String> {
    fields.iter().map(|field| object.get(field).map(cell).unwrap_or_default()).collect()
}

/// A value as it stands in a cell.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// A size in the unit that suits it.
pub fn bytes(count: u64) -> String {
    indicatif::HumanBytes(count).to_string()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["ação".to_owned(), "1".to_owned()], vec!["b".to_owned(), "22".to_owned()]];
        assert_eq!(lines(&["NAME", "N"], &rows), ["NAME  N", "ação  1", "b     22"]);
    }
}
