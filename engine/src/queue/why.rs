//! Why does a job not run yet? Every reason that holds at the moment, in the order in which they count.
//!
//! It tells a tenant about its own work and about the kind's slots, and nothing of other tenants: that others
//! are served first shows only as slots that are all busy.
//!
//! Every count is bounded or small (running jobs, workers): measured 0.2 to 2.5 ms with 1 million queued rows.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::PgConnection;

use super::read::state;
use crate::db::{DatabaseError, Db};
use crate::id::{JobId, TenantId};
use crate::job::JobState;
use crate::tenant::Tenant;

/// Jobs ahead are counted up to here, along the index of the lane: a thousand or a million, it will take a while.
pub const AHEAD_COUNTED: i64 = 1000;

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

/// One thing that a job waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Other jobs that have to succeed first.
    Dependency,
    /// Its time: of the submit, or of the next attempt.
    Time {
        /// When it comes.
        until: DateTime<Utc>,
        /// Whether an attempt went before.
        retry: bool,
    },
    /// Its tenant is suspended.
    TenantSuspended,
    /// An operator has paused what it belongs to.
    Pause {
        /// Whether the pause is for its tenant alone.
        of_tenant: bool,
        /// Whether the pause is for its kind alone.
        of_kind: bool,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// As many jobs of its tenant run as may.
    TenantCap {
        /// How many run.
        running: i64,
        /// How many may.
        max_running: i32,
    },
    /// Jobs of its own tenant and kind that are to run before it.
    OwnWork {
        /// How many; [`AHEAD_COUNTED`] means so many or more.
        ahead: i64,
    },
    /// No live worker takes jobs of its kind.
    NoWorker,
    /// A slot of its kind.
    Slot {
        /// How many there are in live workers.
        slots: i64,
        /// Whether all of them are busy; if not, it is about to start.
        all_busy: bool,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dependency => write!(f, "other jobs have to succeed first"),
            Self::Time { until, retry: false } => write!(f, "its time comes at {}", second(*until)),
            Self::Time { until, retry: true } => write!(f, "its next attempt comes at {}", second(*until)),
            Self::TenantSuspended => write!(f, "its tenant is suspended"),
            Self::Pause { of_tenant, of_kind, since } => {
                let what = match (of_tenant, of_kind) {
                    (true, true) => "the tenant's jobs of this kind are",
                    (true, false) => "the tenant is",
                    (false, true) => "the kind is",
                    (false, false) => "everything is",
                };
                write!(f, "{what} paused since {}", second(*since))
            }
            Self::TenantCap { running, max_running } => {
                write!(f, "the tenant runs {running} of at most {max_running} jobs")
            }
            Self::OwnWork { ahead: 1 } => write!(f, "1 job of its tenant and kind is before it"),
            Self::OwnWork { ahead } => {
                let more = if *ahead >= AHEAD_COUNTED { " or more" } else { "" };
                write!(f, "{ahead}{more} jobs of its tenant and kind are before it")
            }
            Self::NoWorker => write!(f, "no live worker takes jobs of its kind"),
            Self::Slot { slots, all_busy: true } => write!(f, "all slots of its kind are busy: {slots}"),
            Self::Slot { slots, all_busy: false } => {
                write!(f, "not all slots of its kind are busy ({slots} in all): it is about to start")
            }
        }
    }
}

