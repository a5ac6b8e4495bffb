//! What does a kind say of the document that it read? Its title, its language, how long it is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Language;

/// Characters of a title, and of the name of a source.
const LINE: usize = 500;
/// Bytes of the metadata, as JSON.
const METADATA: usize = 16 << 10;
/// More pages than any document has.
const PAGES: u32 = 1_000_000;
/// More seconds than any recording has: a year.
const SECONDS: f64 = 366.0 * 86_400.0;

/// A document, without what it says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DocumentHead {
    /// Its title, or the name of its file.
    pub title: String,
    /// The language that it is written or spoken in, as a tag of BCP 47 (`pt-BR`) or a code of ISO 639 (`por`); `None`
    /// when nobody knows.
    pub language: Option<String>,
    /// What else there is to know: author, dates, the tool that made it.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// The file that it was made of, as the input names it.
    pub source: Option<String>,
    /// How many pages it has, where it has pages.
    pub pages: Option<u32>,
    /// How long it lasts, where it is a recording.
    pub seconds: Option<f64>,
}

impl DocumentHead {
    /// The same, fit to be kept: texts cut to their lengths and without control characters.
    ///
    /// # Errors
    /// What about it cannot be.
    pub fn checked(self) -> Result<Self, &'static str> {
        if self.pages.is_some_and(|pages| pages > PAGES) {
            return Err("it has more pages than a document can have");
        }
        if self.seconds.is_some_and(|seconds| !(0.0..=SECONDS).contains(&seconds)) {
            return Err("it has a length that no recording can have");
        }
        if serde_json::to_vec(&self.metadata).map_or(true, |text| text.len() > METADATA) {
            return Err("its metadata are too large");
        }
        let language = match self.language {
            Some(tag) => {
                Some(tag.parse::<Language>().map_err(|_| "its language is no tag of a language")?.tag)
            }
            None => None,
        };
        let title = line(&self.title);
        Ok(Self {
            title: if title.is_empty() { "Untitled".to_owned() } else { title },
            language,
            source: self.source.as_deref().map(line),
            ..self
        })
    }
}

/// A text as one line.
fn line(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let joined = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    joined.chars().take(LINE).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_head_is_made_fit_to_be_kept() {
        let head = DocumentHead {
            title: " A\u{2}\n title\u{0} ".into(),
            language: Some("POR".into()),
            ..DocumentHead::default()
        };
        let head = head.checked().unwrap();
        assert_eq!((head.title.as_str(), head.language.as_deref()), ("A title", Some("pt")));
        assert_eq!(DocumentHead::default().checked().unwrap().title, "Untitled");
    }

    #[test]
    fn what_no_document_can_be_is_refused() {
        let large = json!({"a": "x".repeat(METADATA)});
        for head in [
            DocumentHead { pages: Some(PAGES + 1), ..DocumentHead::default() },
            DocumentHead { seconds: Some(f64::NAN), ..DocumentHead::default() },
            DocumentHead { seconds: Some(-1.0), ..DocumentHead::default() },
            DocumentHead { language: Some("português".into()), ..DocumentHead::default() },
            DocumentHead { metadata: large.as_object().cloned().unwrap(), ..DocumentHead::default() },
        ] {
            assert!(head.clone().checked().is_err(), "{head:?}");
        }
    }
}
