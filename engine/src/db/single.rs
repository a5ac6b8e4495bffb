//! How does a single statement reach Postgres? By whatever connection of the pool is free, as a transaction of its own.
//!
//! Without names a statement is prepared and run by two messages, between which a pooler in transaction mode may go
//! over to another server, where nobody has prepared it. There each statement is given a transaction.

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use sqlx::postgres::{PgPool, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Describe, Either, Error, Execute, Executor, Postgres, SqlStr};

/// The pool, for statements that stand alone.
#[derive(Debug, Clone)]
pub(crate) struct Single {
    pool: PgPool,
    named: bool,
}

impl Single {
    /// Statements of a pool, which are prepared under names or without.
    pub fn new(pool: PgPool, named: bool) -> Self {
        Self { pool, named }
    }
}

impl<'p> Executor<'p> for &'p Single {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        if self.named {
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
        if self.named {
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
