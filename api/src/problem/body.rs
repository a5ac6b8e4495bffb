//! Which fields has a problem? Those of RFC 9457 and three of our own.

use serde::Serialize;
use utoipa::ToSchema;

use super::Code;

/// An answer that says what is wrong (RFC 9457), sent as `application/problem+json`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// Where the code is explained, relative to this server.
    pub r#type: String,
    /// What the code means; the same words for every problem of that code.
    pub title: &'static str,
    /// The status of the answer, once more.
    pub status: u16,
    /// What is wrong with this request, for a person.
    pub detail: String,
    /// What is wrong, for a program. Codes stay; their sentences may change.
    pub code: Code,
    /// The id of the request, as in the `X-Request-Id` of the answer.
    pub request_id: String,
    /// The fields or parameters that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// JSON pointer (RFC 6901) into the body; for a parameter of the query, `/` and its name.
    #[schema(example = "/input/tracks/0/clips/0/length")]
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

impl FieldError {
    /// A fault at `pointer`.
    pub(crate) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }
}
