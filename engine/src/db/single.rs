//! How does a single statement reach Postgres? By whatever connection of the pool is free, as a transaction of its own.
//!
//! A statement that no session keeps is prepared by one message and run by the next, and between the two a pooler in
//! transaction mode may go over to another server. There each statement is given a transaction.

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use sqlx::postgres::{PgPool, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Describe, Either, Error, Execute, Executor, Postgres, SqlStr};

use super::fault::fault;
use super::own::Own;
use super::{DatabaseError, begin};
use crate::metrics::Meter;

/// The pool, for statements that stand alone.
#[derive(Debug, Clone)]
pub(crate) struct Single {
    pool: PgPool,
    way: Way,
    counted: Counted,
}

/// Under which word calls are counted, and where.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    pub meter: Meter,
    pub word: &'static str,
}

impl Counted {
    /// Counts a call.
    fn call(&self) {
        self.meter.postgres().called(self.word);
    }

    /// Counts a fault.
    fn failed(&self, error: &Error) {
        self.meter.postgres().failed(fault(error));
    }

    /// Counts a fault, if there is one.
    pub fn failing<T>(&self, answer: Result<T, Error>) -> Result<T, DatabaseError> {
        Ok(answer.inspect_err(|error| self.failed(error))?)
    }

    /// Counts a call, and its fault if there is one.
    pub fn seen<T>(&self, answer: Result<T, Error>) -> Result<T, DatabaseError> {
        self.call();
        self.failing(answer)
    }
}

/// What becomes of a statement.
#[derive(Debug, Clone)]
enum Way {
    /// A session keeps it prepared, any that is free.
    Named,
    /// A session keeps it prepared, one that is there for it.
    Own(Own),
    /// No session keeps it.
    Unnamed,
}

impl Single {
    /// Statements of a pool, which a session keeps prepared or not.
    pub(super) fn new(pool: PgPool, kept: bool, counted: Counted) -> Self {
        let way = if kept { Way::Named } else { Way::Unnamed };
        Self { pool, way, counted }
    }

    /// Statements that have a session of this pool for themselves.
    pub(super) fn own(pool: PgPool, own: Own, counted: Counted) -> Self {
        Self { pool, way: Way::Own(own), counted }
    }

    /// Gives the session back that is kept.
    pub fn let_go(&self) {
        if let Way::Own(own) = &self.way {
            own.let_go();
        }
    }
}

impl<'p> Executor<'p> for &'p Single {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.counted.call();
        let answered = async move {
            let rows: Vec<_> = match &self.way {
                Way::Named => return Ok(self.pool.fetch_many(query)),
                Way::Own(own) => {
                    let mut session = own.take().await?;
                    let rows = session.conn().fetch_many(query).try_collect().await?;
                    own.keep(session);
                    rows
                }
                Way::Unnamed => {
                    let mut tx = begin(&self.pool).await?;
                    let rows = tx.fetch_many(query).try_collect().await?;
                    tx.commit().await?;
                    rows
                }
            };
            Ok::<_, Error>(stream::iter(rows.into_iter().map(Ok)).boxed())
        };
        let failed = move |error: &Error| self.counted.failed(error);
        stream::once(answered).try_flatten().inspect_err(failed).boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        self.counted.call();
        let answer = async move {
            match &self.way {
                Way::Named => self.pool.fetch_optional(query).await,
                Way::Own(own) => {
                    let mut session = own.take().await?;
                    let row = session.conn().fetch_optional(query).await?;
                    own.keep(session);
                    Ok(row)
                }
                Way::Unnamed => {
                    let mut tx = begin(&self.pool).await?;
                    let row = tx.fetch_optional(query).await?;
                    tx.commit().await?;
                    Ok(row)
                }
            }
        };
        Box::pin(async move { answer.await.inspect_err(|error| self.counted.failed(error)) })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        self.pool.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'p: 'e,
    {
        self.pool.describe(sql)
    }
}
