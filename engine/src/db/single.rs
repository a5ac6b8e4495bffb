//! How does a single statement reach Postgres? By whatever connection of the pool is free, as a transaction of its own.
//!
//! A statement that no session keeps is prepared by one message and run by the next, and between the two a pooler in
//! transaction mode may go over to another server. There each statement is given a transaction.

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use sqlx::postgres::{PgPool, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Describe, Either, Error, Execute, Executor, Postgres, SqlStr};

/// The pool, for statements that stand alone.
#[derive(Debug, Clone)]
pub(crate) struct Single {
    pool: PgPool,
    kept: bool,
}

impl Single {
    /// Statements of a pool, which a session keeps prepared or not.
    pub fn new(pool: PgPool, kept: bool) -> Self {
        Self { pool, kept }
    }
}

impl<'p> Executor<'p> for &'p Single {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        if self.kept {
            return self.pool.fetch_many(query);
        }
        let answered = async move {
            let mut tx = self.pool.begin().await?;
            let rows: Vec<_> = tx.fetch_many(query).try_collect().await?;
            tx.commit().await?;
            Ok::<_, Error>(stream::iter(rows.into_iter().map(Ok)))
        };
        stream::once(answered).try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        if self.kept {
            return self.pool.fetch_optional(query);
        }
        Box::pin(async move {
            let mut tx = self.pool.begin().await?;
            let row = tx.fetch_optional(query).await?;
            tx.commit().await?;
            Ok(row)
        })
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
