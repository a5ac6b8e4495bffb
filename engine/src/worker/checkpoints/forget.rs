//! Which attempts keep checkpoints, and what becomes of those of a job that has ended?

use super::super::Shared;
use crate::checkpoint;
use crate::db::answered;
use crate::job::CatalogEntry;
use crate::queue::Lease;
use crate::tenant::Tenant;

/// The version of the checkpoints of an attempt, if it keeps any.
pub(super) fn version(shared: &Shared, tenant: &Tenant, kind: &CatalogEntry) -> Option<&'static str> {
    let kept = checkpoint::are_kept_by(tenant) && shared.options.checkpoints.bytes > 0;
    kind.kind().checkpoint_version().filter(|_| kept)
}

/// Whether a job of a kind may have a row, as far as its lease tells.
pub(in crate::worker) fn may_have_row(shared: &Shared, tenant: &Tenant, lease: &Lease) -> bool {
    let kind = shared.engine.catalog.get(&lease.kind);
    lease.lease > 1
        && checkpoint::are_kept_by(tenant)
        && kind.is_some_and(|kind| kind.kind().checkpoint_version().is_some())
}

/// Lets go of the checkpoints of a job that has ended by this lease. What stays goes with the next round of pruning.
pub(in crate::worker) async fn forget(shared: &Shared, tenant: &Tenant, lease: &Lease) {
    match answered(checkpoint::delete(&shared.engine.db, tenant, lease)).await {
        Ok(false) => {}
        Ok(true) => {
            let deleting =
                checkpoint::delete_objects(&shared.engine.store, lease.tenant, lease.job, lease.lease);
            if let Err(error) = deleting.await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "checkpoints were left in the store"
                );
            }
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "checkpoints were left behind");
        }
    }
}
