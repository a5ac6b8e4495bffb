//! What does a caller see of a document? Everything but what it says.

use chrono::{DateTime, Utc};
use esteira_engine::document::Document;
use esteira_engine::id::{DocumentId, JobId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A document that a job read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Document)]
pub(crate) struct DocumentView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: DocumentId,
    /// The job that read it; what it says is in that job's artifacts.
    #[schema(value_type = Uuid)]
    pub job_id: JobId,
    /// The job's kind.
    #[schema(example = "document.extract")]
    pub kind: String,
    /// Its title, or the name of its file.
    pub title: String,
    /// The tag of its language (BCP 47); null when nobody knows.
    #[schema(required, example = "pt-BR")]
    pub language: Option<String>,
    /// What else the job found out about it.
    #[schema(value_type = Object)]
    pub metadata: Value,
    /// The file that it was made of, as the job's input names it.
    #[schema(required)]
    pub source: Option<String>,
    /// How many pages it has, where it has pages.
    #[schema(required)]
    pub pages: Option<i32>,
    /// How many seconds it lasts, where it is a recording.
    #[schema(required)]
    pub seconds: Option<f64>,
    /// How many passages of it can be searched.
    pub passages: i32,
    /// Whether it had more than can be searched.
    pub truncated: bool,
    /// When it was read.
    pub created_at: DateTime<Utc>,
}

impl From<Document> for DocumentView {
    fn from(document: Document) -> Self {
        Self {
            id: document.id,
            job_id: document.job,
            kind: document.kind,
            title: document.title,
            language: document.language,
            metadata: document.metadata,
            source: document.source,
            pages: document.pages,
            seconds: document.seconds,
            passages: document.passages,
            truncated: document.truncated,
            created_at: document.created_at,
        }
    }
}
