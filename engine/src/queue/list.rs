//! Which jobs does a tenant have? Newest first, a page at a time.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::read::read_all;
use crate::db::{DatabaseError, Db};
use crate::id::{BatchId, JobId};
use crate::job::{Job, JobState};
use crate::tenant::Tenant;

/// Inputs and outputs of one page together, in bytes; a page that would have more ends early.
const PAGE_BYTES: i64 = 8 * 1024 * 1024;

/// Which jobs are wanted; every condition that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// In this state.
    pub state: Option<JobState>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this batch.
    pub batch: Option<BatchId>,
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
    // The ids of the page first: narrow statements, so that each takes the index that fits.
    let ids = match (filter.batch, filter.state) {
        (Some(batch), state) => {
            sqlx::query_scalar!(
                "select j.id from jobs as j
                 left join outcomes as o on o.job_id = j.id
                 left join lateral esteira.live_job(j.id) as q on true
                 where j.batch_id = $1 and ($2::text is null or coalesce(o.state, q.state) = $2)
                   and ($3::uuid is null or j.id < $3)
                   and ($4::text is null or j.kind = $4)
                   and ($5::timestamptz is null or j.created_at > $5)
                   and ($6::timestamptz is null or j.created_at < $6)
                   and ($7::jsonb is null or j.metadata @> $7)
                 order by j.id desc limit $8",
                batch.0,
                state.map(JobState::as_str),
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
        (None, Some(state)) if state.is_final() => {
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
        (None, Some(state)) => {
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
        (None, None) => {
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
    let sizes = sqlx::query!(
        r#"select j.id as "id!", j.input_bytes + coalesce(o.output_bytes, 0) as "bytes!"
           from jobs as j left join outcomes as o on o.job_id = j.id where j.id = any ($1)"#,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let sizes: HashMap<_, _> = sizes.into_iter().map(|row| (row.id, row.bytes)).collect();
    let page = first_page(&ids, usize::from(limit), |id| sizes.get(id).copied().unwrap_or(0));
    let next = if ids.len() > page.len() { page.last().copied().map(JobId) } else { None };
    let items = read_all(tx.conn(), &page).await?;
    tx.commit().await?;
    Ok(JobPage { items, next })
}

/// The ids that make up a page: at most `limit`, and at most [`PAGE_BYTES`] unless one alone has more.
fn first_page(ids: &[uuid::Uuid], limit: usize, bytes: impl Fn(&uuid::Uuid) -> i32) -> Vec<uuid::Uuid> {
    let mut total = 0_i64;
    ids.iter()
        .take(limit)
        .enumerate()
        .take_while(|(position, id)| {
            total += i64::from(bytes(id));
            *position == 0 || total <= PAGE_BYTES
        })
        .map(|(_, id)| *id)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_before_it_grows_heavy_and_is_never_empty() {
        let ids: Vec<_> = (0..5).map(uuid::Uuid::from_u128).collect();
        let heavy = i32::try_from(PAGE_BYTES).unwrap();
        assert_eq!(first_page(&ids, 3, |_| 1), ids[..3]);
        assert_eq!(first_page(&ids, 5, |_| heavy / 2), ids[..2]);
        assert_eq!(first_page(&ids, 5, |_| heavy + 1), ids[..1]);
    }
}
