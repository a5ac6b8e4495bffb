//! When does a scheduled job become ready? As soon as somebody looks after its time has come.

use crate::db::{DatabaseError, Db};

/// Jobs moved in one statement.
const BATCH: i32 = 500;

/// Moves due jobs to `queued`; tells how many. Safe to run in every process.
pub(crate) async fn promote(db: &Db) -> Result<usize, DatabaseError> {
    let moved =
        sqlx::query_scalar!(r#"select esteira.promote($1) as "moved!""#, BATCH).fetch_one(db.pool()).await?;
    Ok(usize::try_from(moved).unwrap_or(0))
}
