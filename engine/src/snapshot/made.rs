//! What was made?

use super::{Between, List, MadeBy, Snapshot};
use crate::db::DatabaseError;

impl Snapshot {
    /// Jobs that succeeded, newest first. What a job is called its metadata say, or the upload that it read.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn made(&mut self, between: Between, most: u32) -> Result<List<MadeBy>, DatabaseError> {
        let rows = sqlx::query_as!(
            MadeBy,
            r#"with ended as (
                   select o.job_id, o.output, o.started_at, o.finished_at from outcomes as o
                   where o.state = 'succeeded' and o.finished_at >= $1 and o.finished_at < $2
                   order by o.finished_at desc, o.job_id limit $3
               )
               select j.id::text as "job!", j.kind as "kind!", e.finished_at as "at!",
                      left(coalesce(j.metadata ->> 'name', u.file_name, ''), 300) as "name!",
                      coalesce(f.first, '') as "artifact!", coalesce(f.bytes, 0)::bigint as "bytes!",
                      case when jsonb_typeof(e.output #> '{usage,media_seconds}') = 'number'
                           then (e.output #>> '{usage,media_seconds}')::double precision end as media_seconds,
                      case when jsonb_typeof(e.output #> '{usage,pages}') = 'number'
                           then trunc(least((e.output #>> '{usage,pages}')::numeric, 1e15))::bigint end as pages,
                      coalesce(extract(epoch from e.finished_at - e.started_at), 0)::double precision as "seconds!"
               from ended as e join jobs as j on j.id = e.job_id
               left join uploads as u on 'upload://' || u.id = j.input ->> 'source'
               left join lateral (
                   select sum(a.bytes) as bytes, (array_agg(a.name order by a.position))[1] as first
                   from artifacts as a where a.job_id = e.job_id
               ) as f on true
               order by e.finished_at desc, e.job_id"#,
            between.from,
            between.to,
            i64::from(most)
        )
        .fetch_all(self.tx.conn())
        .await?;
        let all = sqlx::query_scalar!(
            r#"select count(*) as "all!" from outcomes as o
               where o.state = 'succeeded' and o.finished_at >= $1 and o.finished_at < $2"#,
            between.from,
            between.to
        )
        .fetch_one(self.tx.conn())
        .await?;
        Ok(List { rows, all })
    }
}
