//! Which bytes does each token stand for? From `tokenizer.json`, whose texts are bytes in disguise.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Bytes of a tokenizer's file; Whisper's has two million.
const MOST_BYTES: usize = 32 << 20;

/// The file is no tokenizer of a Whisper.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("tokenizer.json: {0}")]
pub struct BadTokenizer(String);

#[derive(Deserialize)]
struct Tokenizer {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: BTreeMap<String, usize>,
}

/// The bytes of the first `count` tokens, by their numbers.
pub fn tokens(file: &[u8], count: usize) -> Result<Vec<Vec<u8>>, BadTokenizer> {
    if file.len() > MOST_BYTES {
        return Err(BadTokenizer(format!("it has {} bytes", file.len())));
    }
    let tokenizer: Tokenizer =
        serde_json::from_slice(file).map_err(|error| BadTokenizer(error.to_string()))?;
    let bytes_of = disguise();
    let mut out = vec![None; count];
    for (text, number) in &tokenizer.model.vocab {
        if let Some(place) = out.get_mut(*number) {
            let bytes: Option<Vec<u8>> = text.chars().map(|c| bytes_of.get(&c).copied()).collect();
            *place = Some(bytes.ok_or_else(|| BadTokenizer(format!("token {number} is not made of bytes")))?);
        }
    }
    let missing = |number: usize| BadTokenizer(format!("there is no token {number}"));
    out.into_iter().enumerate().map(|(number, token)| token.ok_or_else(|| missing(number))).collect()
}

/// GPT-2's way to write bytes as letters: those that print stand for themselves, the others for letters from U+0100 on
/// (openai/gpt-2, `src/encoder.py`).
fn disguise() -> BTreeMap<char, u8> {
    let prints = |byte: u8| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let mut next = 256;
    let mut out = BTreeMap::new();
    for byte in 0..=u8::MAX {
        let letter = if prints(byte) {
            char::from(byte)
        } else {
            let letter = char::from_u32(next).unwrap_or_default();
            next += 1;
            letter
        };
        out.insert(letter, byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_become_the_bytes_that_they_stand_for() {
        let file = r#"{"model": {"vocab": {"!": 0, "Ġol": 1, "Ã¡": 2, "beyond": 9}}}"#;
        assert_eq!(
            tokens(file.as_bytes(), 3).unwrap(),
            [b"!".to_vec(), b" ol".to_vec(), "\u{e1}".as_bytes().to_vec()]
        );
    }

    #[test]
    fn a_gap_and_a_letter_that_is_no_byte_are_refused() {
        for file in [r#"{"model": {"vocab": {"a": 0}}}"#, r#"{"model": {"vocab": {"a": 0, "漢": 1}}}"#, "{}"]
        {
            assert!(tokens(file.as_bytes(), 2).is_err(), "{file}");
        }
    }
}
