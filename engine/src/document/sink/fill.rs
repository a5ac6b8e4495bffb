//! How do a tenant's documents get to the search server? Read a page of passages at a time, and sent as they come.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::bulk::Bulk;
use super::index;
use super::server::{Server, ServerError};
use crate::db::{DatabaseError, Db};
use crate::document::note;
use crate::tenant::Tenant;

/// Passages that are read at once: some megabytes at most.
const PASSAGES: i64 = 200;
/// Documents that are read at once.
const DOCUMENTS: i64 = 200;

/// The server does not agree yet.
#[derive(Debug, thiserror::Error)]
pub enum FillError {
    /// The server is away, or refused.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The database is away.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Some passages were refused.
    #[error("the search server refused {count} documents, the first of them because: {why}")]
    Refused {
        /// How many.
        count: usize,
        /// Why.
        why: String,
    },
}

impl From<sqlx::Error> for FillError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// A document as each of its passages carries it.
struct Found {
    id: Uuid,
    job_id: Uuid,
    kind: String,
    title: String,
    language: Option<String>,
    source: Option<String>,
    created_at: DateTime<Utc>,
}

/// What came of some documents.
#[derive(Default)]
pub(super) struct Filled {
    /// Those that the server refused, and why.
    pub refused: BTreeMap<Uuid, String>,
    /// Those whose job is not settled yet.
    pub early: BTreeSet<Uuid>,
}

/// Makes the server agree about some documents.
pub(super) async fn documents(
    db: &Db,
    server: &Server,
    tenant: &Tenant,
    alias: &str,
    wanted: &[Uuid],
) -> Result<Filled, FillError> {
    let (found, early) = look(db, tenant, wanted).await?;
    let there: BTreeSet<Uuid> = found.iter().map(|document| document.id).collect();
    let gone: Vec<Uuid> =
        wanted.iter().filter(|id| !there.contains(id) && !early.contains(id)).copied().collect();
    if !gone.is_empty() {
        index::forget(server, alias, &gone).await?;
    }
    if found.is_empty() {
        return Ok(Filled { early, ..Filled::default() });
    }
    index::ensure(server, alias).await?;
    let mut bulk = Bulk::new(server, alias);
    for document in &found {
        send(db, tenant, document, &mut bulk).await?;
    }
    bulk.send().await?;
    Ok(Filled { refused: bulk.refused, early })
}

/// Builds the index of a tenant anew and lets its alias lead there.
pub(super) async fn rebuild(db: &Db, server: &Server, tenant: &Tenant, alias: &str) -> Result<(), FillError> {
    // What is not settled yet was staged before anybody noted it, perhaps.
    let mut tx = db.begin_as(tenant).await?;
    let early = sqlx::query_scalar!(
        "select d.id from documents as d where not exists (select from settled_documents as s where s.id = d.id)"
    )
    .fetch_all(tx.conn())
    .await?;
    let mut tx = tx.leave().await?;
    note(tx.conn(), tenant.id, &early).await?;
    tx.commit().await?;

    let name = index::create(server, alias).await?;
    let mut bulk = Bulk::new(server, &name);
    let mut after = Uuid::nil();
    loop {
        let page = page(db, tenant, after).await?;
        for document in &page {
            send(db, tenant, document, &mut bulk).await?;
        }
        match page.last() {
            Some(last) => after = last.id,
            None => break,
        }
    }
    bulk.send().await?;
    if let Some(why) = bulk.refused.values().next() {
        return Err(FillError::Refused { count: bulk.refused.len(), why: why.clone() });
    }
    Ok(index::swap(server, alias, &name).await?)
}

/// Those of some documents that are there, and those that may come to be.
async fn look(
    db: &Db,
    tenant: &Tenant,
    wanted: &[Uuid],
) -> Result<(Vec<Found>, BTreeSet<Uuid>), DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    // Before those that are there: what is settled in between is seen as one or the other.
    let staged = sqlx::query!("select id, job_id, lease from documents where id = any ($1)", wanted)
        .fetch_all(tx.conn())
        .await?;
    let mut tx = tx.leave().await?;
    let running = sqlx::query!(
        "select job_id, lease from esteira.queue where job_id = any ($1) and state = 'running'",
        &staged.iter().map(|row| row.job_id).collect::<Vec<_>>()
    )
    .fetch_all(tx.conn())
    .await?;
    let mut tx = tx.enter(tenant).await?;
    let found = sqlx::query_as!(
        Found,
        r#"select id as "id!", job_id as "job_id!", kind as "kind!", title as "title!", language, source,
                  created_at as "created_at!"
           from settled_documents where id = any ($1) order by id"#,
        wanted
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let running: BTreeSet<(Uuid, i32)> = running.into_iter().map(|row| (row.job_id, row.lease)).collect();
    let there: BTreeSet<Uuid> = found.iter().map(|document| document.id).collect();
    let early = staged
        .into_iter()
        .filter(|row| running.contains(&(row.job_id, row.lease)) && !there.contains(&row.id))
        .map(|row| row.id)
        .collect();
    Ok((found, early))
}

async fn page(db: &Db, tenant: &Tenant, after: Uuid) -> Result<Vec<Found>, DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    let found = sqlx::query_as!(
        Found,
        r#"select id as "id!", job_id as "job_id!", kind as "kind!", title as "title!", language, source,
                  created_at as "created_at!"
           from settled_documents where id > $1 order by id limit $2"#,
        after,
        DOCUMENTS
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(found)
}

/// Sends the passages of a document.
async fn send(db: &Db, tenant: &Tenant, document: &Found, bulk: &mut Bulk<'_>) -> Result<(), FillError> {
    let mut after = -1;
    loop {
        // No transaction stays open while the server is asked.
        let mut tx = db.begin_as(tenant).await?;
        let passages = sqlx::query!(
            "select number, page, from_second, to_second, text from passages
             where document_id = $1 and number > $2 order by number limit $3",
            document.id,
            after,
            PASSAGES
        )
        .fetch_all(tx.conn())
        .await?;
        tx.commit().await?;
        let Some(last) = passages.last() else { return Ok(()) };
        after = last.number;
        for passage in passages {
            let told = json!({
                "document_id": document.id, "job_id": document.job_id, "kind": document.kind,
                "title": document.title, "language": document.language, "source": document.source,
                "created_at": document.created_at, "number": passage.number, "page": passage.page,
                "seconds": passage.from_second, "end_seconds": passage.to_second, "text": passage.text,
            });
            bulk.add(document.id, passage.number, &told).await?;
        }
    }
}
