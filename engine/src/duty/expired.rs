//! Which things of a tenant are kept no longer? Found by the order of their ids, inside the tenant's transaction.
//!
//! Ids are UUIDv7, so what ended before an instant was begun before it, and has a lesser id: the primary key alone
//! bounds the search. An index on `finished_at` would find the same a little sooner, and cost each settle
//! a row more to write. What lies below the bound and is not due yet (a job that waited long) is passed over, a
//! page at a time; what is younger than the bound is never looked at.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::id::first_uuid;
use crate::usage::let_go;

/// How far the clock that made an id may be ahead of the database's, which says what is due.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::hours(1);

/// What is pruned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Final jobs.
    Jobs,
    /// Uploads.
    Uploads,
    /// Deliveries of webhooks that are over, or whose webhook is gone.
    Deliveries,
    /// What became of due instants of schedules.
    Runs,
}

impl Sort {
    /// The next ids after `after` of what ended before `cutoff`.
    pub async fn expired(
        self,
        conn: &mut PgConnection,
        cutoff: DateTime<Utc>,
        after: Uuid,
        limit: i64,
    ) -> Result<Vec<Uuid>, DatabaseError> {
        let bound = first_uuid(cutoff.checked_add_signed(CLOCKS_DIFFER).unwrap_or(cutoff));
        let ids = match self {
            Self::Jobs => {
                sqlx::query_scalar!(
                    "select job_id from outcomes where job_id > $1 and job_id < $2 and finished_at < $3
                     order by job_id limit $4",
                    after,
                    bound,
                    cutoff,
                    limit
                )
                .fetch_all(conn)
                .await?
            }
            Self::Uploads => sqlx::query_scalar!(
                "select id from uploads where id > $1 and id < $2 and created_at < $3 order by id limit $4",
                after,
                bound,
                cutoff,
                limit
            )
            .fetch_all(conn)
            .await?,
            Self::Deliveries => {
                sqlx::query_scalar!(
                    "select d.id from deliveries as d
                     where d.id > $1 and (d.id < $2 and d.ended_at < $3
                                          or not exists (select from webhooks as w where w.id = d.webhook_id))
                     order by d.id limit $4",
                    after,
                    bound,
                    cutoff,
                    limit
                )
                .fetch_all(conn)
                .await?
            }
            // One that waited is decided about later than it was made.
            Self::Runs => {
                sqlx::query_scalar!(
                    "select id from schedule_runs
                     where id > $1 and id < $2 and decided_at < $3 and state <> 'waiting' order by id limit $4",
                    after,
                    bound,
                    cutoff,
                    limit
                )
                .fetch_all(conn)
                .await?
            }
        };
        Ok(ids)
    }

    /// Those of `ids` that are still there and expired, in the order of their ids. Nobody who submits a job that names
    /// one of their files gets past here before this transaction ends (see `queue::submit::hold`), and whoever did
    /// before has committed: what is looked up next sees that job.
    pub async fn lock(
        self,
        conn: &mut PgConnection,
        ids: &[Uuid],
        cutoff: DateTime<Utc>,
    ) -> Result<Vec<Uuid>, DatabaseError> {
        let locked =
            match self {
                Self::Jobs => {
                    sqlx::query_scalar!(
                        "select job_id from outcomes where job_id = any ($1) and finished_at < $2
                     order by job_id for update",
                        ids,
                        cutoff
                    )
                    .fetch_all(conn)
                    .await?
                }
                Self::Uploads => sqlx::query_scalar!(
                    "select id from uploads where id = any ($1) and created_at < $2 order by id for update",
                    ids,
                    cutoff
                )
                .fetch_all(conn)
                .await?,
                // One that was asked for again in between stays, as long as there is its webhook.
                Self::Deliveries => {
                    sqlx::query_scalar!(
                        "select d.id from deliveries as d
                         where d.id = any ($1)
                           and (d.ended_at < $2
                                or not exists (select from webhooks as w where w.id = d.webhook_id))
                         order by d.id for update",
                        ids,
                        cutoff
                    )
                    .fetch_all(conn)
                    .await?
                }
                Self::Runs => {
                    sqlx::query_scalar!(
                        "select id from schedule_runs
                         where id = any ($1) and decided_at < $2 and state <> 'waiting' order by id for update",
                        ids,
                        cutoff
                    )
                    .fetch_all(conn)
                    .await?
                }
            };
        Ok(locked)
    }

