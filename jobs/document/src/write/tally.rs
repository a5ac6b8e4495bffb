//! How much is in a document, and in which language is most of it?

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::model::{BlockKind, Page, TextSource};

/// Languages that are counted apart; documents have a few.
const MOST_LANGUAGES: usize = 64;

/// How much is in a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Pages, sheets, slides and parts that were read.
    pub pages: u32,
    /// Pages of which the text was read from a picture.
    pub ocr_pages: u32,
    /// Blocks.
    pub blocks: u64,
    /// Tables.
    pub tables: u64,
    /// Pictures.
    pub figures: u64,
    /// Words, as spaces part them.
    pub words: u64,
    /// Characters that are no space.
    pub characters: u64,
}

/// What a document amounts to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// How much is in it.
    pub counts: Counts,
    /// The language that most of its text was found to be in, as a tag of BCP 47.
    pub language: Option<String>,
    /// The mean confidence of the words that were read from pictures, 0 to 1.
    pub confidence: Option<f64>,
}

/// Counts pages as they go by.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    counts: Counts,
    languages: BTreeMap<String, u64>,
    /// The sum of the confidences of words, and how many words they are.
    sure: (f64, u64),
}

impl Tally {
    /// Counts a page.
    pub fn page(&mut self, page: &Page) {
        self.counts.pages = self.counts.pages.saturating_add(1);
        if page.source == TextSource::Ocr {
            self.counts.ocr_pages = self.counts.ocr_pages.saturating_add(1);
        }
        let mut characters = 0;
        let words_before = self.counts.words;
        for block in &page.blocks {
            self.counts.blocks += 1;
            match block.kind {
                BlockKind::Table(_) => self.counts.tables += 1,
                BlockKind::Figure => self.counts.figures += 1,
                _ => {}
            }
            for word in block.text.split_whitespace() {
                self.counts.words += 1;
                characters += word.chars().count() as u64;
            }
        }
        self.counts.characters += characters;
        if let Some(confidence) = page.confidence.filter(|confidence| confidence.is_finite()) {
            let words = self.counts.words - words_before;
            self.sure.0 += f64::from(confidence.clamp(0.0, 1.0)) * words as f64;
            self.sure.1 += words;
        }
        if let Some(language) = &page.language {
            self.language(language, characters);
        }
    }

    fn language(&mut self, language: &str, characters: u64) {
        if let Some(sum) = self.languages.get_mut(language) {
            *sum += characters;
        } else if self.languages.len() < MOST_LANGUAGES {
            self.languages.insert(language.to_owned(), characters);
        }
    }

    /// Whether a page was counted.
    pub fn has_pages(&self) -> bool {
        self.counts.pages > 0
    }

    /// What was counted so far. Of languages with equally much text the first by the alphabet is told.
    pub fn summary(&self) -> Summary {
        let most = self.languages.iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
        let (sum, words) = self.sure;
        Summary {
            counts: self.counts.clone(),
            language: most.map(|(language, _)| language.clone()),
            confidence: (words > 0).then(|| (sum / words as f64 * 1_000.0).round() / 1_000.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Block;

    #[test]
    fn the_language_of_most_characters_is_told() {
        let page = |language: &str, text: &str| Page {
            language: Some(language.into()),
            source: TextSource::Ocr,
            blocks: vec![Block { text: text.into(), ..Block::default() }],
            ..Page::default()
        };
        let mut tally = Tally::default();
        tally.page(&page("en", "a few words"));
        tally.page(&page("pt", "muitas, muitas palavras"));
        let summary = tally.summary();
        assert_eq!(summary.language.as_deref(), Some("pt"));
        assert_eq!((summary.counts.pages, summary.counts.ocr_pages, summary.counts.words), (2, 2, 6));
        assert_eq!(summary.counts.characters, 9 + 21);
    }
    #[test]
    fn the_confidence_is_that_of_words_and_pages_with_a_text_of_their_own_have_none() {
        let page = |confidence: Option<f32>, text: &str| Page {
            confidence,
            blocks: vec![Block { text: text.into(), ..Block::default() }],
            ..Page::default()
        };
        let mut tally = Tally::default();
        tally.page(&page(None, "typed"));
        assert_eq!(tally.summary().confidence, None);
        tally.page(&page(Some(0.5), "one"));
        tally.page(&page(Some(0.75), "two three four"));
        assert_eq!(tally.summary().confidence, Some(0.688));
    }
}
