//! What do claimed jobs need from the database before they run? Their tenants and inputs, read for all at once.

use std::collections::{BTreeMap, HashMap};
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
    let mut by_tenant: BTreeMap<TenantId, Vec<JobId>> = BTreeMap::new();
    for lease in leases {
        by_tenant.entry(lease.tenant).or_default().push(lease.job);
    }
    let mut all = HashMap::new();
    if by_tenant.is_empty() {
        return all;
    }
    let ids: Vec<TenantId> = by_tenant.keys().copied().collect();
    let tenants = match by_ids(db.pool(), &ids).await {
        Ok(tenants) => tenants,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "tenants of claimed jobs not read yet");
            return all;
        }
    };
    for tenant in tenants.into_iter().map(Arc::new) {
        let Some(jobs) = by_tenant.get(&tenant.id) else { continue };
        let mut inputs = inputs(db, &tenant, jobs).await;
        for job in jobs {
            all.insert(*job, Loaded { tenant: Some(Arc::clone(&tenant)), input: inputs.remove(job) });
        }
    }
    all
}

async fn inputs(db: &Db, tenant: &Tenant, jobs: &[JobId]) -> HashMap<JobId, serde_json::Value> {
    let read: Result<_, DatabaseError> = queue::inputs(db, tenant, jobs, SMALL_INPUT).await;
    read.unwrap_or_else(|error| {
        tracing::warn!(
            tenant = %tenant.slug,
            error = &error as &dyn std::error::Error,
            "inputs of claimed jobs not read yet"
        );
        HashMap::new()
    })
}
