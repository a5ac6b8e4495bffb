//! How is a document written? Piece by piece before the settle, each in a short transaction that may run twice.

use uuid::Uuid;

use super::forget::note;
use super::language::dictionary_of;
use super::passage::clean;
use super::{DocumentHead, Passage};
use crate::db::{DatabaseError, Db};
use crate::id::DocumentId;
use crate::queue::Lease;
use crate::tenant::Tenant;

/// How much of a document is kept; what goes beyond is left out, and the document says so.
#[derive(Debug, Clone, Copy)]
pub struct DocumentLimits {
    /// Bytes of text.
    pub bytes: u64,
    /// Passages.
    pub passages: u32,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self { bytes: 64 << 20, passages: 200_000 }
    }
}

/// The document that a lease writes.
pub(crate) struct Staging<'a> {
    pub db: &'a Db,
    pub tenant: &'a Tenant,
    pub lease: &'a Lease,
    pub id: DocumentId,
    pub head: &'a DocumentHead,
}

impl Staging<'_> {
    /// Writes what is known of the document as a whole. What earlier leases of the job have left behind goes.
    pub async fn begin(&self) -> Result<(), DatabaseError> {
        let Self { head, lease, .. } = self;
        let mut tx = self.db.begin_as(self.tenant).await?;
        delete_of_lease(tx.conn(), lease, self.id).await?;
        sqlx::query!(
            "insert into documents (id, job_id, lease, kind, title, language, metadata, source, pages, seconds)
             values ($1, $2, $3, $4, normalize($5), $6, $7, $8, $9, $10)
             on conflict (id) do nothing",
            self.id.0,
            lease.job.0,
            lease.lease,
            lease.kind,
            head.title,
            head.language,
            serde_json::Value::Object(head.metadata.clone()),
            head.source,
            head.pages.map(|pages| i32::try_from(pages).unwrap_or(i32::MAX)),
            head.seconds
        )
        .execute(tx.conn())
        .await?;
        // Before anybody can see the document, so that none is missed: whoever takes this up looks what came of it.
        let mut tx = tx.leave().await?;
        note(tx.conn(), self.tenant.id, &[self.id.0]).await?;
        tx.commit().await?;
        // The title is what it is found by as well.
        let title = Passage { text: head.title.clone(), ..Passage::default() };
        self.add(0, &[title]).await.map(drop)
    }

    /// Writes passages, the first of them with this number. `false`: a newer lease has taken the document away.
    pub async fn add(&self, first: i32, passages: &[Passage]) -> Result<bool, DatabaseError> {
        let usual = dictionary_of(self.head.language.as_deref());
        let mut numbers = Vec::with_capacity(passages.len());
        let mut pages = Vec::with_capacity(passages.len());
        let (mut from, mut to) = (Vec::with_capacity(passages.len()), Vec::with_capacity(passages.len()));
        let mut dictionaries = Vec::with_capacity(passages.len());
        let mut texts = Vec::with_capacity(passages.len());
        for (number, passage) in (first..).zip(passages) {
            numbers.push(number);
            pages.push(passage.page.map(|page| i32::try_from(page).unwrap_or(i32::MAX)));
            from.push(passage.seconds.map(|(from, _)| from));
            to.push(passage.seconds.map(|(_, to)| to));
            let own = passage.language.as_deref();
            dictionaries.push(own.map_or(usual, |language| dictionary_of(Some(language))));
            texts.push(clean(&passage.text));
        }
        let mut tx = self.db.begin_as(self.tenant).await?;
        let there = sqlx::query_scalar!(
            r#"select true as "there!" from documents where id = $1 for key share"#,
            self.id.0
        )
        .fetch_optional(tx.conn())
        .await?;
        if there.is_none() {
            return Ok(false);
        }
        sqlx::query!(
            "insert into passages (document_id, number, page, from_second, to_second, dictionary, text)
             select $1, number, page, from_second, to_second, dictionary, normalize(text)
             from unnest($2::integer[], $3::integer[], $4::float8[], $5::float8[], $6::text[], $7::text[])
                 as new (number, page, from_second, to_second, dictionary, text)
             on conflict (document_id, number) do nothing",
            self.id.0,
            &numbers,
            &pages as &[Option<i32>],
            &from as &[Option<f64>],
            &to as &[Option<f64>],
            &dictionaries as &[&str],
            &texts
        )
        .execute(tx.conn())
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Writes how much there was. What is left is the settle's to decide.
    pub async fn finish(&self, passages: i32, truncated: bool) -> Result<(), DatabaseError> {
        let mut tx = self.db.begin_as(self.tenant).await?;
        sqlx::query!(
            "update documents set passages = $2, truncated = $3 where id = $1",
            self.id.0,
            passages,
            truncated
        )
        .execute(tx.conn())
        .await?;
        tx.commit().await
    }
}

/// Deletes what a lease has written and did not settle.
pub(crate) async fn drop_staged(db: &Db, tenant: &Tenant, lease: &Lease) -> Result<(), DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    delete_of_lease(tx.conn(), lease, DocumentId(Uuid::nil())).await?;
    tx.commit().await
}

/// Deletes what this lease of a job and those before it have written, but for one document. None of it was seen: a job
/// that has succeeded has no later lease.
async fn delete_of_lease(
    conn: &mut sqlx::PgConnection,
    lease: &Lease,
    keep: DocumentId,
) -> Result<(), DatabaseError> {
    sqlx::query!(
        "delete from passages where document_id in (
             select d.id from documents as d
             where d.job_id = $1 and d.lease <= $2 and d.id <> $3
               and not exists (select from settled_documents as s where s.id = d.id)
         )",
        lease.job.0,
        lease.lease,
        keep.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from documents as d
         where d.job_id = $1 and d.lease <= $2 and d.id <> $3
           and not exists (select from settled_documents as s where s.id = d.id)",
        lease.job.0,
        lease.lease,
        keep.0
    )
    .execute(conn)
    .await?;
    Ok(())
}
