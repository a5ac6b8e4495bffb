//! Which Postgres roles may submit by SQL, for whom? Those that an operator named.

use super::Tenant;
use crate::db::{DatabaseError, Db};

/// Gives a role the right to submit for a tenant, or for every one where `tenant` is `None`; `false` when there is
/// no such role.
pub(crate) async fn grant_submit(
    db: &Db,
    role: &str,
    tenant: Option<&Tenant>,
) -> Result<bool, DatabaseError> {
    let granted =
        sqlx::query_scalar!(r#"select esteira.grant_submit($1, $2) as "granted!""#, role, number(tenant))
            .fetch_one(db.pool())
            .await?;
    Ok(granted)
}

/// Takes one such right back; `false` when the role had none. A right to submit for every tenant is one, and is
/// taken back as one.
pub(crate) async fn revoke_submit(
    db: &Db,
    role: &str,
    tenant: Option<&Tenant>,
) -> Result<bool, DatabaseError> {
    let revoked =
        sqlx::query_scalar!(r#"select esteira.revoke_submit($1, $2) as "revoked!""#, role, number(tenant))
            .fetch_one(db.pool())
            .await?;
    Ok(revoked)
}

fn number(tenant: Option<&Tenant>) -> Option<i32> {
    tenant.map(|tenant| tenant.id.0)
}
