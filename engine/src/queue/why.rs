//! Why does a job not run yet? The facts that are looked up; the reasons are drawn from them beside this file.
//!
//! It tells a tenant about its own work and about the kind's slots, and nothing of other tenants: that others
//! are served first shows only as slots that are all busy.
//!
//! Every count is bounded or small (running jobs, workers): measured 0.2 to 2.5 ms with 1 million queued rows.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::read::state;
use super::reason::{AHEAD_COUNTED, Facts, Reason, reasons};
use crate::db::{DatabaseError, Db};
use crate::id::{JobId, TenantId};
use crate::job::JobState;
use crate::tenant::Tenant;

/// Where a job stands, and what it waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// Its state.
    pub state: JobState,
    /// What it waits for; never empty for a job that waits, empty for one that runs or is final.
    pub waits_for: Vec<Reason>,
    /// The attempt that runs, and since when.
    pub running: Option<(i16, DateTime<Utc>)>,
}

/// The row of a job that is not final.
struct Row {
    job_id: uuid::Uuid,
    state: String,
    kind: String,
    priority: i16,
    seq: i64,
    ready_at: DateTime<Utc>,
    is_due: bool,
    attempt: i16,
    started_at: Option<DateTime<Utc>>,
    suspended: bool,
    max_running: Option<i32>,
}

/// Why a tenant's job is where it is; `None` when the tenant has no such job.
pub async fn why(db: &Db, tenant: &Tenant, job: JobId) -> Result<Option<Why>, DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    // Under the tenant's role: what it does not own is not there.
    let Some(found) = state(tx.conn(), job).await? else { return Ok(None) };
    let still = |state| Some(Why { state, waits_for: Vec::new(), running: None });
    if found.is_final() {
        return Ok(still(found));
    }
    let mut tx = tx.leave().await?;
    let Some(row) = row(tx.conn(), tenant.id, job).await? else {
        // It ended between the two looks.
        return Ok(state(tx.enter(tenant).await?.conn(), job).await?.and_then(still));
    };
    let now: JobState = row.state.parse().map_err(|error: String| sqlx::Error::Decode(error.into()))?;
    if now == JobState::Running {
        let running = row.started_at.map(|since| (row.attempt, since));
        return Ok(Some(Why { state: now, waits_for: Vec::new(), running }));
    }
    let facts = facts(tx.conn(), tenant.id, now, &row).await?;
    tx.commit().await?;
    Ok(Some(Why { state: now, waits_for: reasons(facts), running: None }))
}

async fn row(conn: &mut PgConnection, tenant: TenantId, job: JobId) -> Result<Option<Row>, DatabaseError> {
    Ok(sqlx::query_as!(
        Row,
        r#"select q.job_id, q.state, q.kind, q.priority, q.seq, q.ready_at,
                  q.ready_at <= esteira.now() as "is_due!", q.attempt, q.started_at,
                  t.state <> 'active' as "suspended!", t.max_running
           from esteira.queue as q join esteira.tenants as t on t.id = q.tenant_id
           where q.job_id = $1 and q.tenant_id = $2"#,
        job.0,
        tenant.0
    )
    .fetch_optional(conn)
    .await?)
}

async fn facts(
    conn: &mut PgConnection,
    tenant: TenantId,
    state: JobState,
    row: &Row,
) -> Result<Facts, DatabaseError> {
    let pauses = sqlx::query!(
        r#"select tenant_id is not null as "of_tenant!", kind is not null as "of_kind!", paused_at
           from esteira.pauses
           where (tenant_id is null or tenant_id = $1) and (kind is null or kind = $2)
           order by tenant_id nulls first, kind nulls first"#,
        tenant.0,
        row.kind
    )
    .fetch_all(&mut *conn)
    .await?;
    // At most as many as a submit may name.
    let needs = sqlx::query_scalar!(
        "select needs from esteira.dependencies where job_id = $1 order by needs",
        row.job_id
    )
    .fetch_all(&mut *conn)
    .await?;
    // Two ranges of queue_next rather than one condition with an `or`, which would walk the whole lane.
    let counts = sqlx::query!(
        r#"select (select count(*) from (
                       (select from esteira.queue where kind = $1 and tenant_id = $2 and state = 'queued'
                            and priority > $3 limit $5)
                       union all
                       (select from esteira.queue where kind = $1 and tenant_id = $2 and state = 'queued'
                            and priority = $3 and seq < $4 limit $5)
                       limit $5) as before) as "ahead!",
                  (select count(*) from esteira.queue
                   where tenant_id = $2 and state = 'running') as "tenant_running!",
                  (select coalesce(sum((w.slots ->> $1)::bigint), 0)::bigint from esteira.workers as w
                   where w.lost_at is null and w.lease_until > esteira.now()
                     and w.draining_at is null) as "slots!",
                  (select count(*) from esteira.queue as q join esteira.workers as w on w.id = q.worker_id
                   where q.state = 'running' and q.kind = $1 and w.lost_at is null
                     and w.lease_until > esteira.now() and w.draining_at is null) as "busy!""#,
        row.kind,
        tenant.0,
        row.priority,
        row.seq,
        AHEAD_COUNTED
    )
    .fetch_one(conn)
    .await?;
    let pauses = pauses
        .into_iter()
        .map(|p| Reason::Pause { of_tenant: p.of_tenant, of_kind: p.of_kind, since: p.paused_at })
        .collect();
    Ok(Facts {
        state,
        ready_at: row.ready_at,
        is_due: row.is_due,
        attempt: row.attempt,
        needs: needs.into_iter().map(JobId).collect(),
        suspended: row.suspended,
        pauses,
        max_running: row.max_running,
        tenant_running: counts.tenant_running,
        ahead: counts.ahead,
        slots: counts.slots,
        busy: counts.busy,
    })
}
