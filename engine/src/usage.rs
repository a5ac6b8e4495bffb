//! What did a tenant use, by day and kind? A ledger that adds up to its jobs at any moment.
//!
//! Whatever ends an attempt or a job leaves an entry in the table `usage_ledger`, in its own transaction and by the door
//! that every end goes through (`keep_ends`); a retry by hand takes the end back, and files come and go with entries of
//! their own. Nothing is added up from jobs, so an answer costs the days that are asked for, however many jobs are kept,
//! and pruning takes nothing away. Entries are folded now and then into one a kind and quarter of an hour, of
//! which days of any zone are made; in older ones into one a day (UTC).

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{AssertSqlSafe, PgConnection};

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
    let rows = sqlx::query!(
        r#"select day as "day!", kind as "kind!", sum(succeeded)::bigint as succeeded, sum(failed)::bigint as failed,
                  sum(cancelled)::bigint as cancelled, sum(attempts)::bigint as attempts,
                  sum(processing_seconds)::double precision as processing_seconds,
                  sum(cpu_seconds)::double precision as cpu_seconds, sum(bytes_stored)::bigint as bytes_stored,
                  sum(bytes_moved)::bigint as bytes_moved, sum(media_seconds)::double precision as media_seconds,
                  sum(pages)::bigint as pages
           from usage_ledger where day between $1 and $2
           group by day, kind order by day, kind"#,
        from,
        to
    )
    .fetch_all(tx.conn())
    .await?;
    let storage = Storage {
        bytes: kept(tx.conn()).await?,
        announced_bytes: sqlx::query_scalar!(
            r#"select coalesce(sum(bytes), 0)::bigint as "bytes!" from unfinished_uploads
               where expires_at > esteira.now() and not given_up"#
        )
        .fetch_one(tx.conn())
        .await?,
    };
    tx.commit().await?;
    let day = rows.into_iter().map(|row| UsageDay {
        day: row.day,
        kind: Some(row.kind).filter(|kind| !kind.is_empty()),
        used: Used {
            succeeded: row.succeeded.unwrap_or_default(),
            failed: row.failed.unwrap_or_default(),
            cancelled: row.cancelled.unwrap_or_default(),
            attempts: row.attempts.unwrap_or_default(),
            processing_seconds: row.processing_seconds.unwrap_or_default(),
            cpu_seconds: row.cpu_seconds.unwrap_or_default(),
            bytes_stored: row.bytes_stored.unwrap_or_default(),
            bytes_moved: row.bytes_moved.unwrap_or_default(),
            media_seconds: row.media_seconds.unwrap_or_default(),
            pages: row.pages.unwrap_or_default(),
        },
    });
    // An end that was taken back leaves nothing of its day.
    Ok(Usage { days: day.filter(|day| day.used != Used::default()).collect(), storage })
}

/// Bytes of the files that a tenant keeps, in its transaction.
pub(crate) async fn kept(conn: &mut PgConnection) -> Result<i64, DatabaseError> {
    let bytes = sqlx::query_scalar!(
        r#"select coalesce(sum(bytes_kept), 0)::bigint as "bytes!" from usage_ledger where bytes_kept <> 0"#
    )
    .fetch_one(conn)
    .await?;
    Ok(bytes)
}

/// Enters an upload, in the tenant's transaction that writes its row.
pub(crate) async fn enter_upload(conn: &mut PgConnection, bytes: i64) -> Result<(), DatabaseError> {
    sqlx::query!(
        "insert into usage_ledger (kind, bytes_stored, bytes_moved, bytes_kept) values ('', $1, $1, $1)",
        bytes
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Enters that files are kept no longer, in the tenant's transaction that deletes their rows.
pub(crate) async fn let_go(conn: &mut PgConnection, bytes: i64) -> Result<(), DatabaseError> {
    if bytes != 0 {
        sqlx::query!("insert into usage_ledger (kind, bytes_kept) values ('', - $1::bigint)", bytes)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Takes the end of a job back, in the tenant's transaction that deletes its outcome; its attempts have been.
pub(crate) async fn take_back(
    conn: &mut PgConnection,
    tenant: &Tenant,
    kind: &str,
    (state, ended): (&str, DateTime<Utc>),
) -> Result<(), DatabaseError> {
    let (failed, cancelled) = (i64::from(state == "failed"), i64::from(state == "cancelled"));
    let entry = match tenant.keeps_quarters() {
        true => sqlx::query!(
            "insert into usage_ledger (day, at, kind, failed, cancelled)
             values (($1::timestamptz at time zone 'UTC')::date, $1, $2, - $3::bigint, - $4::bigint)",
            ended,
            kind,
            failed,
            cancelled
        ),
        false => sqlx::query!(
            "insert into usage_ledger (day, kind, failed, cancelled)
             values (($1::timestamptz at time zone 'UTC')::date, $2, - $3::bigint, - $4::bigint)",
            ended,
            kind,
            failed,
            cancelled
        ),
    };
    entry.execute(conn).await?;
    Ok(())
}

/// Makes one entry of those of a day and kind, in the tenant's transaction.
pub(crate) async fn fold(conn: &mut PgConnection, tenant: &Tenant) -> Result<(), DatabaseError> {
    // A slug is of [a-z0-9_].
    let fold = AssertSqlSafe(format!("select fold_usage_{}()", tenant.slug.as_str()));
    // Each tenant has a text of its own, which would push the statements of jobs out of what the session has prepared.
    sqlx::query(fold).persistent(false).execute(conn).await?;
    Ok(())
}
