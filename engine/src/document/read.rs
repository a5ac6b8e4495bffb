//! Which documents does a tenant have? Those of jobs that succeeded, newest first.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Language, are_kept_by};
use crate::db::{DatabaseError, Db};
use crate::id::{DocumentId, JobId};
use crate::tenant::Tenant;

/// A document, without what it says.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The job that read it; what the job made of it are its artifacts.
    pub job: JobId,
    /// The job's kind.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// The tag of its language.
    pub language: Option<String>,
    /// What else the kind found out: an object.
    pub metadata: Value,
    /// The file that it was made of, as the input names it.
    pub source: Option<String>,
    /// How many pages it has.
    pub pages: Option<i32>,
    /// How long it lasts.
    pub seconds: Option<f64>,
    /// Passages that can be searched.
    pub passages: i32,
    /// Whether it had more than are kept.
    pub truncated: bool,
    /// When it was read.
    pub created_at: DateTime<Utc>,
}

/// Which documents are wanted.
#[derive(Debug, Clone, Default)]
pub struct DocumentFilter {
    /// Of this kind.
    pub kind: Option<String>,
    /// In this language, of whatever country.
    pub language: Option<Language>,
}

/// A page of documents.
#[derive(Debug)]
pub struct DocumentPage {
    /// The documents.
    pub items: Vec<Document>,
    /// The last of them, where there are more.
    pub next: Option<DocumentId>,
}

/// Documents could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The tenant's schema is older than documents.
    #[error("the tenant is not migrated to documents yet")]
    Behind,
    /// The database is away.
    #[error("failed to read documents")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for ReadError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// One document; `None` when the tenant has no such document.
pub(crate) async fn read(db: &Db, tenant: &Tenant, id: DocumentId) -> Result<Option<Document>, ReadError> {
    if !are_kept_by(tenant) {
        return Err(ReadError::Behind);
    }
    let mut tx = db.begin_as(tenant).await?;
    let document = sqlx::query_as!(
        Document,
        r#"select id as "id!: DocumentId", job_id as "job!: JobId", kind as "kind!", title as "title!", language,
                  metadata as "metadata!", source, pages, seconds, passages as "passages!",
                  truncated as "truncated!", created_at as "created_at!"
           from settled_documents where id = $1"#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(document)
}

/// A page of documents, newest first.
pub(crate) async fn list(
    db: &Db,
    tenant: &Tenant,
    filter: &DocumentFilter,
    after: Option<DocumentId>,
    limit: u16,
) -> Result<DocumentPage, ReadError> {
    if !are_kept_by(tenant) {
        return Err(ReadError::Behind);
    }
    let mut tx = db.begin_as(tenant).await?;
    let mut items = sqlx::query_as!(
        Document,
        r#"select id as "id!: DocumentId", job_id as "job!: JobId", kind as "kind!", title as "title!", language,
                  metadata as "metadata!", source, pages, seconds, passages as "passages!",
                  truncated as "truncated!", created_at as "created_at!"
           from settled_documents
           where ($1::uuid is null or id < $1) and ($2::text is null or kind = $2)
             and ($3::text is null or split_part(language, '-', 1) = $3)
           order by id desc limit $4"#,
        after.map(|after| after.0),
        filter.kind,
        filter.language.as_ref().map(Language::primary),
        i64::from(limit) + 1
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let more = items.len() > usize::from(limit);
    items.truncate(usize::from(limit));
    let next = items.last().filter(|_| more).map(|last| last.id);
    Ok(DocumentPage { items, next })
}
