//! How does a fault that serde found read to somebody who writes JSON? Without Rust's types and serde_json's positions.

/// Rust's types, and what a person calls them.
const TYPES: [(&[&str], &str); 3] = [
    (&["u8", "u16", "u32", "u64", "usize"], "a whole number, 0 or more"),
    (&["i8", "i16", "i32", "i64", "isize"], "a whole number"),
    (&["f32", "f64"], "a number"),
];

/// A message of serde's in the words of JSON.
#[must_use]
pub fn in_plain_words(message: &str) -> String {
    let message = without_position(message);
    let Some((found, expected)) = message.rsplit_once("expected ") else { return message.to_owned() };
    let known = TYPES.iter().find(|(names, _)| names.contains(&expected)).map(|(_, words)| *words);
    match known {
        Some(words) => format!("{found}expected {words}"),
        None if expected.starts_with("struct ") => format!("{found}expected an object"),
        None => message.to_owned(),
    }
}

/// The message without ` at line 1 column 210`, a place in a text that its reader may never have seen.
fn without_position(message: &str) -> &str {
    let is_position = |tail: &str| {
        let numbers = tail.split_once(" column ").map(|(line, column)| [line, column]);
        numbers.is_some_and(|numbers| numbers.iter().all(|n| n.parse::<u32>().is_ok()))
    };
    match message.rsplit_once(" at line ") {
        Some((rest, tail)) if is_position(tail) => rest,
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::in_plain_words;

    #[test]
    fn types_and_positions_are_not_told() {
        for (serde, plain) in [
            (
                "invalid type: string \"wide\", expected u32 at line 1 column 210",
                "invalid type: string \"wide\", expected a whole number, 0 or more",
            ),
            ("invalid type: map, expected f64", "invalid type: map, expected a number"),
            (
                "invalid type: integer `3`, expected struct Output",
                "invalid type: integer `3`, expected an object",
            ),
            ("unknown field `a`, expected one of `b`, `c`", "unknown field `a`, expected one of `b`, `c`"),
            ("a train at line 4 column west", "a train at line 4 column west"),
        ] {
            assert_eq!(in_plain_words(serde), plain);
        }
    }
}
