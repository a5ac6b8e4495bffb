//! What is due, and when is something due next? One statement over the control schema alone.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::{DatabaseError, Db};
use crate::id::{JobId, ScheduleId, TenantId};

/// Schedules of one look.
const MOST: i64 = 1000;
/// Those of one tenant in it: whoever has thousands that are due at the same second leaves room for others, and has the rest
/// looked at right after them.
const SHARE: i64 = 200;

/// A schedule that is to be looked at.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub tenant: TenantId,
    pub schedule: ScheduleId,
    /// The first instant about which nothing was decided, where it is due; without it, a run has waited long enough.
    pub due: Option<DateTime<Utc>>,
    pub last_job: Option<JobId>,
    pub is_running: bool,
    pub waiting: i32,
    pub revision: i64,
}

/// What a look has shown.
#[derive(Debug)]
pub(super) struct Look {
    pub now: DateTime<Utc>,
    /// When the next schedule is due that is not yet.
    pub next_in: Option<Duration>,
    pub found: Vec<Found>,
}

impl Look {
    /// Whether there may be more than were found, of all or of one tenant.
    pub fn is_full(&self) -> bool {
        let mut by_tenant: HashMap<TenantId, i64> = HashMap::new();
        for found in &self.found {
            *by_tenant.entry(found.tenant).or_default() += 1;
        }
        by_tenant.values().sum::<i64>() >= MOST || by_tenant.values().any(|found| *found >= SHARE)
    }
}

/// Looks for what is due, the longest waiting first, of each tenant its share; by the index `schedules_due`, and by `schedules_waiting` for runs that
/// waited for a job which is over. Those of a tenant that is suspended are due when it is resumed.
pub(super) async fn look(db: &Db) -> Result<Look, DatabaseError> {
    let rows = sqlx::query!(
        r#"select esteira.now() as "now!",
                  (select min(s.fire_at) from esteira.schedules as s where s.fire_at > esteira.now()) as next_at,
                  found.tenant_id as "tenant_id?", found.schedule_id as "schedule_id?", found.due_at as "due_at?",
                  found.last_job as "last_job?", found.is_running as "is_running?", found.waiting as "waiting?",
                  found.revision as "revision?"
           from (select) as one left join lateral (
               (select s.tenant_id, s.schedule_id, s.due_at, s.last_job, s.waiting, s.revision, s.fire_at,
                       exists (select from esteira.queue as q where q.job_id = s.last_job) as is_running
                from (select s.*, row_number() over (partition by s.tenant_id order by s.fire_at) as place
                      from esteira.schedules as s join esteira.tenants as t on t.id = s.tenant_id
                      where s.fire_at <= esteira.now() and t.state = 'active') as s
                where s.place <= $2 order by s.fire_at limit $1)
               union all
               (select s.tenant_id, s.schedule_id, null, s.last_job, s.waiting, s.revision, null, false
                from (select s.*, row_number() over (partition by s.tenant_id order by s.schedule_id) as place
                      from esteira.schedules as s join esteira.tenants as t on t.id = s.tenant_id
                      where s.waiting > 0 and t.state = 'active' and (s.fire_at > esteira.now() or s.fire_at is null)
                        and (s.put_off_until <= esteira.now() or s.put_off_until is null)
                        and not exists (select from esteira.queue as q where q.job_id = s.last_job)) as s
                where s.place <= $2 order by s.place, s.tenant_id limit $1)
           ) as found on true
           order by found.fire_at"#,
        MOST,
        SHARE
    )
    .fetch_all(db.pool())
    .await?;
    let mut look = Look { now: DateTime::UNIX_EPOCH, next_in: None, found: Vec::with_capacity(rows.len()) };
    for row in rows {
        look.now = row.now;
        look.next_in = row.next_at.map(|next| (next - row.now).to_std().unwrap_or_default());
        let (Some(tenant), Some(schedule)) = (row.tenant_id, row.schedule_id) else { continue };
        look.found.push(Found {
            tenant: TenantId(tenant),
            schedule: ScheduleId(schedule),
            due: row.due_at,
            last_job: row.last_job.map(JobId),
            is_running: row.is_running.unwrap_or_default(),
            waiting: row.waiting.unwrap_or_default(),
            revision: row.revision.unwrap_or_default(),
        });
    }
    Ok(look)
}

/// The definitions of what was found, in no order, those of several tenants at once.
pub(super) async fn read(db: &Db, found: &[Found]) -> Result<Vec<Text>, DatabaseError> {
    db.meet(found.iter().map(|found| found.tenant));
    let rows = sqlx::query_as!(
        Text,
        r#"select tenant_id as "tenant_id!", id as "id!", name as "name!", cron as "cron!", timezone as "timezone!",
                  kind as "kind!", input as "input!", priority as "priority!", max_attempts, timeout_seconds,
                  metadata as "metadata!", overlap as "overlap!", catch_up as "catch_up!",
                  jitter_seconds as "jitter_seconds!", waiting_run, waiting_due, waiting_by_hand
           from esteira.read_schedules($1, $2)"#,
        &found.iter().map(|found| found.tenant.0).collect::<Vec<_>>(),
        &found.iter().map(|found| found.schedule.0).collect::<Vec<_>>()
    )
    .fetch_all(db.pool())
    .await?;
    Ok(rows)
}

/// A schedule as it is read, with the run of its that waits longest.
pub(super) struct Text {
    pub tenant_id: i32,
    pub id: Uuid,
    pub name: String,
    pub cron: String,
    pub timezone: String,
    pub kind: String,
    pub input: serde_json::Value,
    pub priority: i16,
    pub max_attempts: Option<i16>,
    pub timeout_seconds: Option<i32>,
    pub metadata: serde_json::Value,
    pub overlap: String,
    pub catch_up: String,
    pub jitter_seconds: i32,
    pub waiting_run: Option<Uuid>,
    pub waiting_due: Option<DateTime<Utc>>,
    pub waiting_by_hand: Option<bool>,
}
