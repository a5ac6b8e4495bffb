//! Whose are the claimed jobs? Tenants as they were within the last second, each read for all its jobs at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::db::Db;
use crate::id::TenantId;
use crate::tenant::{Tenant, by_ids};

/// For how long a tenant is taken to be what it was.
const FRESH: Duration = Duration::from_secs(1);

/// The tenants that a feed has read.
#[derive(Debug, Default)]
pub(super) struct Tenants(HashMap<TenantId, (Instant, Arc<Tenant>)>);

impl Tenants {
    /// Makes these tenants known, as far as they can be read: an attempt reads for itself what is missing, and waits
    /// for the database if it must.
    pub async fn meet(&mut self, db: &Db, tenants: impl Iterator<Item = TenantId>) {
        self.0.retain(|_, (read_at, _)| read_at.elapsed() < FRESH);
        let mut unknown: Vec<TenantId> = tenants.filter(|tenant| !self.0.contains_key(tenant)).collect();
        if unknown.is_empty() {
            return;
        }
        unknown.sort_unstable();
        unknown.dedup();
        let read_at = Instant::now();
        match by_ids(db.pool(), &unknown).await {
            Ok(read) => {
                self.0.extend(read.into_iter().map(|tenant| (tenant.id, (read_at, Arc::new(tenant)))));
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "tenants of claimed jobs not read yet"
                );
            }
        }
    }

    /// One of them.
    pub fn get(&self, tenant: TenantId) -> Option<Arc<Tenant>> {
        self.0.get(&tenant).map(|(_, tenant)| Arc::clone(tenant))
    }
}
