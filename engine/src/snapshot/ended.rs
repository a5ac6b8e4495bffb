//! How long did jobs wait and take, and which are not over?

use chrono::{DateTime, Utc};

use super::{Between, Snapshot, TookLong, WaitedFor};
use crate::db::DatabaseError;

impl Snapshot {
    /// How long jobs that ended had waited before their last attempt, by kind.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn waited(&mut self, between: Between) -> Result<Vec<WaitedFor>, DatabaseError> {
        let rows = sqlx::query!(
            r#"select j.kind as "kind!", count(*) as "jobs!",
                      percentile_cont(array[0.5, 0.95]) within group (order by
                          greatest(extract(epoch from o.head_at - o.ready_at), 0)::double precision) as "own_work!",
                      percentile_cont(array[0.5, 0.95]) within group (order by
                          greatest(extract(epoch from o.started_at - o.head_at), 0)::double precision) as "slot!"
               from outcomes as o join jobs as j on j.id = o.job_id
               where o.finished_at >= $1 and o.finished_at < $2
                 and o.ready_at is not null and o.head_at is not null and o.started_at is not null
               group by j.kind order by j.kind"#,
            between.from,
            between.to
        )
        .fetch_all(self.tx.conn())
        .await?;
        let pair = |parts: &[f64]| {
            (parts.first().copied().unwrap_or_default(), parts.last().copied().unwrap_or_default())
        };
        let waited = rows.into_iter().map(|row| WaitedFor {
            kind: row.kind,
            jobs: row.jobs,
            own_work: pair(&row.own_work),
            slot: pair(&row.slot),
        });
        Ok(waited.collect())
    }

    /// The jobs whose last attempt took longest.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn slowest(&mut self, between: Between, most: u32) -> Result<Vec<TookLong>, DatabaseError> {
        let rows = sqlx::query_as!(
            TookLong,
            r#"with slowest as (
                   select o.job_id, o.attempt, o.started_at, o.finished_at from outcomes as o
                   where o.finished_at >= $1 and o.finished_at < $2 and o.started_at is not null
                   order by o.finished_at - o.started_at desc, o.job_id limit $3
               )
               select j.id::text as "job!", j.kind as "kind!",
                      left(coalesce(j.metadata ->> 'name', u.file_name, ''), 300) as "name!",
                      s.started_at as "started_at!",
                      extract(epoch from s.finished_at - s.started_at)::double precision as "seconds!",
                      s.attempt::bigint as "attempts!"
               from slowest as s join jobs as j on j.id = s.job_id
               left join uploads as u on 'upload://' || u.id = j.input ->> 'source'
               order by s.finished_at - s.started_at desc, s.job_id"#,
            between.from,
            between.to,
            i64::from(most)
        )
        .fetch_all(self.tx.conn())
        .await?;
        Ok(rows)
    }

    /// How many jobs that were submitted before an instant are not over, and when the first of them was submitted. The one
    /// that asks does not count.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn unfinished(
        &mut self,
        before: DateTime<Utc>,
    ) -> Result<Option<(i64, DateTime<Utc>)>, DatabaseError> {
        // Along the queue: those that are over are many.
        let row = sqlx::query!(
            r#"select count(*) as "jobs!", min(j.created_at) as since
               from esteira.live_jobs as q join jobs as j on j.id = q.job_id
               where j.created_at < $1 and q.job_id <> $2"#,
            before,
            self.job.0
        )
        .fetch_one(self.tx.conn())
        .await?;
        Ok(row.since.map(|since| (row.jobs, since)))
    }
}
