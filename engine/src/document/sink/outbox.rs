//! What does Postgres want the search server to be told? Documents to look at, tenants that are gone, and tenants whose
//! index is to be built anew.

use std::time::Duration;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::db::{DatabaseError, Db};
use crate::id::TenantId;
use crate::tenant::Tenant;

/// A note in the outbox.
pub(super) struct Change {
    pub id: i64,
    pub tenant: TenantId,
    /// The document, or `None` where the tenant is gone.
    pub document: Option<Uuid>,
    /// What the tenant was called that is gone.
    pub gone_slug: Option<String>,
    pub tries: i32,
}

/// A tenant whose index is to be built anew.
#[derive(Debug, Clone)]
pub struct Rebuild {
    /// Its name.
    pub slug: String,
    /// How often it was tried in vain.
    pub tries: i32,
    /// What stood in the way the last time.
    pub failure: Option<String>,
}

/// From now on there is a search server. It is told everything when that is news.
pub(super) async fn start(db: &Db) -> Result<(), DatabaseError> {
    let news = sqlx::query!("insert into esteira.search_sinks default values on conflict do nothing")
        .execute(db.pool())
        .await?;
    if news.rows_affected() > 0 { ask_rebuild(db, None).await.map(drop) } else { Ok(()) }
}

/// Asks for the index of a tenant, or those of all, to be built anew, and for everything that comes to be told from now
/// on. Gives how many there are to build.
///
/// # Errors
/// When the database is away.
pub async fn ask_rebuild(db: &Db, tenant: Option<&Tenant>) -> Result<u64, DatabaseError> {
    let mut tx = db.begin().await?;
    sqlx::query!("insert into esteira.search_sinks default values on conflict do nothing")
        .execute(tx.conn())
        .await?;
    let asked = sqlx::query!(
        "insert into esteira.search_rebuilds as asked (tenant_id)
         select id from esteira.tenants where state <> 'deleting' and ($1::integer is null or id = $1)
         on conflict (tenant_id) do update
         set asked_at = clock_timestamp(), due_at = esteira.now(), tries = 0, failure = null",
        tenant.map(|tenant| tenant.id.0)
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(asked.rows_affected())
}

/// The tenants whose index is still to be built anew.
///
/// # Errors
/// When the database is away.
pub async fn rebuilds(db: &Db) -> Result<Vec<Rebuild>, DatabaseError> {
    let rows = sqlx::query_as!(
        Rebuild,
        "select t.slug, r.tries, r.failure from esteira.search_rebuilds as r
         join esteira.tenants as t on t.id = r.tenant_id order by t.slug"
    )
    .fetch_all(db.pool())
    .await?;
    Ok(rows)
}

/// There is no search server any more: nothing is noted for it, and what was noted is forgotten.
///
/// # Errors
/// When the database is away.
pub async fn stop(db: &Db) -> Result<(), DatabaseError> {
    let mut tx = db.begin().await?;
    sqlx::query!("delete from esteira.search_sinks").execute(tx.conn()).await?;
    sqlx::query!("delete from esteira.search_rebuilds").execute(tx.conn()).await?;
    sqlx::query!("delete from esteira.search_changes").execute(tx.conn()).await?;
    tx.commit().await
}

/// Notes that a tenant goes, in the transaction that removes it.
pub(crate) async fn note_removal(conn: &mut PgConnection, tenant: &Tenant) -> Result<(), DatabaseError> {
    sqlx::query!(
        "insert into esteira.search_changes (tenant_id, gone_slug) select $1, $2 from esteira.search_sinks",
        tenant.id.0,
        tenant.slug.as_str()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Asks for the index of a tenant that was imported, if there is a search server.
pub(crate) async fn note_import(conn: &mut PgConnection, tenant: TenantId) -> Result<(), DatabaseError> {
    sqlx::query!(
        "insert into esteira.search_rebuilds (tenant_id) select $1 from esteira.search_sinks
         on conflict (tenant_id) do nothing",
        tenant.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The columns of a note.
struct Row {
    id: i64,
    tenant_id: i32,
    document_id: Option<Uuid>,
    gone_slug: Option<String>,
    tries: i32,
}

/// The notes that are due, the oldest first. Those of a tenant whose index is to be built anew wait for that.
pub(super) async fn due(db: &Db, limit: i64) -> Result<Vec<Change>, DatabaseError> {
    let rows = sqlx::query_as!(
        Row,
        "select c.id, c.tenant_id, c.document_id, c.gone_slug, c.tries from esteira.search_changes as c
         where c.due_at <= esteira.now()
           and not exists (select from esteira.search_rebuilds as r where r.tenant_id = c.tenant_id)
         order by c.due_at, c.id limit $1",
        limit
    )
    .fetch_all(db.pool())
    .await?;
    let change = |row: Row| Change {
        id: row.id,
        tenant: TenantId(row.tenant_id),
        document: row.document_id,
        gone_slug: row.gone_slug,
        tries: row.tries,
    };
    Ok(rows.into_iter().map(change).collect())
}

/// Notes that were followed go.
pub(super) async fn done(db: &Db, changes: &[i64]) -> Result<(), DatabaseError> {
    sqlx::query!("delete from esteira.search_changes where id = any ($1)", changes)
        .execute(db.pool())
        .await?;
    Ok(())
}

/// A note is taken up again later; `tried` counts that as a try in vain.
pub(super) async fn put_off(
    db: &Db,
    changes: &[i64],
    pause: Duration,
    tried: bool,
) -> Result<(), DatabaseError> {
    sqlx::query!(
        "update esteira.search_changes
         set due_at = esteira.now() + make_interval(secs => $2), tries = tries + $3::boolean::integer
         where id = any ($1)",
        changes,
        pause.as_secs_f64(),
        tried
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// The tenant whose rebuild is due, and when that was asked for.
pub(super) async fn next_rebuild(
    db: &Db,
) -> Result<Option<(TenantId, chrono::DateTime<chrono::Utc>, i32)>, DatabaseError> {
    let row = sqlx::query!(
        "select tenant_id, asked_at, tries from esteira.search_rebuilds where due_at <= esteira.now()
         order by due_at, tenant_id limit 1"
    )
    .fetch_optional(db.pool())
    .await?;
    Ok(row.map(|row| (TenantId(row.tenant_id), row.asked_at, row.tries)))
}

/// A rebuild is done, unless another one was asked for meanwhile.
pub(super) async fn rebuilt(
    db: &Db,
    tenant: TenantId,
    asked: chrono::DateTime<chrono::Utc>,
) -> Result<(), DatabaseError> {
    sqlx::query!(
        "delete from esteira.search_rebuilds where tenant_id = $1 and asked_at = $2",
        tenant.0,
        asked
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// A rebuild failed, and is tried again later.
pub(super) async fn rebuild_failed(
    db: &Db,
    tenant: TenantId,
    pause: Duration,
    why: &str,
) -> Result<(), DatabaseError> {
    sqlx::query!(
        "update esteira.search_rebuilds
         set due_at = esteira.now() + make_interval(secs => $2), tries = tries + 1, failure = $3
         where tenant_id = $1",
        tenant.0,
        pause.as_secs_f64(),
        why
    )
    .execute(db.pool())
    .await?;
    Ok(())
}
