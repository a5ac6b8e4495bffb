//! Which jobs does a tenant have? Newest first, a page at a time.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::read::Row;
use crate::db::{DatabaseError, Db};
use crate::id::JobId;
use crate::job::{Job, JobState};
use crate::tenant::Tenant;

/// Which jobs are wanted; every condition that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// In this state.
    pub state: Option<JobState>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Submitted after this instant.
    pub created_after: Option<DateTime<Utc>>,
    /// Submitted before this instant.
    pub created_before: Option<DateTime<Utc>>,
    /// With these metadata.
    pub metadata: Map<String, Value>,
}

/// A page of jobs.
#[derive(Debug, Clone)]
pub struct JobPage {
    /// The jobs, newest first.
    pub items: Vec<Job>,
    /// Where the next page begins: after this job; `None` at the end.
    pub next: Option<JobId>,
}

/// A page of a tenant's jobs, at most `limit`, older than `after`.
///
/// Ids are UUIDv7, so "newest first" is "greatest id first", and the id is the cursor.
pub async fn list(
    db: &Db,
    tenant: &Tenant,
    filter: &JobFilter,
    after: Option<JobId>,
    limit: u16,
) -> Result<JobPage, DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    let wanted = i64::from(limit) + 1;
    let metadata = (!filter.metadata.is_empty()).then(|| Value::Object(filter.metadata.clone()));
    // The ids of the page first: three narrow statements, so that each state takes the index that fits.
    let ids = match filter.state {
        Some(state) if state.is_final() => {
            sqlx::query_scalar!(
                "select j.id from outcomes as o join jobs as j on j.id = o.job_id
                 where o.state = $1 and ($2::uuid is null or o.job_id < $2)
                   and ($3::text is null or j.kind = $3)
                   and ($4::timestamptz is null or j.created_at > $4)
                   and ($5::timestamptz is null or j.created_at < $5)
                   and ($6::jsonb is null or j.metadata @> $6)
                 order by o.job_id desc limit $7",
                state.as_str(),
                after.map(|id| id.0),
                filter.kind,
                filter.created_after,
                filter.created_before,
                metadata,
                wanted
            )
            .fetch_all(tx.conn())
            .await?
        }
        Some(state) => {
            sqlx::query_scalar!(
                "select j.id from esteira.live_jobs as q join jobs as j on j.id = q.job_id
                 where q.state = $1 and ($2::uuid is null or j.id < $2)
                   and ($3::text is null or j.kind = $3)
                   and ($4::timestamptz is null or j.created_at > $4)
                   and ($5::timestamptz is null or j.created_at < $5)
                   and ($6::jsonb is null or j.metadata @> $6)
                 order by j.id desc limit $7",
                state.as_str(),
                after.map(|id| id.0),
                filter.kind,
                filter.created_after,
                filter.created_before,
                metadata,
                wanted
            )
            .fetch_all(tx.conn())
            .await?
        }
        None => {
            sqlx::query_scalar!(
                "select j.id from jobs as j
                 where ($1::uuid is null or j.id < $1)
                   and ($2::text is null or j.kind = $2)
                   and ($3::timestamptz is null or j.created_at > $3)
                   and ($4::timestamptz is null or j.created_at < $4)
                   and ($5::jsonb is null or j.metadata @> $5)
                 order by j.id desc limit $6",
                after.map(|id| id.0),
                filter.kind,
                filter.created_after,
                filter.created_before,
                metadata,
                wanted
            )
            .fetch_all(tx.conn())
            .await?
        }
    };
    let page: Vec<uuid::Uuid> = ids.iter().copied().take(usize::from(limit)).collect();
    let next = if ids.len() > page.len() { page.last().copied().map(JobId) } else { None };
    let rows = sqlx::query_as!(
        Row,
        r#"select j.id, j.kind, coalesce(o.state, q.state) as "state!", j.priority,
                  coalesce(o.attempt, q.attempt) as "attempt!", j.max_attempts, j.timeout_seconds,
                  a.fraction as "fraction?", a.stage as "stage?", a.message as "message?",
                  j.input, o.output as "output?",
                  case when o.job_id is null then a.error else o.error end as "error?",
                  j.metadata,
                  coalesce((select jsonb_agg(jsonb_build_object('name', f.name, 'media_type', f.media_type,
                                    'bytes', f.bytes, 'sha256', encode(f.sha256, 'hex')) order by f.position)
                            from artifacts as f where f.job_id = j.id), '[]') as "artifacts!",
                  j.created_at, coalesce(q.ready_at, j.run_at) as "run_at!",
                  coalesce(o.started_at, q.started_at) as "started_at?", o.finished_at as "finished_at?"
           from jobs as j
           left join outcomes as o on o.job_id = j.id
           left join esteira.live_jobs as q on q.job_id = j.id
           left join lateral (select fraction, stage, message, error from attempts
                              where job_id = j.id order by lease desc limit 1) as a on true
           where j.id = any ($1) and (o.job_id is not null or q.job_id is not null)
           order by j.id desc"#,
        &page
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let items = rows.into_iter().map(Job::try_from).collect::<Result<_, _>>()?;
    Ok(JobPage { items, next })
}
