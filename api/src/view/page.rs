//! What does a list look like?

use serde::Serialize;
use utoipa::ToSchema;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// The `cursor` of the next page; null at the end.
    #[schema(required, examples(json!(null)))]
    pub next_cursor: Option<String>,
}
