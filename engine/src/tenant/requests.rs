//! How many requests of a tenant may a process let pass? A share of what all processes together may.

use std::time::Duration;

use crate::db::{DatabaseError, Db};
use crate::id::TenantId;

/// What a process was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// Requests that it may let pass.
    pub requests: u32,
    /// Requests that are left for all.
    pub beyond: u32,
    /// When there is one more, where none is left.
    pub next_in: Duration,
}

/// Takes up to `wanted` requests of a tenant that may send `per_minute`, which is more than none.
pub(crate) async fn take_requests(
    db: &Db,
    tenant: TenantId,
    per_minute: u32,
    wanted: u32,
) -> Result<Granted, DatabaseError> {
    let narrow = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let row = sqlx::query!(
        r#"select granted as "granted!", beyond as "beyond!", next_in as "next_in!"
           from esteira.take_requests($1, $2, $3)"#,
        tenant.0,
        narrow(per_minute.max(1)),
        narrow(wanted)
    )
    .fetch_one(db.pool())
    .await?;
    Ok(Granted {
        requests: row.granted.unsigned_abs(),
        beyond: row.beyond.unsigned_abs(),
        next_in: Duration::try_from_secs_f64(row.next_in).unwrap_or_default(),
    })
}
