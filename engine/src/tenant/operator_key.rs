//! Which keys do operators have, and how is one taken back? Never the last: nobody could make tenants any more.

use super::key::KeyRow;
use super::{ApiKey, Scope};
use crate::db::{DatabaseError, Db};
use crate::id::KeyId;

/// An operator's key was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeOperatorError {
    /// There is none of this id that works.
    #[error("no operator's key of this id is valid")]
    Unknown,
    /// No other would be left.
    #[error("it is the last operator's key that is valid")]
    Last,
    /// The database is away.
    #[error("failed to revoke the key")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for RevokeOperatorError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Every operator's key, newest first; those that are not valid any more, too.
///
/// # Errors
/// When the database is away.
pub async fn operator_keys(db: &Db) -> Result<Vec<ApiKey>, DatabaseError> {
    let rows = sqlx::query_as!(
        KeyRow,
        "select id, name, scopes, created_at, expires_at, revoked_at
         from esteira.api_keys where tenant_id is null order by id desc"
    )
    .fetch_all(db.pool())
    .await?;
    Ok(rows.into_iter().map(ApiKey::from).collect())
}

/// How many operator's keys are valid.
///
/// # Errors
/// When the database is away.
pub async fn valid_operator_keys(db: &Db) -> Result<i64, DatabaseError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from esteira.api_keys
           where tenant_id is null and $1 = any (scopes) and revoked_at is null
             and (expires_at is null or expires_at > esteira.now())"#,
        Scope::Operator.as_str()
    )
    .fetch_one(db.pool())
    .await?;
    Ok(count)
}

/// Revokes an operator's key at once.
pub(crate) async fn revoke_operator_key(db: &Db, id: KeyId) -> Result<(), RevokeOperatorError> {
    let mut tx = db.begin().await?;
    // All of them are locked, so that two who revoke each other's key leave one.
    let valid = sqlx::query_scalar!(
        "select id from esteira.api_keys
         where tenant_id is null and $1 = any (scopes) and revoked_at is null
           and (expires_at is null or expires_at > esteira.now())
         order by id for update",
        Scope::Operator.as_str()
    )
    .fetch_all(tx.conn())
    .await?;
    if !valid.contains(&id.0) {
        return Err(RevokeOperatorError::Unknown);
    }
    if valid.len() == 1 {
        return Err(RevokeOperatorError::Last);
    }
    sqlx::query!("update esteira.api_keys set revoked_at = esteira.now() where id = $1", id.0)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(())
}
