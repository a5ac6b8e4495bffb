//! What do a tenant's documents say of what is asked for? The passages that fit best, a page at a time.
//!
//! Each passage is held against the question as the dictionary of its own language reads it, so nobody has to say in
//! which language he asks. A question whose words stand in very many passages takes long, since each of these is
//! given a score; it is given up after a while and not allowed to keep the database busy.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::position::question;
use super::snippet::html;
use super::{Language, Position, Searches, are_kept_by};
use crate::db::{DatabaseError, Db, TenantTx};
use crate::id::{DocumentId, JobId};
use crate::tenant::Tenant;

/// The limits of a search.
#[derive(Debug, Clone, Copy)]
pub struct SearchOptions {
    /// How long one may take.
    pub longest: Duration,
    /// The most characters of a question.
    pub characters: usize,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { longest: Duration::from_secs(5), characters: 500 }
    }
}

/// What is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Words, `"words in this order"`, `or`, `-without`.
    pub query: String,
    /// In documents of this kind.
    pub kind: Option<String>,
    /// In documents of this language.
    pub language: Option<Language>,
}

/// A passage that fits.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The document.
    pub document: DocumentId,
    /// The job that read it.
    pub job: JobId,
    /// Its kind.
    pub kind: String,
    /// The document's title.
    pub title: String,
    /// The document's language.
    pub language: Option<String>,
    /// The page, where the document has pages and the words are not those of its title.
    pub page: Option<i32>,
    /// The seconds from and to, where it is a recording.
    pub seconds: Option<(f64, f64)>,
    /// Some words around what was found, as HTML: escaped, but for `<mark>` around the words.
    pub snippet: String,
    /// How well it fits; comparable within one question only.
    pub score: f32,
    /// When the document was read.
    pub created_at: DateTime<Utc>,
}

/// A page of hits.
#[derive(Debug)]
pub struct HitPage {
    /// The hits, best first.
    pub items: Vec<Hit>,
    /// Where the next page begins, where there are more.
    pub next: Option<Position>,
}

/// A question is not answered.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The tenant's schema is older than documents.
    #[error("the tenant is not migrated to documents yet")]
    Behind,
    /// Nothing is asked for.
    #[error("must say what to look for")]
    Empty,
    /// It is too long.
    #[error("must have at most {limit} characters")]
    TooLong {
        /// The most characters.
        limit: usize,
    },
    /// It only says what is not wanted.
    #[error("must have a word that is wanted, and not only such as are not")]
    OnlyWithout,
    /// It has more `-` in a row than Postgres reads.
    #[error("must not have so many `-` one after the other")]
    TooManyWithout,
    /// The position belongs to another question.
    #[error("is not the next_cursor of an earlier page of this search")]
    OtherQuestion,
    /// Too many passages fit.
    #[error("the words stand in too many passages")]
    TooBroad,
    /// The database is away.
    #[error("failed to search documents")]
    Database(DatabaseError),
}

impl From<DatabaseError> for SearchError {
    fn from(error: DatabaseError) -> Self {
        if error.is_out_of_time() { Self::TooBroad } else { Self::Database(error) }
    }
}

impl From<sqlx::Error> for SearchError {
    fn from(error: sqlx::Error) -> Self {
        DatabaseError::from(error).into()
    }
}

/// Searches a tenant's documents.
pub(crate) async fn search(
    db: &Db,
    searches: &Searches,
    tenant: &Tenant,
    options: &SearchOptions,
    wanted: &Wanted,
    after: Option<&Position>,
    limit: u16,
) -> Result<HitPage, SearchError> {
    if !are_kept_by(tenant) {
        return Err(SearchError::Behind);
    }
    check(options, wanted, after)?;
    let _turn = searches.turn(tenant.id).await?;
    let mut tx = db.begin_as(tenant).await?;
    // Postgres complains of words that no dictionary keeps; that is no news for anybody here.
    sqlx::query!(
        "select set_config('statement_timeout', $1, true) as timeout,
                set_config('client_min_messages', 'warning', true) as messages",
        options.longest.as_millis().max(1).to_string()
    )
    .fetch_one(tx.conn())
    .await?;
    let Some(asked) = Asked::of(&mut tx, &wanted.query).await? else {
        return Ok(HitPage { items: Vec::new(), next: None });
    };
    let page = hits(&mut tx, wanted, &asked, after, limit).await?;
    tx.commit().await?;
    Ok(page)
}

