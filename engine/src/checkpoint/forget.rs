//! When do checkpoints go? When their job is over, however it ended; the row first, then the objects.

use super::row::over;
use crate::artifact::{Owner, Place, Store, StoreError, checkpoint_prefix, service_key};
use crate::db::DatabaseError;
use crate::id::{JobId, TenantId};
use crate::tenant::Tenant;

/// Deletes the objects that leases of a job up to this one have left, those that no row came to name included. A later
/// lease, of a job that was retried meanwhile, keeps its own. What a service has made goes in any case.
///
/// # Errors
/// What was deleted before stays deleted.
pub(crate) async fn delete_objects(
    store: &Store,
    tenant: TenantId,
    job: JobId,
    lease: i32,
) -> Result<(), StoreError> {
    let prefix = checkpoint_prefix(tenant, job);
    let mut after = String::new();
    store.delete(&[service_key(tenant, job)]).await?;
    loop {
        let page = store.list(&prefix, &after).await?;
        let is_ours = |key: &String| {
            Place::of(key)
                .is_some_and(|place| matches!(place.owner, Owner::Checkpoint(_, wrote, _) if wrote <= lease))
        };
        let keys: Vec<String> = page.objects.into_iter().map(|object| object.key).filter(is_ours).collect();
        store.delete(&keys).await?;
        match page.next {
            Some(next) => after = next,
            None => return Ok(()),
        }
    }
}

/// Up to `limit` jobs after another one that have a row although they ended without their worker: by a cancel while they
/// waited, a rescue that was their last, a service that did not let go of them. Inside a transaction of the tenant's.
///
/// # Errors
/// When the database is away.
pub(crate) async fn all_that_are_over(
    conn: &mut sqlx::PgConnection,
    tenant: &Tenant,
    after: JobId,
    limit: usize,
) -> Result<Vec<(JobId, i32)>, DatabaseError> {
    if !super::are_kept_by(tenant) {
        return Ok(Vec::new());
    }
    over(conn, after, i64::try_from(limit).unwrap_or(i64::MAX)).await
}