    /// Those of `ids` that a job which is not final names in its input. It names a file by the id of an upload or of
    /// another job, however the kind puts the name together; so each id that stands in the text is spared.
    pub async fn needed(self, conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Uuid>, DatabaseError> {
        let with_files = match self {
            Self::Uploads => ids.to_vec(),
            // A job names none, and its end was told or is too old.
            Self::Deliveries | Self::Runs => return Ok(Vec::new()),
            Self::Jobs => {
                sqlx::query_scalar!("select distinct job_id from artifacts where job_id = any ($1)", ids)
                    .fetch_all(&mut *conn)
                    .await?
            }
        };
        if with_files.is_empty() {
            return Ok(with_files);
        }
        let needed = sqlx::query_scalar!(
            r#"select distinct named.id as "id!" from (
                   select found[1]::uuid as id
                   from esteira.live_jobs as q join jobs as j on j.id = q.job_id
                   cross join lateral regexp_matches(
                       j.input::text,
                       '[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}',
                       'g'
                   ) as found
               ) as named
               where named.id = any ($1)"#,
            &with_files
        )
        .fetch_all(conn)
        .await?;
        Ok(needed)
    }

    /// The keys of their objects.
    pub async fn objects(self, conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<String>, DatabaseError> {
        let keys = match self {
            Self::Jobs => {
                sqlx::query_scalar!("select object_key from artifacts where job_id = any ($1)", ids)
                    .fetch_all(conn)
                    .await?
            }
            Self::Uploads => {
                sqlx::query_scalar!("select object_key from uploads where id = any ($1)", ids)
                    .fetch_all(conn)
                    .await?
            }
            Self::Deliveries | Self::Runs => Vec::new(),
        };
        Ok(keys)
    }

    /// Deletes their rows, which this transaction has locked. What they used stays in the ledger.
    pub async fn delete(self, conn: &mut PgConnection, ids: &[Uuid]) -> Result<(), DatabaseError> {
        match self {
            Self::Jobs => {
                sqlx::query!("delete from outcomes where job_id = any ($1)", ids).execute(&mut *conn).await?;
                let files =
                    sqlx::query_scalar!("delete from artifacts where job_id = any ($1) returning bytes", ids)
                        .fetch_all(&mut *conn)
                        .await?;
                let_go(conn, files.into_iter().sum()).await?;
                sqlx::query!("delete from attempts where job_id = any ($1)", ids).execute(&mut *conn).await?;
                let batches =
                    sqlx::query_scalar!("delete from jobs where id = any ($1) returning batch_id", ids)
                        .fetch_all(&mut *conn)
                        .await?;
                delete_empty_batches(conn, &batches.into_iter().flatten().collect()).await?;
            }
            Self::Uploads => {
                let files =
                    sqlx::query_scalar!("delete from uploads where id = any ($1) returning bytes", ids)
                        .fetch_all(&mut *conn)
                        .await?;
                let_go(conn, files.into_iter().sum()).await?;
            }
            Self::Deliveries => {
                sqlx::query!("delete from deliveries where id = any ($1)", ids).execute(conn).await?;
            }
            Self::Runs => {
                sqlx::query!("delete from schedule_runs where id = any ($1)", ids).execute(conn).await?;
            }
        }
        Ok(())
    }
}

/// Those of `ids` that a schedule names in its input, which its jobs are going to read: found as in [`Sort::needed`].
pub(super) async fn named_by_schedules(
    conn: &mut PgConnection,
    ids: &[Uuid],
) -> Result<Vec<Uuid>, DatabaseError> {
    let named = sqlx::query_scalar!(
        r#"select distinct named.id as "id!" from (
               select found[1]::uuid as id
               from schedules as s
               cross join lateral regexp_matches(
                   s.input::text,
                   '[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}',
                   'g'
               ) as found
           ) as named
           where named.id = any ($1)"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    Ok(named)
}

/// Deletes those of some batches of which no job is left.
async fn delete_empty_batches(
    conn: &mut PgConnection,
    batches: &BTreeSet<Uuid>,
) -> Result<(), DatabaseError> {
    if !batches.is_empty() {
        sqlx::query!(
            "delete from batches as b where b.id = any ($1)
             and not exists (select from jobs as j where j.batch_id = b.id)",
            &batches.iter().copied().collect::<Vec<_>>()
        )
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// Deletes up to `limit` idempotency keys whose time is over; tells how many there were.
pub(super) async fn delete_keys(
    conn: &mut PgConnection,
    good_for: Duration,
    limit: usize,
) -> Result<usize, DatabaseError> {
    let gone = sqlx::query!(
        "delete from idempotency_keys where key in (
             select key from idempotency_keys where created_at <= esteira.now() - make_interval(secs => $1)
             order by created_at limit $2 for update skip locked
         )",
        good_for.as_secs_f64(),
        i64::try_from(limit).unwrap_or(i64::MAX)
    )
    .execute(conn)
    .await?;
    Ok(usize::try_from(gone.rows_affected()).unwrap_or(usize::MAX))
}
