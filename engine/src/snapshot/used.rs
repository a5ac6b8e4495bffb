//! What was used? The ledger itself, by local days, so that sums over whole days of UTC are those of `GET /v1/usage`.

use super::{Days, Snapshot, UsedOn};
use crate::db::DatabaseError;
use crate::usage::{Used, kept};

impl Snapshot {
    /// What was used on local days, by day and kind. What the ledger has folded by days of UTC counts for the local day that
    /// has the noon of it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn used(&mut self, days: &Days) -> Result<Vec<UsedOn>, DatabaseError> {
        let between = days.between();
        let rows = sqlx::query!(
            r#"with entries as (
                   select l.*, case when (l.at at time zone 'UTC')::date = l.day then l.at
                                    else (l.day + time '12:00') at time zone 'UTC' end as instant
                   from usage_ledger as l
                   where l.day between ($1::timestamptz at time zone 'UTC')::date - 1
                                   and ($2::timestamptz at time zone 'UTC')::date + 1
               )
               select width_bucket(instant, $3::timestamptz[]) as "number!", kind as "kind!",
                      coalesce(sum(succeeded), 0)::bigint as "succeeded!",
                      coalesce(sum(failed), 0)::bigint as "failed!", coalesce(sum(cancelled), 0)::bigint as "cancelled!",
                      coalesce(sum(attempts), 0)::bigint as "attempts!",
                      coalesce(sum(processing_seconds), 0)::double precision as "processing_seconds!",
                      coalesce(sum(cpu_seconds), 0)::double precision as "cpu_seconds!",
                      coalesce(sum(bytes_stored), 0)::bigint as "bytes_stored!",
                      coalesce(sum(bytes_moved), 0)::bigint as "bytes_moved!",
                      coalesce(sum(media_seconds), 0)::double precision as "media_seconds!",
                      coalesce(sum(pages), 0)::bigint as "pages!"
               from entries where instant >= $1 and instant < $2
               group by 1, 2 order by 1, 2"#,
            between.from,
            between.to,
            days.beginnings()
        )
        .fetch_all(self.tx.conn())
        .await?;
        let used = rows.into_iter().filter_map(|row| {
            let used = Used {
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
            };
            Some(UsedOn { day: days.day(row.number)?, kind: row.kind, used })
        });
        // An end that was taken back leaves nothing of its day.
        Ok(used.filter(|row| row.used != Used::default()).collect())
    }

    /// Bytes that are kept at the moment.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn bytes_kept(&mut self) -> Result<i64, DatabaseError> {
        kept(self.tx.conn()).await
    }
}
