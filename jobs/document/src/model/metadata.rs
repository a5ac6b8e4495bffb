//! What does a document say of itself?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a document says of itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Metadata {
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who wrote it; of a message, who sent it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// To whom a message went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Keywords.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// When it was made (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was changed (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// The program that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub producer: Option<String>,
    /// The language that it declares, as a tag of BCP 47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Pages, sheets or slides that it has, the ones that were not asked for too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
}

/// Characters of what a document says of itself in one place, and how many names it may give in one.
const LONGEST: usize = 1_000;
const MOST_NAMES: usize = 200;

impl Metadata {
    /// Cuts what is longer than anybody reads. No format has a limit, and all of it travels with the job.
    pub fn shorten(&mut self) {
        let single = [
            &mut self.title,
            &mut self.subject,
            &mut self.created,
            &mut self.modified,
            &mut self.producer,
            &mut self.language,
        ];
        for names in [&mut self.authors, &mut self.recipients, &mut self.keywords] {
            names.truncate(MOST_NAMES);
            names.iter_mut().for_each(cut);
        }
        single.into_iter().flatten().for_each(cut);
    }
}

fn cut(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(at);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_document_says_of_itself_is_cut() {
        let long = "ã".repeat(LONGEST + 1);
        let mut metadata = Metadata {
            title: Some(long.clone()),
            authors: vec![long; MOST_NAMES + 1],
            ..Metadata::default()
        };
        metadata.shorten();
        assert_eq!(metadata.title.as_ref().map(|title| title.chars().count()), Some(LONGEST + 1));
        assert!(metadata.title.is_some_and(|title| title.ends_with("ã…")));
        assert_eq!(metadata.authors.len(), MOST_NAMES);
        assert!(metadata.authors.iter().all(|author| author.ends_with('…')));
    }
}
