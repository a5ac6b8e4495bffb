//! What did a tenant use, by day and kind? A ledger that adds up to its jobs at any moment.
//!
//! Jobs and uploads that are kept tell it themselves (the view `usage_entries`); the transaction that prunes them adds
//! what they told to `usage_days`. So nothing is counted twice or lost, a job that is retried is counted by its last end,
//! and no settle writes a counter.

use chrono::NaiveDate;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::db::{DatabaseError, Db};
use crate::tenant::Tenant;

/// What was used on a day (UTC) by jobs of a kind, or by uploads.
#[derive(Debug, Clone, PartialEq)]
pub struct UsageDay {
    /// The day on which jobs and attempts ended, and uploads came.
    pub day: NaiveDate,
    /// The kind; `None` for uploads.
    pub kind: Option<String>,
    /// How much.
    pub used: Used,
}

/// Amounts of what is used.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Used {
    /// Jobs that succeeded.
    pub succeeded: i64,
    /// Jobs that failed.
    pub failed: i64,
    /// Jobs that were cancelled.
    pub cancelled: i64,
    /// Attempts, whatever they came to.
    pub attempts: i64,
    /// Seconds that attempts took.
    pub processing_seconds: f64,
    /// Seconds of processor time in attempts.
    pub cpu_seconds: f64,
    /// Bytes of new artifacts and uploads.
    pub bytes_stored: i64,
    /// The same, and bytes of the inputs that attempts fetched.
    pub bytes_moved: i64,
    /// Seconds of media, as kinds count them.
    pub media_seconds: f64,
    /// Pages, as kinds count them.
    pub pages: i64,
}

impl Used {
    /// Adds other amounts.
    pub fn add(&mut self, more: &Self) {
        self.succeeded += more.succeeded;
        self.failed += more.failed;
        self.cancelled += more.cancelled;
        self.attempts += more.attempts;
        self.processing_seconds += more.processing_seconds;
        self.cpu_seconds += more.cpu_seconds;
        self.bytes_stored += more.bytes_stored;
        self.bytes_moved += more.bytes_moved;
        self.media_seconds += more.media_seconds;
        self.pages += more.pages;
    }
}

/// What a tenant keeps at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// Bytes of its uploads and artifacts.
    pub bytes: i64,
    /// Bytes of the uploads that are announced and not completed.
    pub announced_bytes: i64,
}

/// What a tenant used, and keeps.
#[derive(Debug, Clone)]
pub struct Usage {
    /// By day and kind, in that order; where nothing was used there is none.
    pub days: Vec<UsageDay>,
    /// At the moment.
    pub storage: Storage,
}

/// The usage was not told.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// The tenant's schema is of a version that has no ledger.
    #[error("the tenant's schema is not migrated yet")]
    NotMigrated,
    /// The database is away.
    #[error("failed to add up what was used")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for UsageError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// What a tenant used from a day to another, both included.
pub(crate) async fn usage(
    db: &Db,
    tenant: &Tenant,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Usage, UsageError> {
    if !tenant.keeps_usage() {
        return Err(UsageError::NotMigrated);
    }
    let mut tx = db.begin_as(tenant).await?;
    // One statement, so that what is pruned at this moment is seen on one side or the other.
    let rows = sqlx::query!(
        r#"select day as "day!", kind as "kind!", sum(succeeded)::bigint as "succeeded!", sum(failed)::bigint as "failed!",
                  sum(cancelled)::bigint as "cancelled!", sum(attempts)::bigint as "attempts!",
                  sum(processing_seconds)::double precision as "processing_seconds!",
                  sum(cpu_seconds)::double precision as "cpu_seconds!", sum(bytes_stored)::bigint as "bytes_stored!",
                  sum(bytes_moved)::bigint as "bytes_moved!", sum(media_seconds)::double precision as "media_seconds!",
                  sum(pages)::bigint as "pages!"
           from (
               select day, kind, succeeded, failed, cancelled, attempts, processing_seconds, cpu_seconds, bytes_stored,
                      bytes_moved, media_seconds, pages
               from usage_days where day between $1 and $2
               union all
               select (at at time zone 'UTC')::date, kind, succeeded, failed, cancelled, attempts, processing_seconds,
                      cpu_seconds, bytes_stored, bytes_moved, media_seconds, pages
               from usage_entries
               where at >= $1::date::timestamp at time zone 'UTC'
                 and at < ($2::date::timestamp + interval '1 day') at time zone 'UTC'
           ) as entries
           group by day, kind order by day, kind"#,
        from,
        to
    )
    .fetch_all(tx.conn())
    .await?;
    let storage = sqlx::query_as!(
        Storage,
        r#"select (coalesce((select sum(bytes) from uploads), 0)
                 + coalesce((select sum(bytes) from artifacts), 0))::bigint as "bytes!",
                  coalesce((select sum(bytes) from unfinished_uploads
                            where expires_at > esteira.now() and not given_up), 0)::bigint as "announced_bytes!""#
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    let day = rows.into_iter().map(|row| UsageDay {
        day: row.day,
        kind: Some(row.kind).filter(|kind| !kind.is_empty()),
        used: Used {
            succeeded: row.succeeded,
            failed: row.failed,
            cancelled: row.cancelled,
            attempts: row.attempts,
            processing_seconds: row.processing_seconds,
            cpu_seconds: row.cpu_seconds,
            bytes_stored: row.bytes_stored,
            bytes_moved: row.bytes_moved,
            media_seconds: row.media_seconds,
            pages: row.pages,
        },
    });
    Ok(Usage { days: day.collect(), storage })
}

/// Adds what some jobs or uploads used to the days of the ledger, in the tenant's transaction that deletes them next.
pub(crate) async fn roll_up(conn: &mut PgConnection, ids: &[Uuid]) -> Result<(), DatabaseError> {
    sqlx::query!(
        "insert into usage_days as known (day, kind, succeeded, failed, cancelled, attempts, processing_seconds,
                                          cpu_seconds, bytes_stored, bytes_moved, media_seconds, pages)
         select (at at time zone 'UTC')::date as day, kind, sum(succeeded), sum(failed), sum(cancelled), sum(attempts),
                sum(processing_seconds), sum(cpu_seconds), sum(bytes_stored), sum(bytes_moved), sum(media_seconds),
                sum(pages)
         from usage_entries where id = any ($1) group by day, kind order by day, kind
         on conflict (day, kind) do update
         set succeeded = known.succeeded + excluded.succeeded, failed = known.failed + excluded.failed,
             cancelled = known.cancelled + excluded.cancelled, attempts = known.attempts + excluded.attempts,
             processing_seconds = known.processing_seconds + excluded.processing_seconds,
             cpu_seconds = known.cpu_seconds + excluded.cpu_seconds,
             bytes_stored = known.bytes_stored + excluded.bytes_stored,
             bytes_moved = known.bytes_moved + excluded.bytes_moved,
             media_seconds = known.media_seconds + excluded.media_seconds, pages = known.pages + excluded.pages",
        ids
    )
    .execute(conn)
    .await?;
    Ok(())
}
