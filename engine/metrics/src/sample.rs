//! What does a line of the classic text say? A series with its labels, and a number.

use std::collections::BTreeMap;

/// One number of a scrape.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

impl Sample {
    /// Reads a line; `None` of a comment.
    pub fn read(line: &str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let end = line.find(['{', ' '])?;
        let (name, rest) = line.split_at(end);
        let (labels, rest) = match rest.strip_prefix('{') {
            Some(rest) => read_labels(rest)?,
            None => (BTreeMap::new(), rest),
        };
        let value = rest.split_whitespace().next()?.parse().ok()?;
        Some(Self { name: name.to_owned(), labels, value })
    }
}

/// Labels up to their closing bracket, and what follows.
fn read_labels(mut rest: &str) -> Option<(BTreeMap<String, String>, &str)> {
    let mut labels = BTreeMap::new();
    loop {
        if let Some(rest) = rest.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = read_value(after)?;
        labels.insert(name.to_owned(), value);
        rest = after.strip_prefix(',').unwrap_or(after);
    }
}

/// A value up to its closing quotation mark, without its escapes.
fn read_value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match (escaped, letter) {
            (false, '"') => return Some((value, text.get(at + 1..)?)),
            (false, '\\') => escaped = true,
            (true, 'n') => {
                value.push('\n');
                escaped = false;
            }
            (_, letter) => {
                value.push(letter);
                escaped = false;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_gives_its_name_labels_and_number() {
        let sample = Sample::read("a_total{kind=\"x\",text=\"a\\\"b,}\\n\"} 1.5").unwrap();
        assert_eq!((sample.name.as_str(), sample.value), ("a_total", 1.5));
        assert_eq!(sample.labels.get("text").map(String::as_str), Some("a\"b,}\n"));
        assert_eq!(Sample::read("up 1").map(|sample| sample.labels.len()), Some(0));
        for nothing in ["# HELP a b", "", "a{b=\"c", "a{b} 1", "a x"] {
            assert_eq!(Sample::read(nothing), None, "{nothing:?}");
        }
    }
}
