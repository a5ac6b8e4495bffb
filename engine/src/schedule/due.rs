//! When is a schedule due next? Its row of the control schema, as its owner's changes set it.

use chrono::{DateTime, Utc};
use esteira_scheduler::Cron;
use sqlx::PgConnection;
use uuid::Uuid;

use super::definition::delay;
use crate::db::{DatabaseError, EngineTx, TenantTx};
use crate::id::{ScheduleId, TenantId};
use crate::tenant::Tenant;

/// Makes the row of a new schedule.
pub(super) async fn insert(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: ScheduleId,
    due: Option<DateTime<Utc>>,
    jitter_seconds: u32,
) -> Result<(), DatabaseError> {
    sqlx::query!(
        "insert into esteira.schedules (tenant_id, schedule_id, due_at, fire_at) values ($1, $2, $3, $4)",
        tenant.0,
        id.0,
        due,
        due.map(|due| due + delay(id, jitter_seconds))
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A schedule's row, which is locked: before anything of the schedule in the tenant's schema, as everybody does.
pub(super) struct Locked {
    pub due_at: Option<DateTime<Utc>>,
    pub waiting: i32,
    pub last_job: Option<Uuid>,
    pub is_running: bool,
}

/// Locks the row of a schedule; `None` where there is none.
pub(super) async fn lock(
    tx: &mut EngineTx,
    tenant: TenantId,
    id: ScheduleId,
) -> Result<Option<Locked>, DatabaseError> {
    sqlx::query!(
        "select revision from esteira.schedules where tenant_id = $1 and schedule_id = $2 for update",
        tenant.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    // A statement of its own, which sees what whoever had the row before has committed.
    let locked = sqlx::query_as!(
        Locked,
        r#"select s.due_at, s.waiting, s.last_job,
                  exists (select from esteira.queue as q where q.job_id = s.last_job) as "is_running!"
           from esteira.schedules as s where s.tenant_id = $1 and s.schedule_id = $2"#,
        tenant.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(locked)
}

/// Sets when a schedule is due, and how many runs wait.
pub(super) async fn set(
    conn: &mut PgConnection,
    tenant: TenantId,
    id: ScheduleId,
    due: Option<DateTime<Utc>>,
    jitter_seconds: u32,
    waiting: i32,
) -> Result<(), DatabaseError> {
    sqlx::query!(
        "update esteira.schedules set due_at = $3, fire_at = $4, waiting = $5, revision = revision + 1
         where tenant_id = $1 and schedule_id = $2",
        tenant.0,
        id.0,
        due,
        due.map(|due| due + delay(id, jitter_seconds)),
        waiting
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The first due instant of a schedule from now on about which nothing was decided: also where the clock was set back.
pub(super) async fn next(
    tx: &mut TenantTx,
    id: ScheduleId,
    cron: &Cron,
) -> Result<Option<DateTime<Utc>>, DatabaseError> {
    // The last of its history, by the index `schedule_runs_once`: lines follow each other, also those that stand for many.
    let after = sqlx::query_scalar!(
        r#"select greatest(esteira.now(), (select coalesce(r.through, r.due_at) from schedule_runs as r
                                           where r.schedule_id = $1 and not r.by_hand
                                           order by r.due_at desc limit 1)) as "after!""#,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(cron.after(after).next())
}

/// Lets the schedules of a tenant that was just imported be due from now on; in the import's transaction.
pub(crate) async fn note_import(mut tx: TenantTx, tenant: &Tenant) -> Result<EngineTx, DatabaseError> {
    let rows = sqlx::query!("select id, cron, timezone, jitter_seconds, enabled from schedules order by id")
        .fetch_all(tx.conn())
        .await?;
    let mut dues = Vec::with_capacity(rows.len());
    for row in rows {
        let id = ScheduleId(row.id);
        // An archive may have a zone that this program's database of zones does not know.
        let due = match Cron::parse(&row.cron, &row.timezone) {
            Ok(cron) if row.enabled => next(&mut tx, id, &cron).await?,
            _ => None,
        };
        dues.push((id, due, row.jitter_seconds.unsigned_abs()));
    }
    let mut tx = tx.leave().await?;
    for (id, due, jitter_seconds) in dues {
        insert(tx.conn(), tenant.id, id, due, jitter_seconds).await?;
    }
    Ok(tx)
}
