//! What was used? The ledger itself, by days of UTC, so that sums are those of `GET /v1/usage`.

use chrono::NaiveDate;

use super::{Snapshot, UsedOn};
use crate::db::DatabaseError;
use crate::usage::{Used, kept};

impl Snapshot {
    /// What was used from a day of UTC to another, both included, by day and kind.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn used(&mut self, from: NaiveDate, to: NaiveDate) -> Result<Vec<UsedOn>, DatabaseError> {
        if !self.keeps_usage {
            return Ok(Vec::new());
        }
        let rows = sqlx::query!(
            r#"select day as "day!", kind as "kind!", coalesce(sum(succeeded), 0)::bigint as "succeeded!",
                      coalesce(sum(failed), 0)::bigint as "failed!", coalesce(sum(cancelled), 0)::bigint as "cancelled!",
                      coalesce(sum(attempts), 0)::bigint as "attempts!",
                      coalesce(sum(processing_seconds), 0)::double precision as "processing_seconds!",
                      coalesce(sum(cpu_seconds), 0)::double precision as "cpu_seconds!",
                      coalesce(sum(bytes_stored), 0)::bigint as "bytes_stored!",
                      coalesce(sum(bytes_moved), 0)::bigint as "bytes_moved!",
                      coalesce(sum(media_seconds), 0)::double precision as "media_seconds!",
                      coalesce(sum(pages), 0)::bigint as "pages!"
               from usage_ledger where day between $1 and $2
               group by day, kind order by day, kind"#,
            from,
            to
        )
        .fetch_all(self.tx.conn())
        .await?;
        let used = rows.into_iter().map(|row| UsedOn {
            day: row.day,
            kind: row.kind,
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
        // An end that was taken back leaves nothing of its day.
        Ok(used.filter(|row| row.used != Used::default()).collect())
    }

    /// Bytes that are kept at the moment.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn bytes_kept(&mut self) -> Result<i64, DatabaseError> {
        if !self.keeps_usage {
            return Ok(0);
        }
        kept(self.tx.conn()).await
    }
}