fn check(options: &SearchOptions, wanted: &Wanted, after: Option<&Position>) -> Result<(), SearchError> {
    if wanted.query.trim().is_empty() {
        return Err(SearchError::Empty);
    }
    if wanted.query.chars().count() > options.characters {
        return Err(SearchError::TooLong { limit: options.characters });
    }
    if after.is_some_and(|after| !after.is_of(wanted)) {
        return Err(SearchError::OtherQuestion);
    }
    Ok(())
}

/// A question in the words of each dictionary.
struct Asked {
    portuguese: String,
    english: String,
    simple: String,
}

impl Asked {
    /// `None`: it has only words that stand everywhere, such as articles.
    async fn of(tx: &mut TenantTx, query: &str) -> Result<Option<Self>, SearchError> {
        let rows = sqlx::query!(
            r#"select dictionary as "dictionary!", asked::text as "asked!", querytree(asked) as "tree!"
               from unnest(array['portuguese', 'english', 'simple']) as known (dictionary),
                    lateral (select esteira.asked(dictionary, normalize($1::text)) as asked) as read"#,
            query
        )
        .fetch_all(tx.conn())
        .await
        .map_err(DatabaseError::from)
        // A stack that is too small, which nothing but a heap of `-` fills.
        .map_err(|error| if error.is_internal() { SearchError::TooManyWithout } else { error.into() })?;
        // `T`: every passage would have to be looked at for what it does not say.
        let only_without = rows.iter().any(|row| row.tree == "T");
        let mut fit: BTreeMap<String, String> = rows
            .into_iter()
            .filter(|row| !matches!(row.tree.as_str(), "" | "T"))
            .map(|row| (row.dictionary, row.asked))
            .collect();
        if fit.is_empty() {
            return if only_without { Err(SearchError::OnlyWithout) } else { Ok(None) };
        }
        let mut words = |dictionary| fit.remove(dictionary).unwrap_or_default();
        Ok(Some(Self { portuguese: words("portuguese"), english: words("english"), simple: words("simple") }))
    }
}

async fn hits(
    tx: &mut TenantTx,
    wanted: &Wanted,
    asked: &Asked,
    after: Option<&Position>,
    limit: u16,
) -> Result<HitPage, SearchError> {
    // Only the passages of the page are read whole and cut to snippets.
    let rows = sqlx::query!(
        r#"with hit as materialized (
               select p.document_id, p.number,
                      ts_rank(p.words, case p.dictionary when 'portuguese' then $1::text::tsquery
                                                         when 'english' then $2::text::tsquery
                                                         else $3::text::tsquery end, 1) as score
               from passages as p join settled_documents as d on d.id = p.document_id
               where (p.dictionary = 'portuguese' and p.words @@ $1::text::tsquery
                      or p.dictionary = 'english' and p.words @@ $2::text::tsquery
                      or p.dictionary = 'simple' and p.words @@ $3::text::tsquery)
                 and ($4::text is null or d.kind = $4)
                 and ($5::text is null or split_part(d.language, '-', 1) = $5)
           ), page as materialized (
               select document_id, number, score from hit
               where $6::real is null or score < $6
                  or score = $6 and (document_id < $7 or document_id = $7 and number > $8)
               order by score desc, document_id desc, number limit $9
           )
           select page.document_id as "document!: DocumentId", page.number as "number!", page.score as "score!",
                  d.job_id as "job!: JobId", d.kind as "kind!", d.title as "title!", d.language,
                  d.created_at as "created_at!", p.page, p.from_second, p.to_second,
                  esteira.snippet(p.dictionary, p.text,
                      case p.dictionary when 'portuguese' then $1::text::tsquery
                                        when 'english' then $2::text::tsquery
                                        else $3::text::tsquery end) as "snippet!"
           from page
           join passages as p on p.document_id = page.document_id and p.number = page.number
           join documents as d on d.id = page.document_id
           order by page.score desc, page.document_id desc, page.number"#,
        asked.portuguese,
        asked.english,
        asked.simple,
        wanted.kind,
        wanted.language.as_ref().map(Language::primary),
        after.map(|after| after.score),
        after.map(|after| after.document),
        after.map(|after| after.number),
        i64::from(limit) + 1
    )
    .fetch_all(tx.conn())
    .await?;
    let more = rows.len() > usize::from(limit);
    let mut next = None;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows.into_iter().take(usize::from(limit)) {
        let (score, document, number) = (row.score, row.document.0, row.number);
        next = more.then(|| Position { question: question(wanted), score, document, number });
        items.push(Hit {
            document: row.document,
            job: row.job,
            kind: row.kind,
            title: row.title,
            language: row.language,
            page: row.page,
            seconds: row.from_second.zip(row.to_second),
            snippet: html(&row.snippet),
            score,
            created_at: row.created_at,
        });
    }
    Ok(HitPage { items, next })
}