fn second(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The row of a job that is not final.
struct Row {
    state: String,
    kind: String,
    priority: i16,
    seq: i64,
    ready_at: DateTime<Utc>,
    attempt: i16,
    started_at: Option<DateTime<Utc>>,
    suspended: bool,
    max_running: Option<i32>,
}

/// What the reasons are drawn from.
struct Facts {
    state: JobState,
    ready_at: DateTime<Utc>,
    attempt: i16,
    suspended: bool,
    pauses: Vec<Reason>,
    max_running: Option<i32>,
    tenant_running: i64,
    ahead: i64,
    slots: i64,
    busy: i64,
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

/// Draws the reasons from the facts.
fn reasons(facts: Facts) -> Vec<Reason> {
    let mut reasons = Vec::new();
    match facts.state {
        JobState::Blocked => reasons.push(Reason::Dependency),
        JobState::Scheduled => {
            reasons.push(Reason::Time { until: facts.ready_at, retry: facts.attempt > 0 });
        }
        _ => {}
    }
    if facts.suspended {
        reasons.push(Reason::TenantSuspended);
    }
    reasons.extend(facts.pauses);
    if facts.state != JobState::Queued {
        return reasons;
    }
    if let Some(max_running) = facts.max_running.filter(|most| facts.tenant_running >= i64::from(*most)) {
        reasons.push(Reason::TenantCap { running: facts.tenant_running, max_running });
    }
    if facts.ahead > 0 {
        reasons.push(Reason::OwnWork { ahead: facts.ahead });
    }
    let (slots, all_busy) = (facts.slots, facts.busy >= facts.slots);
    if slots == 0 {
        reasons.push(Reason::NoWorker);
    } else if all_busy || reasons.is_empty() {
        reasons.push(Reason::Slot { slots, all_busy });
    }
    reasons
}

async fn row(conn: &mut PgConnection, tenant: TenantId, job: JobId) -> Result<Option<Row>, DatabaseError> {
    Ok(sqlx::query_as!(
        Row,
        r#"select q.state, q.kind, q.priority, q.seq, q.ready_at, q.attempt, q.started_at,
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
        attempt: row.attempt,
        suspended: row.suspended,
        pauses,
        max_running: row.max_running,
        tenant_running: counts.tenant_running,
        ahead: counts.ahead,
        slots: counts.slots,
        busy: counts.busy,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queued() -> Facts {
        Facts {
            state: JobState::Queued,
            ready_at: DateTime::UNIX_EPOCH,
            attempt: 0,
            suspended: false,
            pauses: Vec::new(),
            max_running: None,
            tenant_running: 0,
            ahead: 0,
            slots: 2,
            busy: 1,
        }
    }

    #[test]
    fn a_job_that_nothing_holds_back_is_about_to_start() {
        assert_eq!(reasons(queued()), [Reason::Slot { slots: 2, all_busy: false }]);
    }

    #[test]
    fn everything_that_holds_is_told_and_a_free_slot_is_no_reason_then() {
        let held = Facts { suspended: true, max_running: Some(1), tenant_running: 1, ahead: 3, ..queued() };
        let expected = [
            Reason::TenantSuspended,
            Reason::TenantCap { running: 1, max_running: 1 },
            Reason::OwnWork { ahead: 3 },
        ];
        assert_eq!(reasons(held), expected);
        let busy = Facts { ahead: 1, busy: 2, ..queued() };
        assert_eq!(reasons(busy), [Reason::OwnWork { ahead: 1 }, Reason::Slot { slots: 2, all_busy: true }]);
        assert_eq!(reasons(Facts { slots: 0, busy: 0, ..queued() }), [Reason::NoWorker]);
    }

    #[test]
    fn a_job_whose_time_has_not_come_waits_for_no_slot() {
        let scheduled = Facts { state: JobState::Scheduled, attempt: 1, slots: 0, ..queued() };
        assert_eq!(reasons(scheduled), [Reason::Time { until: DateTime::UNIX_EPOCH, retry: true }]);
        assert_eq!(reasons(Facts { state: JobState::Blocked, ..queued() }), [Reason::Dependency]);
    }

    #[test]
    fn a_count_that_ended_early_says_so() {
        let text = |ahead| Reason::OwnWork { ahead }.to_string();
        assert_eq!(text(1), "1 job of its tenant and kind is before it");
        assert_eq!(text(AHEAD_COUNTED - 1), "999 jobs of its tenant and kind are before it");
        assert_eq!(text(AHEAD_COUNTED), "1000 or more jobs of its tenant and kind are before it");
    }
}
