//! What do claimed jobs need from the database before they run? Their tenants and inputs, read for all at once.

use std::collections::HashMap;
use std::sync::Arc;

use super::backend::Loaded;
use crate::db::{DatabaseError, Db};
use crate::id::{JobId, TenantId};
use crate::queue::{self, Lease};
use crate::tenant::{Tenant, by_ids};

/// Larger inputs are read by each attempt for itself, so that a claim of many never holds much.
const SMALL_INPUT: i32 = 16 * 1024;

/// Reads what can be read; an attempt reads for itself what is missing here, and waits for the database if it
/// must.
pub(super) async fn load<'a>(db: &Db, leases: impl Iterator<Item = &'a Lease>) -> HashMap<JobId, Loaded> {
    let jobs: Vec<(TenantId, JobId)> = leases.map(|lease| (lease.tenant, lease.job)).collect();
    if jobs.is_empty() {
        return HashMap::new();
    }
    let mut tenants: Vec<TenantId> = jobs.iter().map(|(tenant, _)| *tenant).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let (tenants, inputs) = tokio::join!(by_ids(db.pool(), &tenants), queue::inputs(db, &jobs, SMALL_INPUT));
    let tenants: HashMap<TenantId, Arc<Tenant>> =
        known(tenants, "tenants").into_iter().map(|tenant| (tenant.id, Arc::new(tenant))).collect();
    let mut inputs = known(inputs, "inputs");
    let loaded =
        |(tenant, job)| (job, Loaded { tenant: tenants.get(&tenant).cloned(), input: inputs.remove(&job) });
    jobs.into_iter().map(loaded).collect()
}

fn known<T: Default>(read: Result<T, DatabaseError>, what: &str) -> T {
    read.unwrap_or_else(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "{what} of claimed jobs not read yet");
        T::default()
    })
}
