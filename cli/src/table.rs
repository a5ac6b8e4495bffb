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

/// Milliseconds in the two units that suit them.
pub fn millis(count: u64) -> String {
    let (seconds, hundredths) = (count / 1_000, count % 1_000 / 10);
    let [days, hours, minutes] = [seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60];
    match (days, hours, minutes, seconds % 60) {
        (0, 0, 0, 0) if hundredths == 0 => format!("{count} ms"),
        (0, 0, 0, seconds) if hundredths == 0 || seconds >= 10 => format!("{seconds} s"),
        (0, 0, 0, seconds) => format!("{seconds}.{hundredths:02} s"),
        (0, 0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, hours, ..) => format!("{days} d {hours} h"),
    }
}

/// A size in the unit that suits it.
pub fn bytes(count: u64) -> String {
    indicatif::HumanBytes(count).to_string()
}

#[cfg(test)]
mod tests {
    use super::{age, lines, millis};
    use serde_json::json;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["ação".to_owned(), "1".to_owned()], vec!["b".to_owned(), "22".to_owned()]];
        assert_eq!(lines(&["NAME", "N"], &rows), ["NAME  N", "ação  1", "b     22"]);
    }

    #[test]
    fn a_time_has_the_two_units_that_suit_it() {
        let times = [0, 7, 840, 2_000, 9_870, 59_999, 60_000, 3_599_999, 7_260_000, 90_000_000].map(millis);
        let expected = [
            "0 ms",
            "7 ms",
            "0.84 s",
            "2 s",
            "9.87 s",
            "59 s",
            "1 min 0 s",
            "59 min 59 s",
            "2 h 1 min",
            "1 d 1 h",
        ];
        assert_eq!(times, expected);
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
