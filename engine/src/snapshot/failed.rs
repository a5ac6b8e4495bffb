//! Why did jobs fail?

use super::{Between, FailedSo, List, Snapshot};
use crate::db::DatabaseError;

impl Snapshot {
    /// Ways to fail, by kind and code, the most frequent first; each with the last that was said of it. Along the index of
    /// outcomes that are no successes.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn failed(&mut self, between: Between, most: u32) -> Result<List<FailedSo>, DatabaseError> {
        let rows = sqlx::query!(
            r#"with ways as (
                   select j.kind, left(coalesce(o.error ->> 'code', 'unknown'), 100) as code, count(*) as jobs,
                          max(o.finished_at) as last,
                          (array_agg(o.job_id order by o.finished_at desc, o.job_id))[1] as job
                   from outcomes as o join jobs as j on j.id = o.job_id
                   where o.state = 'failed' and o.finished_at >= $1 and o.finished_at < $2
                   group by 1, 2
               )
               select w.kind as "kind!", w.code as "code!", w.jobs as "jobs!", w.last as "last!",
                      left(coalesce(o.error ->> 'message', ''), 1000) as "message!", w.job::text as "job!",
                      count(*) over () as "ways!"
               from ways as w join outcomes as o on o.job_id = w.job
               order by w.jobs desc, w.kind, w.code limit $3"#,
            between.from,
            between.to,
            i64::from(most)
        )
        .fetch_all(self.tx.conn())
        .await?;
        let all = rows.first().map_or(0, |row| row.ways);
        let rows = rows.into_iter().map(|row| FailedSo {
            kind: row.kind,
            code: row.code,
            jobs: row.jobs,
            last: row.last,
            message: row.message,
            job: row.job,
        });
        Ok(List { rows: rows.collect(), all })
    }
}
