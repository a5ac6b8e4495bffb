//! Which jobs does a tenant have? Newest first, a page at a time.
//!
//! Ids are UUIDv7, so "newest first" is "greatest id first", and the id is the cursor.

mod conditions;
mod find;
mod source;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::PgConnection;
use uuid::Uuid;

use super::read::read_all;
use crate::db::{DatabaseError, Db};
use crate::id::{BatchId, JobId};
use crate::job::{Job, JobState};
use crate::tenant::Tenant;
use find::{Found, find};

/// Inputs, outputs and metadata of one page together, in bytes; a page that would have more ends early.
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
    /// The jobs, newest first. Fewer than were asked for, or none, where many had to be passed over; only `next` tells
    /// the end.
    pub items: Vec<Job>,
    /// Where the next page begins: after this job; `None` at the end.
    pub next: Option<JobId>,
}

/// A page of a tenant's jobs, at most `limit`, older than `after`.
pub async fn list(
    db: &Db,
    tenant: &Tenant,
    filter: &JobFilter,
    after: Option<JobId>,
    limit: u16,
) -> Result<JobPage, DatabaseError> {
    let limit = usize::from(limit);
    let mut tx = db.begin_as(tenant).await?;
    // One more than fits tells whether there is another page.
    let Found { ids, looked_to } = find(tx.conn(), filter, after, limit + 1).await?;
    let sizes = sizes(tx.conn(), &ids).await?;
    tx.commit().await?;
    let page = first_page(&ids, limit, |id| sizes.get(id).copied().unwrap_or(0));
    let next = if ids.len() > page.len() { page.last().copied() } else { looked_to };
    let mut items = if page.is_empty() { Vec::new() } else { read_all(db.pool(), tenant, &page).await? };
    // One that went on since it was found is not in that state any more.
    items.retain(|job| filter.state.is_none_or(|state| job.state == state));
    Ok(JobPage { items, next: next.map(JobId) })
}

/// How many bytes jobs have.
async fn sizes(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, i32>, DatabaseError> {
    let rows = sqlx::query!(
        r#"select j.id as "id!",
                  j.input_bytes + coalesce(o.output_bytes, 0) + octet_length(j.metadata::text) as "bytes!"
           from jobs as j left join outcomes as o on o.job_id = j.id where j.id = any ($1)"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.bytes)).collect())
}

/// The ids that make up a page: at most `limit`, and at most [`PAGE_BYTES`] unless one alone has more.
fn first_page(ids: &[Uuid], limit: usize, bytes: impl Fn(&Uuid) -> i32) -> Vec<Uuid> {
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
        let ids: Vec<_> = (0..5).map(Uuid::from_u128).collect();
        let heavy = i32::try_from(PAGE_BYTES).unwrap();
        assert_eq!(first_page(&ids, 3, |_| 1), ids[..3]);
        assert_eq!(first_page(&ids, 5, |_| heavy / 2), ids[..2]);
        assert_eq!(first_page(&ids, 5, |_| heavy + 1), ids[..1]);
    }
}
