//! How much memory would the values of a JSON text take? A guess by its brackets and commas, before any is made.
//!
//! `{"":0}` has seven bytes and takes a hundred times as much, so that the length of a text says too little.

/// What an object, a list and a value more take, in bytes: as `serde_json` keeps them, with what a list that grows
/// takes ahead.
const OBJECT: u64 = 640;
const LIST: u64 = 128;
const VALUE: u64 = 64;

/// What may be made of a body that may have `most` bytes: eight times as much, and 16 MiB besides.
pub(super) fn limit(most: u64) -> u64 {
    most.saturating_mul(8).saturating_add(16 << 20)
}

/// The guess. Where the text is no JSON, it counts up to there at least.
pub(super) fn weight(text: &[u8]) -> u64 {
    let (mut weight, mut is_quoted, mut is_escaped) = (0, false, false);
    for byte in text {
        if is_quoted {
            is_quoted = is_escaped || *byte != b'"';
            is_escaped = !is_escaped && *byte == b'\\';
            continue;
        }
        match byte {
            b'"' => is_quoted = true,
            b'{' => weight += OBJECT,
            b'[' => weight += LIST,
            b',' => weight += VALUE,
            _ => {}
        }
    }
    weight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_commas_count_and_those_in_texts_do_not() {
        for (text, expected) in [
            ("7", 0),
            (r#"{"a": [1, 2]}"#, OBJECT + LIST + VALUE),
            (r#""{[,""#, 0),
            (r#"["\"{", {}]"#, LIST + VALUE + OBJECT),
            (r#"["\\", {}]"#, LIST + VALUE + OBJECT),
            (r#"{"a,": "[", "b": {}}"#, 2 * OBJECT + VALUE),
        ] {
            assert_eq!(weight(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_full_body_of_ordinary_things_is_below_the_limit() {
        let clip = r#"{"type":"image","source":"upload://0192f0c1-2345-7abc-8def-0123456789ab","length":3},"#;
        let most: usize = 2 << 20;
        let body = clip.repeat(most / clip.len());
        assert!(weight(body.as_bytes()) < limit(most as u64));
    }
}
