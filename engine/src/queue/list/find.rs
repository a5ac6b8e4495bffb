//! Which jobs are on a page? One index gives candidates, the newest first; of those the ones that fit are kept.
//!
//! Where the index answers all that is asked, the first round has the page. Where it does not (few of the newest jobs of
//! a kind failed, say), each round looks at more candidates than the one before, and a page ends after so many even if
//! it is not full: it costs what it looks at, never the whole table, and the next one goes on from there.

use sqlx::PgConnection;
use uuid::Uuid;

use super::JobFilter;
use super::conditions::Conditions;
use super::source::{Range, Source};
use crate::db::DatabaseError;
use crate::id::JobId;

/// The most candidates that one page looks at.
const MOST: usize = 10_000;
/// How many times as many candidates a round has as the one before.
const GROWTH: usize = 8;

/// Jobs that were found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The newest that fit.
    pub ids: Vec<Uuid>,
    /// The last candidate, where there may be more after it.
    pub looked_to: Option<Uuid>,
}

/// Finds up to `wanted` jobs older than `after`, in the tenant's transaction.
pub(super) async fn find(
    conn: &mut PgConnection,
    filter: &JobFilter,
    after: Option<JobId>,
    wanted: usize,
) -> Result<Found, DatabaseError> {
    let mut source = Source::of(conn, filter).await?;
    let conditions = Conditions::besides(&source, filter);
    let mut range = Range::of(filter, after);
    let mut found = Found { ids: Vec::new(), looked_to: None };
    let (mut looked_at, mut size) = (0, wanted);
    loop {
        let candidates = source.next(conn, &range, size).await?;
        let is_last = candidates.len() < size;
        looked_at += candidates.len();
        found.looked_to = candidates.last().copied().filter(|_| !is_last);
        found.ids.extend(conditions.keep(conn, candidates).await?);
        if found.ids.len() >= wanted {
            found.ids.truncate(wanted);
            return Ok(found);
        }
        match found.looked_to {
            Some(last) if looked_at < MOST => range.below = last,
            _ => return Ok(found),
        }
        size = size.saturating_mul(GROWTH).min(MOST - looked_at);
    }
}
