//! How is a list shown to people? In columns as wide as their widest cell.

use std::time::Duration;

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

/// A field with seconds, in the unit that suits them.
pub fn age(object: &Value, field: &str) -> String {
    let seconds = object.get(field).and_then(Value::as_f64);
    let age = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    age.map_or_else(|| "-".to_owned(), |age| format!("{:#}", indicatif::HumanDuration(age)))
}

/// A size in the unit that suits it.
pub fn bytes(count: u64) -> String {
    indicatif::HumanBytes(count).to_string()
}

#[cfg(test)]
mod tests {
    use super::{age, lines};
    use serde_json::json;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["ação".to_owned(), "1".to_owned()], vec!["b".to_owned(), "22".to_owned()]];
        assert_eq!(lines(&["NAME", "N"], &rows), ["NAME  N", "ação  1", "b     22"]);
    }

    #[test]
    fn an_age_is_short_and_one_that_is_not_known_is_a_dash() {
        let ages = json!({"a": 75.4, "b": null});
        assert_eq!(
            (age(&ages, "a"), age(&ages, "b"), age(&ages, "c")),
            ("75s".into(), "-".into(), "-".into())
        );
    }
}
