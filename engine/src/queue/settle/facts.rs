//! What does a tenant's own schema keep of attempts that ended? Outcomes, attempts, artifacts.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Ended, FinishedArtifact, Outcome, Usage};
use crate::db::DatabaseError;
use crate::id::{JobId, TenantId};
use crate::job::Decision;
use crate::queue::Lease;

/// When an attempt could run, when only a slot was missing, and when it began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub ready_at: DateTime<Utc>,
    pub head_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
}

/// An attempt that counts.
pub(super) struct Fact<'a> {
    pub lease: &'a Lease,
    pub outcome: &'a Outcome,
    pub decision: Decision,
    pub times: Times,
}

/// A job that ended because another did.
pub(in crate::queue) struct Doomed {
    pub job: JobId,
    pub tenant: TenantId,
    pub attempt: i16,
    pub because_of: JobId,
}

/// Writes what a tenant keeps of its attempts.
pub(super) async fn write(conn: &mut PgConnection, facts: &[Fact<'_>]) -> Result<(), DatabaseError> {
    let telling: Vec<&Fact<'_>> = facts.iter().filter(|fact| has_more_to_tell(fact)).collect();
    if !telling.is_empty() {
        write_attempts(conn, &telling).await?;
    }
    let last: Vec<&Fact<'_>> = facts.iter().filter(|fact| final_state(fact.decision).is_some()).collect();
    if !last.is_empty() {
        write_outcomes(conn, &last).await?;
    }
    if last.iter().any(|fact| fact.decision == Decision::Succeed && !fact.outcome.artifacts.is_empty()) {
        write_artifacts(conn, &last).await?;
    }
    Ok(())
}

/// Whether an attempt has anything to tell that its job's outcome does not.
fn has_more_to_tell(fact: &Fact<'_>) -> bool {
    let outcome = fact.outcome;
    fact.decision != Decision::Succeed
        || !outcome.log.is_empty()
        || outcome.progress.is_some()
        || outcome.usage != Usage::default()
}

fn final_state(decision: Decision) -> Option<&'static str> {
    match decision {
        Decision::Succeed => Some("succeeded"),
        Decision::Fail => Some("failed"),
        Decision::Cancel => Some("cancelled"),
        Decision::Retry(_) | Decision::Snooze(_) | Decision::Release => None,
    }
}

