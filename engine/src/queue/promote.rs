//! When does a scheduled job become ready? As soon as somebody looks after its time has come.

use crate::db::{DatabaseError, Db};

/// Jobs moved in one statement.
const BATCH: i32 = 500;

/// Moves due jobs to `queued`; tells their kinds. Safe to run in every process.
///
/// # Errors
/// When the database is away.
pub async fn promote(db: &Db) -> Result<Vec<String>, DatabaseError> {
    let kinds =
        sqlx::query_scalar!(r#"select esteira.promote($1) as "kinds!""#, BATCH).fetch_one(db.pool()).await?;
    Ok(kinds)
}
