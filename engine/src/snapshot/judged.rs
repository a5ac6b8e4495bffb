//! How sure are the results? What outputs of jobs and the search tell of it.

use super::{Between, JudgedDocument, JudgedMedia, List, Snapshot, Warned};
use crate::db::DatabaseError;

/// Numbers of pages that are told of one document.
const PAGES: i64 = 200;

impl Snapshot {
    /// Documents that were read, newest first. A page of which the search has nothing gave nothing; of a document of which
    /// the search has the beginning alone, nobody knows that of the pages after it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn documents(
        &mut self,
        between: Between,
        kind: &str,
        most: u32,
    ) -> Result<List<JudgedDocument>, DatabaseError> {
        let rows = sqlx::query!(
            r#"with ended as (
                   select o.job_id, o.lease, o.output, o.finished_at
                   from outcomes as o join jobs as j on j.id = o.job_id
                   where j.kind = $3 and o.state = 'succeeded' and o.finished_at >= $1 and o.finished_at < $2
                   order by o.finished_at desc, o.job_id limit $4
               )
               select j.id::text as "job!", e.finished_at as "at!",
                      left(coalesce(j.metadata ->> 'name', u.file_name, d.title, ''), 300) as "name!",
                      coalesce(case when jsonb_typeof(e.output #> '{counts,pages}') = 'number'
                                    then trunc(least((e.output #>> '{counts,pages}')::numeric, 1e15))::bigint end,
                               d.pages, 0) as "pages!",
                      coalesce(case when jsonb_typeof(e.output #> '{counts,ocr_pages}') = 'number'
                                    then trunc(least((e.output #>> '{counts,ocr_pages}')::numeric, 1e15))::bigint end,
                               0) as "ocr_pages!",
                      case when jsonb_typeof(e.output -> 'confidence') = 'number'
                           then (e.output ->> 'confidence')::double precision end as confidence,
                      empty.numbers as "empty_pages!", empty.pages as "empty!"
               from ended as e join jobs as j on j.id = e.job_id
               left join uploads as u on 'upload://' || u.id = j.input ->> 'source'
               left join documents as d on d.job_id = e.job_id and d.lease = e.lease
               left join lateral (
                   select count(*) as pages,
                          coalesce(array_agg(page.number order by page.number) filter (where page.place <= $5),
                                   '{}') as numbers
                   from (select page.number, row_number() over (order by page.number) as place
                         from generate_series(1, case when d.truncated then (select max(p.page) from passages as p
                                                                             where p.document_id = d.id)
                                                      else d.pages end) as page (number)
                         where not exists (select from passages as p
                                           where p.document_id = d.id and p.page = page.number)) as page
               ) as empty on true
               order by e.finished_at desc, e.job_id"#,
            between.from,
            between.to,
            kind,
            i64::from(most),
            PAGES
        )
        .fetch_all(self.tx.conn())
        .await?;
        let all = self.succeeded_of(between, kind).await?;
        let rows = rows.into_iter().map(|row| JudgedDocument {
            job: row.job,
            name: row.name,
            at: row.at,
            pages: row.pages,
            ocr_pages: row.ocr_pages,
            confidence: row.confidence,
            empty: row.empty,
            empty_pages: row.empty_pages.into_iter().filter_map(|page| u32::try_from(page).ok()).collect(),
        });
        Ok(List { rows: rows.collect(), all })
    }

    /// What was transcribed, newest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn transcripts(
        &mut self,
        between: Between,
        kind: &str,
        most: u32,
    ) -> Result<List<JudgedMedia>, DatabaseError> {
        let rows = sqlx::query_as!(
            JudgedMedia,
            r#"with ended as (
                   select o.job_id, o.output, o.finished_at from outcomes as o join jobs as j on j.id = o.job_id
                   where j.kind = $3 and o.state = 'succeeded' and o.finished_at >= $1 and o.finished_at < $2
                   order by o.finished_at desc, o.job_id limit $4
               )
               select j.id::text as "job!", e.finished_at as "at!",
                      left(coalesce(j.metadata ->> 'name', u.file_name, ''), 300) as "name!",
                      left(coalesce(e.output ->> 'language', ''), 100) as "language!",
                      coalesce(case when jsonb_typeof(e.output #> '{usage,media_seconds}') = 'number'
                                    then (e.output #>> '{usage,media_seconds}')::double precision end, 0) as "seconds!",
                      case when jsonb_typeof(e.output -> 'confidence') = 'number'
                           then (e.output ->> 'confidence')::double precision end as confidence
               from ended as e join jobs as j on j.id = e.job_id
               left join uploads as u on 'upload://' || u.id = j.input ->> 'source'
               order by e.finished_at desc, e.job_id"#,
            between.from,
            between.to,
            kind,
            i64::from(most)
        )
        .fetch_all(self.tx.conn())
        .await?;
        let all = self.succeeded_of(between, kind).await?;
        Ok(List { rows, all })
    }

    /// Warnings in the outputs of a kind's jobs, newest first: texts, or objects with `code` and `message`.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn warnings(
        &mut self,
        between: Between,
        kind: &str,
        most: u32,
    ) -> Result<List<Warned>, DatabaseError> {
        let rows = sqlx::query_as!(
            Warned,
            r#"select j.id::text as "job!", o.finished_at as "at!",
                      left(coalesce(j.metadata ->> 'name', ''), 300) as "name!",
                      left(coalesce(w.warning ->> 'code', 'warning'), 100) as "code!",
                      left(coalesce(w.warning ->> 'message', w.warning #>> '{}', ''), 1000) as "message!"
               from outcomes as o join jobs as j on j.id = o.job_id
               cross join lateral jsonb_array_elements(
                   case when jsonb_typeof(o.output -> 'warnings') = 'array' then o.output -> 'warnings' end
               ) with ordinality as w (warning, position)
               where j.kind = $3 and o.state = 'succeeded' and o.finished_at >= $1 and o.finished_at < $2
               order by o.finished_at desc, o.job_id, w.position limit $4"#,
            between.from,
            between.to,
            kind,
            i64::from(most)
        )
        .fetch_all(self.tx.conn())
        .await?;
        let all = sqlx::query_scalar!(
            r#"select coalesce(sum(case when jsonb_typeof(o.output -> 'warnings') = 'array'
                                        then jsonb_array_length(o.output -> 'warnings') end), 0)::bigint as "all!"
               from outcomes as o join jobs as j on j.id = o.job_id
               where j.kind = $3 and o.state = 'succeeded' and o.finished_at >= $1 and o.finished_at < $2"#,
            between.from,
            between.to,
            kind
        )
        .fetch_one(self.tx.conn())
        .await?;
        Ok(List { rows, all })
    }

    /// How many jobs of a kind succeeded.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn succeeded_of(&mut self, between: Between, kind: &str) -> Result<i64, DatabaseError> {
        let all = sqlx::query_scalar!(
            r#"select count(*) as "all!" from outcomes as o join jobs as j on j.id = o.job_id
               where j.kind = $3 and o.state = 'succeeded' and o.finished_at >= $1 and o.finished_at < $2"#,
            between.from,
            between.to,
            kind
        )
        .fetch_one(self.tx.conn())
        .await?;
        Ok(all)
    }
}
