//! What does a tenant see of one job?

use std::collections::HashMap;

use sqlx::{PgConnection, PgExecutor};

use crate::child::protocol::Progress;
use crate::db::{DatabaseError, Db};
use crate::id::{BatchId, JobId};
use crate::job::{Artifact, Job, JobState};
use crate::tenant::Tenant;

/// The columns of a job, as [`Job`] needs them.
struct Row {
    id: uuid::Uuid,
    kind: String,
    state: String,
    priority: i16,
    attempt: i16,
    max_attempts: i16,
    timeout_seconds: i32,
    fraction: Option<f32>,
    stage: Option<String>,
    message: Option<String>,
    input: serde_json::Value,
    output: Option<serde_json::Value>,
    error: Option<serde_json::Value>,
    metadata: serde_json::Value,
    batch_id: Option<uuid::Uuid>,
    artifacts: serde_json::Value,
    created_at: chrono::DateTime<chrono::Utc>,
    run_at: chrono::DateTime<chrono::Utc>,
    started_at: Option<chrono::DateTime<chrono::Utc>>,
    finished_at: Option<chrono::DateTime<chrono::Utc>>,
    cancel_requested_at: Option<chrono::DateTime<chrono::Utc>>,
    waited_ms: Option<serde_json::Value>,
}

impl TryFrom<Row> for Job {
    type Error = DatabaseError;

    fn try_from(row: Row) -> Result<Self, DatabaseError> {
        let decode = |error: serde_json::Error| sqlx::Error::Decode(Box::new(error));
        let state: JobState = row.state.parse().map_err(|error: String| sqlx::Error::Decode(error.into()))?;
        let error = row.error.map(serde_json::from_value).transpose().map_err(decode)?;
        let waited = row.waited_ms.map(serde_json::from_value).transpose().map_err(decode)?;
        let artifacts: Vec<Artifact> = serde_json::from_value(row.artifacts).map_err(decode)?;
        let progress = match (row.fraction, row.stage, row.message) {
            (Some(fraction), Some(stage), Some(message)) => {
                Some(Progress { fraction: f64::from(fraction), stage, message })
            }
            _ => None,
        };
        Ok(Self {
            id: JobId(row.id),
            kind: row.kind,
            state,
            priority: row.priority,
            attempt: row.attempt,
            max_attempts: row.max_attempts,
            timeout_seconds: row.timeout_seconds,
            progress,
            input: row.input,
            output: row.output,
            error,
            metadata: row.metadata,
            batch: row.batch_id.map(BatchId),
            artifacts,
            created_at: row.created_at,
            run_at: row.run_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            cancel_requested_at: row.cancel_requested_at,
            waited,
        })
    }
}

/// One job of a tenant.
///
/// # Errors
/// When the database is away.
pub async fn read(db: &Db, tenant: &Tenant, job: JobId) -> Result<Option<Job>, DatabaseError> {
    db.meet([tenant.id]);
    Ok(read_all(db.pool(), tenant, &[job.0]).await?.into_iter().next())
}

/// Some jobs of a tenant, newest first, in one statement under the engine's role.
pub(super) async fn read_all(
    conn: impl PgExecutor<'_>,
    tenant: &Tenant,
    ids: &[uuid::Uuid],
) -> Result<Vec<Job>, DatabaseError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id!", kind as "kind!", state as "state!", priority as "priority!", attempt as "attempt!",
                  max_attempts as "max_attempts!", timeout_seconds as "timeout_seconds!", fraction, stage, message,
                  input as "input!", output, error, metadata as "metadata!", batch_id, artifacts as "artifacts!",
                  created_at as "created_at!", run_at as "run_at!", started_at, finished_at, cancel_requested_at,
                  waited_ms
           from esteira.read_jobs($1, $2)"#,
        tenant.id.0,
        ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Job::try_from).collect()
}

/// The input of a job, for its worker.
///
/// # Errors
/// When the database is away.
pub async fn input(db: &Db, tenant: &Tenant, job: JobId) -> Result<serde_json::Value, DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    let input =
        sqlx::query_scalar!("select input from jobs where id = $1", job.0).fetch_one(tx.conn()).await?;
    tx.commit().await?;
    Ok(input)
}

/// The state of a job, inside a tenant's transaction.
pub(super) async fn state(conn: &mut PgConnection, job: JobId) -> Result<Option<JobState>, DatabaseError> {
    Ok(states(conn, &[job.0]).await?.remove(&job))
}

/// The states of jobs, inside a tenant's transaction; one that there is not is missing.
pub(super) async fn states(
    conn: &mut PgConnection,
    jobs: &[uuid::Uuid],
) -> Result<HashMap<JobId, JobState>, DatabaseError> {
    let rows = sqlx::query!(
        r#"select j.id as "id!", coalesce(o.state, q.state) as "state!" from jobs as j
           left join outcomes as o on o.job_id = j.id
           left join lateral esteira.live_job(j.id) as q on true
           where j.id = any ($1) and (o.job_id is not null or q.job_id is not null)"#,
        jobs
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| match row.state.parse() {
            Ok(state) => Ok((JobId(row.id), state)),
            Err(error) => Err(sqlx::Error::Decode(String::into(error)).into()),
        })
        .collect()
}
