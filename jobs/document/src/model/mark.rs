//! What is marked in a text?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A mark on a part of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// Its first byte in the text.
    pub start: u32,
    /// The byte after its last one.
    pub end: u32,
    /// What it is.
    #[serde(flatten)]
    pub mark: Mark,
}

/// What is marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "mark", rename_all = "snake_case")]
pub enum Mark {
    /// Bold.
    Strong,
    /// Italic.
    Emphasis,
    /// Struck through.
    Strike,
    /// Code.
    Code,
    /// A link.
    Link {
        /// Where it leads, as the document has it.
        url: String,
    },
    /// A formula; the text has it as characters in a row.
    Formula {
        /// The formula as LaTeX, without the dollar signs around it.
        latex: String,
    },
}

impl Mark {
    /// Bytes that it holds beside the text.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Link { url } => url.len(),
            Self::Formula { latex } => latex.len(),
            Self::Strong | Self::Emphasis | Self::Strike | Self::Code => 0,
        }
    }
}
