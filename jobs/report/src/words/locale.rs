//! Which language?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language with its habits of writing numbers and dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Locale {
    /// Portuguese of Brazil.
    #[serde(rename = "pt-BR")]
    PtBr,
    /// English of the United States.
    #[serde(rename = "en-US")]
    EnUs,
}

impl Locale {
    /// The words of this language, of those in both.
    #[must_use]
    pub fn say<'a>(self, portuguese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::PtBr => portuguese,
            Self::EnUs => english,
        }
    }

    /// The words for one, or for another number of things.
    #[must_use]
    pub fn count(self, number: i64, portuguese: [&str; 2], english: [&str; 2]) -> String {
        let ([one, many], single) = match self {
            // In Portuguese zero takes the plural as well, except by grammarians.
            Self::PtBr => (portuguese, number == 1),
            Self::EnUs => (english, number == 1),
        };
        format!("{} {}", self.integer(number), if single { one } else { many })
    }

    /// As BCP 47 has it.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.say("pt-BR", "en-US")
    }

    /// The language alone, and the region alone.
    #[must_use]
    pub fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::PtBr => ("pt", "BR"),
            Self::EnUs => ("en", "US"),
        }
    }
}
