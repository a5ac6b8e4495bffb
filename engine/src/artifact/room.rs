//! How much may a tenant still keep? Its limit, less what is kept and what is announced.

use sqlx::PgConnection;

use crate::db::{DatabaseError, Db};
use crate::tenant::Tenant;
use crate::usage::kept;

/// Bytes that the tenant may still keep; `None` where it has no limit. Those who ask at the same moment are
/// told the same room.
pub(crate) async fn room_left(db: &Db, tenant: &Tenant) -> Result<Option<u64>, DatabaseError> {
    if tenant.limits.max_storage_bytes.is_none() {
        return Ok(None);
    }
    let mut tx = db.begin_as(tenant).await?;
    let room = room(tx.conn(), tenant).await?;
    tx.commit().await?;
    Ok(room)
}

/// The same inside a tenant's transaction, before which nobody else takes of the room: exact until it ends.
pub(super) async fn hold_room(
    conn: &mut PgConnection,
    tenant: &Tenant,
) -> Result<Option<u64>, DatabaseError> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('room', $1))::text as locked",
        i64::from(tenant.id.0)
    )
    .fetch_one(&mut *conn)
    .await?;
    room(conn, tenant).await
}

async fn room(conn: &mut PgConnection, tenant: &Tenant) -> Result<Option<u64>, DatabaseError> {
    let Some(limit) = tenant.limits.max_storage_bytes else { return Ok(None) };
    let kept = match tenant.keeps_usage() {
        true => kept(conn).await? + announced(conn).await?,
        false => added_up(conn).await?,
    };
    Ok(Some(u64::try_from(limit - kept).unwrap_or(0)))
}

/// Bytes of what is kept, file by file: a schema that is not migrated yet has no ledger.
async fn added_up(conn: &mut PgConnection) -> Result<i64, DatabaseError> {
    let bytes = sqlx::query_scalar!(
        r#"select (coalesce((select sum(bytes) from uploads), 0)
                 + coalesce((select sum(bytes) from artifacts), 0))::bigint as "bytes!""#
    )
    .fetch_one(conn)
    .await?;
    Ok(bytes)
}

/// Bytes of the uploads that are announced and may still be completed.
async fn announced(conn: &mut PgConnection) -> Result<i64, DatabaseError> {
    let bytes = sqlx::query_scalar!(
        r#"select coalesce(sum(bytes), 0)::bigint as "bytes!" from unfinished_uploads
           where expires_at > esteira.now() and not given_up"#
    )
    .fetch_one(conn)
    .await?;
    Ok(bytes)
}
