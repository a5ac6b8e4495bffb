//! Which schedules does a tenant have? Each with its next due instants.

use super::definition::{Schedule, ScheduleError, SchedulePage, check_version};
use super::row::Row;
use crate::db::{DatabaseError, Db, TenantTx};
use crate::id::ScheduleId;
use crate::tenant::Tenant;

/// One schedule.
pub(crate) async fn read(db: &Db, tenant: &Tenant, id: ScheduleId) -> Result<Schedule, ScheduleError> {
    check_version(tenant)?;
    let mut tx = db.begin_as(tenant).await?;
    let found = find(&mut tx, id).await?;
    tx.commit().await?;
    found.ok_or(ScheduleError::Unknown)
}

/// The same within a transaction; from there on, nobody else changes it before that ends.
pub(super) async fn find(tx: &mut TenantTx, id: ScheduleId) -> Result<Option<Schedule>, DatabaseError> {
    sqlx::query_as!(
        Row,
        r#"select id, name, cron, timezone, kind, input, priority, max_attempts, timeout_seconds, metadata,
                  overlap, catch_up, jitter_seconds, enabled, created_at, updated_at, esteira.now() as "now!"
           from schedules where id = $1"#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Schedule::try_from)
    .transpose()
}

/// A page of a tenant's schedules, at most `limit`, made after `after`.
pub(crate) async fn list(
    db: &Db,
    tenant: &Tenant,
    after: Option<ScheduleId>,
    limit: u16,
) -> Result<SchedulePage, ScheduleError> {
    check_version(tenant)?;
    let mut tx = db.begin_as(tenant).await?;
    let rows = sqlx::query_as!(
        Row,
        r#"select id, name, cron, timezone, kind, input, priority, max_attempts, timeout_seconds, metadata,
                  overlap, catch_up, jitter_seconds, enabled, created_at, updated_at, esteira.now() as "now!"
           from schedules where $1::uuid is null or id > $1 order by id limit $2"#,
        after.map(|id| id.0),
        i64::from(limit) + 1
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let mut items = rows.into_iter().map(Schedule::try_from).collect::<Result<Vec<_>, _>>()?;
    let more = items.len() > usize::from(limit);
    items.truncate(usize::from(limit));
    let next = items.last().filter(|_| more).map(|last| last.id);
    Ok(SchedulePage { items, next })
}
