//! What does a caller see of a hit? Where it is, and the words around it.

use chrono::{DateTime, Utc};
use esteira_engine::document::Hit;
use esteira_engine::id::{DocumentId, JobId};
use serde::Serialize;
use utoipa::ToSchema;

/// A passage that says what was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hit)]
pub(crate) struct HitView {
    /// The document.
    #[schema(value_type = Uuid)]
    pub document_id: DocumentId,
    /// The job that read it.
    #[schema(value_type = Uuid)]
    pub job_id: JobId,
    /// The job's kind.
    #[schema(example = "document.extract")]
    pub kind: String,
    /// The document's title.
    pub title: String,
    /// The tag of the document's language.
    #[schema(required, example = "pt-BR")]
    pub language: Option<String>,
    /// The page, from 1 on; null in a recording, and where the title was found.
    #[schema(required, example = 12)]
    pub page: Option<i32>,
    /// The second where the passage begins; null where there are none.
    #[schema(required)]
    pub seconds: Option<f64>,
    /// The second where it ends.
    #[schema(required)]
    pub end_seconds: Option<f64>,
    /// The text around what was found, as HTML that is safe to show: escaped, with `<mark>` around the words.
    #[schema(example = "todas as <mark>informações</mark> do contrato &amp; anexos")]
    pub snippet: String,
    /// How well it fits; comparable with other hits of the same question.
    pub score: f32,
    /// When the document was read.
    pub created_at: DateTime<Utc>,
}

impl From<Hit> for HitView {
    fn from(hit: Hit) -> Self {
        Self {
            document_id: hit.document,
            job_id: hit.job,
            kind: hit.kind,
            title: hit.title,
            language: hit.language,
            page: hit.page,
            seconds: hit.seconds.map(|(from, _)| from),
            end_seconds: hit.seconds.map(|(_, to)| to),
            snippet: hit.snippet,
            score: hit.score,
            created_at: hit.created_at,
        }
    }
}
