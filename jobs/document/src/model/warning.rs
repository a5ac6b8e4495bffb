//! What should a reader of the result know?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::error::ReadError;

/// Something that a reader of the result should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// The page, from 1 on, where it is that of a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// A stable code in `snake_case`.
    pub code: String,
    /// What happened.
    pub message: String,
    /// Whether something of the document is missing because of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub loss: bool,
}

impl Warning {
    /// One of the whole document, of which nothing is missing.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { page: None, code: code.into(), message: message.into(), loss: false }
    }

    /// The same, of one page.
    #[must_use]
    pub fn of_page(self, number: u32) -> Self {
        Self { page: Some(number), ..self }
    }

    /// The same, where something is missing.
    #[must_use]
    pub fn with_loss(self) -> Self {
        Self { loss: true, ..self }
    }
}

impl From<ReadError> for Warning {
    /// What could not be read is missing.
    fn from(error: ReadError) -> Self {
        Self::new(error.code, error.message).with_loss()
    }
}