async fn write_attempts(conn: &mut PgConnection, facts: &[&Fact<'_>]) -> Result<(), DatabaseError> {
    let progress = |fact: &&Fact<'_>| fact.outcome.progress.clone();
    sqlx::query!(
        "insert into attempts (job_id, lease, attempt, ended_as, error, cpu_seconds, peak_bytes, started_at, log,
                               fraction, stage, message, finished_at)
         select new.*, esteira.now()
         from unnest($1::uuid[], $2::integer[], $3::smallint[], $4::text[], $5::jsonb[], $6::real[], $7::bigint[],
                     $8::timestamptz[], $9::jsonb[], $10::real[], $11::text[], $12::text[]) as new
         on conflict (job_id, lease) do update
         set ended_as = excluded.ended_as, error = excluded.error, cpu_seconds = excluded.cpu_seconds,
             peak_bytes = excluded.peak_bytes, started_at = excluded.started_at, log = excluded.log,
             finished_at = excluded.finished_at,
             fraction = coalesce(excluded.fraction, attempts.fraction),
             stage = coalesce(excluded.stage, attempts.stage),
             message = coalesce(excluded.message, attempts.message)",
        &facts.iter().map(|f| f.lease.job.0).collect::<Vec<_>>(),
        &facts.iter().map(|f| f.lease.lease).collect::<Vec<_>>(),
        &facts.iter().map(|f| f.lease.counters.attempt).collect::<Vec<_>>(),
        &facts.iter().map(|f| f.outcome.ended_as.to_owned()).collect::<Vec<_>>(),
        &facts.iter().map(|f| error_json(f.outcome)).collect::<Vec<_>>() as &[Option<Value>],
        &facts.iter().map(|f| f.outcome.usage.cpu_seconds as f32).collect::<Vec<_>>(),
        &facts.iter().map(|f| signed(f.outcome.usage.peak_bytes)).collect::<Vec<_>>(),
        &facts.iter().map(|f| f.times.started_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &facts.iter().map(|f| json!(f.outcome.log)).collect::<Vec<_>>(),
        &facts.iter().map(|f| progress(f).map(|p| p.fraction as f32)).collect::<Vec<_>>() as &[Option<f32>],
        &facts.iter().map(|f| progress(f).map(|p| p.stage)).collect::<Vec<_>>() as &[Option<String>],
        &facts.iter().map(|f| progress(f).map(|p| p.message)).collect::<Vec<_>>() as &[Option<String>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn write_outcomes(conn: &mut PgConnection, facts: &[&Fact<'_>]) -> Result<(), DatabaseError> {
    let succeeded = |fact: &Fact<'_>| fact.decision == Decision::Succeed;
    let outputs: Vec<Option<Value>> =
        facts.iter().map(|f| f.outcome.output.clone().filter(|_| succeeded(f))).collect();
    sqlx::query!(
        "insert into outcomes (job_id, state, attempt, lease, output, output_bytes, error, ready_at, head_at,
                               started_at)
         select * from unnest($1::uuid[], $2::text[], $3::smallint[], $4::integer[], $5::jsonb[], $6::integer[],
                              $7::jsonb[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[])",
        &facts.iter().map(|f| f.lease.job.0).collect::<Vec<_>>(),
        &facts.iter().filter_map(|f| final_state(f.decision)).map(str::to_owned).collect::<Vec<_>>(),
        &facts.iter().map(|f| f.lease.counters.attempt).collect::<Vec<_>>(),
        &facts.iter().map(|f| f.lease.lease).collect::<Vec<_>>(),
        &outputs as &[Option<Value>],
        &outputs.iter().map(bytes_of).collect::<Vec<_>>(),
        &facts.iter().map(|f| error_json(f.outcome).filter(|_| !succeeded(f))).collect::<Vec<_>>()
            as &[Option<Value>],
        &facts.iter().map(|f| f.times.ready_at).collect::<Vec<_>>(),
        &facts.iter().map(|f| f.times.head_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &facts.iter().map(|f| f.times.started_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>]
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn write_artifacts(conn: &mut PgConnection, facts: &[&Fact<'_>]) -> Result<(), DatabaseError> {
    let all: Vec<(Uuid, i32, &FinishedArtifact)> = facts
        .iter()
        .filter(|fact| fact.decision == Decision::Succeed)
        .flat_map(|fact| (1..).zip(&fact.outcome.artifacts).map(|(at, file)| (fact.lease.job.0, at, file)))
        .collect();
    sqlx::query!(
        "insert into artifacts (job_id, position, name, media_type, bytes, sha256, object_key)
         select * from unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::bigint[], $6::bytea[],
                              $7::text[])",
        &all.iter().map(|(job, ..)| *job).collect::<Vec<_>>(),
        &all.iter().map(|(_, position, _)| *position).collect::<Vec<_>>(),
        &all.iter().map(|(.., file)| file.name.clone()).collect::<Vec<_>>(),
        &all.iter().map(|(.., file)| file.media_type.clone()).collect::<Vec<_>>(),
        &all.iter().map(|(.., file)| signed(file.bytes)).collect::<Vec<_>>(),
        &all.iter().map(|(.., file)| file.sha256.clone()).collect::<Vec<_>>(),
        &all.iter().map(|(.., file)| file.object_key.clone()).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes the ends of jobs that depended on one that did not succeed.
pub(in crate::queue) async fn write_doomed(
    conn: &mut PgConnection,
    doomed: &[&Doomed],
) -> Result<(), DatabaseError> {
    if doomed.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into outcomes (job_id, state, attempt, error)
         select job_id, 'cancelled', attempt, error
         from unnest($1::uuid[], $2::smallint[], $3::jsonb[]) as new (job_id, attempt, error)",
        &doomed.iter().map(|d| d.job.0).collect::<Vec<_>>(),
        &doomed.iter().map(|d| d.attempt).collect::<Vec<_>>(),
        &doomed.iter().map(|d| dependency_failed(d)).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn dependency_failed(doomed: &Doomed) -> Value {
    json!({
        "code": "dependency_failed",
        "message": format!("job {}, which this one depends on, did not succeed", doomed.because_of),
        "retryable": false,
        "attempt": doomed.attempt,
    })
}

/// A settle whose answer was lost is asked again: if this very lease has succeeded, it counted, and its
/// objects are those of the result. Of any other end nothing is lost by calling the lease lost.
pub(super) async fn counted_before(conn: &mut PgConnection, one: &Ended<'_>) -> Result<bool, DatabaseError> {
    if one.outcome.decision != Decision::Succeed {
        return Ok(false);
    }
    let counted = sqlx::query_scalar!(
        r#"select exists (select from outcomes where job_id = $1 and lease = $2 and state = 'succeeded') as "e!""#,
        one.lease.job.0,
        one.lease.lease
    )
    .fetch_one(conn)
    .await?;
    Ok(counted)
}

fn error_json(outcome: &Outcome) -> Option<Value> {
    outcome.error.as_ref().map(|error| {
        json!({
            "code": error.code,
            "message": error.message,
            "retryable": error.retryable,
            "attempt": error.attempt,
        })
    })
}

/// The size of a value as text.
fn bytes_of(value: &Option<Value>) -> i32 {
    value.as_ref().map_or(0, |value| i32::try_from(value.to_string().len()).unwrap_or(i32::MAX))
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
