//! How does a tenant make, change and remove schedules? In its own table, and when they are due in the control schema.

use super::definition::{Definition, Schedule, ScheduleChange, ScheduleError, check_version};
use super::due;
use super::read::{find, read};
use crate::db::TenantTx;
use crate::engine::Engine;
use crate::id::ScheduleId;
use crate::queue::preflight;
use crate::tenant::Tenant;
use chrono::DateTime;
use esteira_scheduler::Cron;
use serde_json::Value;

/// Makes a schedule, as long as the tenant has fewer than `limit`.
pub(crate) async fn create(
    engine: &Engine,
    tenant: &Tenant,
    new: &Definition,
    limit: i64,
) -> Result<Schedule, ScheduleError> {
    check_version(tenant)?;
    let id = ScheduleId::new();
    let cron = check(engine, tenant, id, new).await?;
    engine.db.meet([tenant.id]);
    let mut tx = engine.db.begin().await?;
    // The row stays locked, so that of two who make one at the same moment the second counts the first one's.
    sqlx::query!("select id from esteira.tenants where id = $1 for no key update", tenant.id.0)
        .fetch_optional(tx.conn())
        .await?;
    let mut tx = tx.enter(tenant).await?;
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from schedules"#).fetch_one(tx.conn()).await?;
    if count >= limit {
        return Err(ScheduleError::TooMany { limit });
    }
    sqlx::query!(
        "insert into schedules (id, name, cron, timezone, kind, input, overlap, catch_up)
                  values ($1, '', '', '', '', 'null', 'skip', 'none')",
        id.0
    )
    .execute(tx.conn())
    .await?;
    keep(&mut tx, id, new).await?;
    let due = if new.enabled { due::next(&mut tx, id, &cron).await? } else { None };
    let mut tx = tx.leave().await?;
    due::insert(tx.conn(), tenant.id, id, due, new.jitter_seconds).await?;
    tx.commit().await?;
    read(&engine.db, tenant, id).await
}

/// Changes a schedule. What waits of one that is paused is skipped, and what is due while it is.
pub(crate) async fn change(
    engine: &Engine,
    tenant: &Tenant,
    id: ScheduleId,
    change: &ScheduleChange,
) -> Result<Schedule, ScheduleError> {
    let known = read(&engine.db, tenant, id).await?;
    let asked = changed(engine, &known.definition, change);
    // Its files are looked for where the job changes, and not where somebody pauses it because they are gone.
    let is_job_new = change.kind.is_some() || change.input.is_some() || change.metadata.is_some();
    let is_new =
        is_job_new || change.priority.is_some() || change.max_attempts.is_some() || change.timeout.is_some();
    let mut cron = if is_new { check(engine, tenant, id, &asked).await? } else { asked.check()? };

    engine.db.meet([tenant.id]);
    let mut tx = engine.db.begin().await?;
    let locked = due::lock(&mut tx, tenant.id, id).await?.ok_or(ScheduleError::Unknown)?;
    let mut tx = tx.enter(tenant).await?;
    // Somebody else may have changed another field meanwhile.
    let known = find(&mut tx, id).await?.ok_or(ScheduleError::Unknown)?.definition;
    let new = changed(engine, &known, change);
    cron = if new.cron == asked.cron && new.timezone == asked.timezone { cron } else { new.check()? };
    keep(&mut tx, id, &new).await?;
    let same_times = new.cron == known.cron && new.timezone == known.timezone && new.enabled == known.enabled;
    let due = match new.enabled {
        _ if same_times => locked.due_at,
        true => due::next(&mut tx, id, &cron).await?,
        false => None,
    };
    let waiting = if new.enabled { locked.waiting } else { skip_waiting(&mut tx, id).await? };
    let mut tx = tx.leave().await?;
    due::set(tx.conn(), tenant.id, id, due, new.jitter_seconds, waiting).await?;
    tx.commit().await?;
    read(&engine.db, tenant, id).await
}

/// A definition with what changes. Who changes it was shown `***` for what is write-only: that stays what it is.
fn changed(engine: &Engine, known: &Definition, change: &ScheduleChange) -> Definition {
    let mut new = known.clone();
    new.apply(change);
    if new.kind == known.kind {
        engine.catalog.keep_concealed(&known.kind, &known.input, &mut new.input);
    }
    new
}

/// Removes a schedule with its history. Its jobs stay.
pub(crate) async fn remove(engine: &Engine, tenant: &Tenant, id: ScheduleId) -> Result<(), ScheduleError> {
    check_version(tenant)?;
    engine.db.meet([tenant.id]);
    let mut tx = engine.db.begin().await?;
    sqlx::query!(
        "delete from esteira.schedules where tenant_id = $1 and schedule_id = $2",
        tenant.id.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    let mut tx = tx.enter(tenant).await?;
    let gone = sqlx::query!("delete from schedules where id = $1", id.0).execute(tx.conn()).await?;
    if gone.rows_affected() == 0 {
        return Err(ScheduleError::Unknown);
    }
    sqlx::query!("delete from schedule_runs where schedule_id = $1", id.0).execute(tx.conn()).await?;
    tx.commit().await?;
    Ok(())
}

/// Looks at a definition as a whole: its times, and whether its job would be taken now.
async fn check(
    engine: &Engine,
    tenant: &Tenant,
    id: ScheduleId,
    definition: &Definition,
) -> Result<Cron, ScheduleError> {
    let cron = definition.check()?;
    // Checked at no instant in particular: each has its own `due_at`, of the same length.
    let submission = definition.submission(id, DateTime::UNIX_EPOCH);
    preflight(&engine.db, &engine.store, &engine.catalog, tenant, &submission).await?;
    Ok(cron)
}

/// Writes every field of a definition.
async fn keep(tx: &mut TenantTx, id: ScheduleId, new: &Definition) -> Result<(), ScheduleError> {
    let seconds = new.timeout.map(|timeout| i32::try_from(timeout.as_secs()).unwrap_or(i32::MAX));
    sqlx::query!(
        "update schedules
         set name = $2, cron = $3, timezone = $4, kind = $5, input = $6, priority = $7, max_attempts = $8,
             timeout_seconds = $9, metadata = $10, overlap = $11, catch_up = $12, jitter_seconds = $13, enabled = $14,
             updated_at = esteira.now()
         where id = $1",
        id.0,
        new.name,
        new.cron,
        new.timezone,
        new.kind,
        new.input,
        new.priority,
        new.max_attempts.map(|n| i16::try_from(n).unwrap_or(i16::MAX)),
        seconds,
        Value::Object(new.metadata.clone()),
        new.overlap.as_str(),
        new.catch_up.as_str(),
        i32::try_from(new.jitter_seconds).unwrap_or(i32::MAX),
        new.enabled
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Nothing waits for a schedule that is paused; gives how many do.
async fn skip_waiting(tx: &mut TenantTx, id: ScheduleId) -> Result<i32, ScheduleError> {
    sqlx::query!(
        "update schedule_runs set state = 'skipped', reason = 'paused', decided_at = esteira.now()
         where schedule_id = $1 and state = 'waiting'",
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(0)
}
