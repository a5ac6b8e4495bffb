//! Which announced uploads did nobody complete in time? They are given up: their parts, then their rows.
//!
//! A row is marked first, and from then on no call completes it; a crash before its end leaves the mark, and the next
//! round goes on. Its room is free from the moment it expired.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::artifact::{Store, StoreError};
use crate::db::{DatabaseError, Db};
use crate::tenant::Tenant;

/// An upload whose time is over.
#[derive(Debug)]
pub(super) struct Late {
    id: Uuid,
    object_key: String,
    multipart_id: Option<String>,
}

/// Marks uploads that expired an hour ago, when the last PUT that began in time has ended too.
pub(super) async fn mark(conn: &mut PgConnection, limit: i64) -> Result<Vec<Late>, DatabaseError> {
    let late = sqlx::query_as!(
        Late,
        "update unfinished_uploads set given_up = true
         where id in (select id from unfinished_uploads where expires_at < esteira.now() - interval '1 hour'
                      order by expires_at limit $1 for update)
         returning id, object_key, multipart_id",
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(late)
}

/// Lets the object store forget their parts, and the objects of those that were joined and not looked at.
pub(super) async fn abort(store: &Store, late: &[Late]) -> Result<(), StoreError> {
    for upload in late {
        if let Some(multipart) = &upload.multipart_id {
            store.abort_parts(&upload.object_key, multipart).await?;
        }
    }
    let keys: Vec<String> = late.iter().map(|upload| upload.object_key.clone()).collect();
    store.delete(&keys).await
}

/// Deletes the rows of those that were marked.
pub(super) async fn forget(conn: &mut PgConnection, late: &[Late]) -> Result<(), DatabaseError> {
    let ids: Vec<Uuid> = late.iter().map(|upload| upload.id).collect();
    sqlx::query!("delete from unfinished_uploads where id = any ($1) and given_up", &ids)
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives up every upload of a tenant that is removed: parts are no objects, and would be paid for ever.
pub(crate) async fn abort_all(db: &Db, store: &Store, tenant: &Tenant) -> Result<(), AbortError> {
    if !tenant.announces_uploads() {
        return Ok(());
    }
    let mut tx = db.begin_as(tenant).await?;
    let all = sqlx::query_as!(
        Late,
        "update unfinished_uploads set given_up = true returning id, object_key, multipart_id"
    )
    .fetch_all(tx.conn())
    .await
    .map_err(DatabaseError::from)?;
    tx.commit().await?;
    Ok(abort(store, &all).await?)
}

/// Uploads were not given up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AbortError {
    /// The object store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database is away.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}
