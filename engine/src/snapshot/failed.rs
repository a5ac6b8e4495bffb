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
        let mut rows = sqlx::query_as!(
            FailedSo,
            r#"select j.kind as "kind!", coalesce(o.error ->> 'code', 'unknown') as "code!", count(*) as "jobs!",
                      max(o.finished_at) as "last!",
                      coalesce((array_agg(o.error ->> 'message' order by o.finished_at desc, o.job_id))[1], '') as "message!",
                      (array_agg(o.job_id::text order by o.finished_at desc, o.job_id))[1] as "job!"
               from outcomes as o join jobs as j on j.id = o.job_id
               where o.state = 'failed' and o.finished_at >= $1 and o.finished_at < $2
               group by 1, 2 order by 3 desc, 1, 2"#,
            between.from,
            between.to
        )
        .fetch_all(self.tx.conn())
        .await?;
        let all = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        rows.truncate(most as usize);
        Ok(List { rows, all })
    }
}
