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
    /// Set above the line; what Unicode has a raised form of is written in it, and not marked.
    Raised,
    /// Set below the line; what Unicode has a lowered form of is written in it, and not marked.
    Lowered,
    /// A link.
    Link {
        /// Where it leads, as the document has it.
        url: String,
    },
    /// Where the text refers to a note, whose sign it is.
    Note {
        /// The note's label.
        label: String,
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
            Self::Note { label } => label.len(),
            Self::Strong | Self::Emphasis | Self::Strike | Self::Code | Self::Raised | Self::Lowered => 0,
        }
    }
}
