//! How does a worker get jobs? By one statement over control rows alone.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::db::{DatabaseError, Db};
use crate::id::{JobId, TenantId, WorkerId};
use crate::job::Counters;
use crate::trace::TraceContext;

/// The right to run one attempt of a job and to settle it, once.
#[derive(Debug)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its kind.
    pub kind: String,
    /// Who holds the lease.
    pub worker: WorkerId,
    /// The fence: how often the job was claimed.
    pub lease: i32,
    /// Attempts and crashes so far, this attempt included.
    pub counters: Counters,
    /// Time for this attempt.
    pub timeout: Duration,
    /// Since when the job could have run.
    pub ready_at: DateTime<Utc>,
    /// How long it waited for this attempt.
    pub wait: Wait,
    /// The trace in which it was submitted, if that is recorded.
    pub trace: Option<TraceContext>,
}

/// How long a job waited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wait {
    /// Behind its own tenant's work.
    pub own_work: Duration,
    /// After that, for a slot only.
    pub slot: Duration,
}

impl Wait {
    fn between(ready_at: DateTime<Utc>, head_at: DateTime<Utc>, started_at: DateTime<Utc>) -> Self {
        // Never less than nothing: a claim whose transaction is older than the submit's has the earlier time.
        let since = |from: DateTime<Utc>, to: DateTime<Utc>| (to - from).to_std().unwrap_or_default();
        Self { own_work: since(ready_at, head_at), slot: since(head_at, started_at) }
    }
}

/// A lane gives as many short jobs at a time as fit into this much processing time.
const QUANTUM_SECONDS: f32 = 0.1;

/// A claimed job, and its input where that is small enough to be read along.
pub type Claimed = (Lease, Option<Value>);

/// Claims up to `limit` jobs of a kind; `estimate` is what one of them will cost, in seconds.
pub async fn claim(
    db: &Db,
    worker: WorkerId,
    kind: &str,
    limit: usize,
    estimate: Duration,
) -> Result<Vec<Lease>, DatabaseError> {
    let claimed = claim_with_inputs(db, worker, kind, limit, estimate, 0).await?;
    Ok(claimed.into_iter().map(|(lease, _)| lease).collect())
}

/// The same, with the inputs that have at most so many bytes. Of a tenant whose schema is broken there are none.
///
/// # Errors
/// When the database is away.
pub async fn claim_with_inputs(
    db: &Db,
    worker: WorkerId,
    kind: &str,
    limit: usize,
    estimate: Duration,
    most_bytes: i32,
) -> Result<Vec<Claimed>, DatabaseError> {
    let rows = sqlx::query!(
        r#"with claimed as materialized (select * from esteira.claim($1, $2, $3, $4, $5)),
                given as materialized (
                    select * from esteira.inputs_of(array(select tenant_id from claimed),
                                                    array(select job_id from claimed), $6)
                )
           select job_id as "job_id!", tenant_id as "tenant_id!", attempt as "attempt!",
                  max_attempts as "max_attempts!", crashes as "crashes!",
                  timeout_seconds as "timeout_seconds!", lease as "lease!", ready_at as "ready_at!",
                  head_at as "head_at!", started_at as "started_at!", input::text as input,
                  (select traceparent from esteira.job_traces where job_id = claimed.job_id) as traceparent
           from claimed left join given using (job_id)"#,
        worker.0,
        kind,
        i32::try_from(limit).unwrap_or(i32::MAX),
        estimate.as_secs_f32(),
        QUANTUM_SECONDS,
        most_bytes
    )
    .fetch_all(db.claims())
    .await?;
    let claimed = rows.into_iter().map(|row| {
        let lease = Lease {
            job: JobId(row.job_id),
            tenant: TenantId(row.tenant_id),
            kind: kind.to_owned(),
            worker,
            lease: row.lease,
            counters: Counters { attempt: row.attempt, max_attempts: row.max_attempts, crashes: row.crashes },
            timeout: Duration::from_secs(u64::try_from(row.timeout_seconds).unwrap_or(0)),
            ready_at: row.ready_at,
            wait: Wait::between(row.ready_at, row.head_at, row.started_at),
            trace: row.traceparent.and_then(|text| text.parse().ok()),
        };
        // Each by itself: Postgres keeps numbers that nobody else can read, and one such must not keep back the others.
        // Its own attempt looks again, and ends with what is wrong.
        (lease, row.input.and_then(|input| serde_json::from_str(&input).ok()))
    });
    let claimed: Vec<Claimed> = claimed.collect();
    db.meet(claimed.iter().map(|(lease, _)| lease.tenant));
    Ok(claimed)
}
