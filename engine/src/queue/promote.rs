//! When does a scheduled job become ready? As soon as somebody looks after its time has come.

use crate::db::{DatabaseError, Db};

/// Jobs moved in one statement, and as many again of tenants with few among them.
const BATCH: i32 = 500;

/// What a look for due jobs found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promoted {
    /// The kinds of the jobs that are queued now.
    pub kinds: Vec<String>,
    /// Whether there may be more of them.
    pub more: bool,
}

/// Moves due jobs to `queued`. Safe to run in every process.
///
/// # Errors
/// When the database is away.
pub async fn promote(db: &Db) -> Result<Promoted, DatabaseError> {
    let promoted = sqlx::query_as!(
        Promoted,
        r#"select kinds as "kinds!", more as "more!" from esteira.promote($1)"#,
        BATCH
    );
    Ok(promoted.fetch_one(db.pool()).await?)
}
