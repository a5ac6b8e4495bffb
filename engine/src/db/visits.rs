//! How much may a connection remember? The tables and plans of so many tenants, and then another takes its place.
//!
//! A Postgres backend keeps what it has learnt of each table, index and function that it met for as long as it
//! lives; with thousands of tenants that is most of its memory.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::id::TenantId;

/// The tenants that the connections of a pool have met.
#[derive(Debug, Clone)]
pub(super) struct Visits(Arc<State>);

#[derive(Debug)]
struct State {
    most: usize,
    met: Mutex<Met>,
}

#[derive(Debug)]
struct Met {
    tenants: HashSet<TenantId>,
    since: Instant,
}

impl Visits {
    /// Connections may meet up to `most` tenants.
    pub fn new(most: usize) -> Self {
        let met = Met { tenants: HashSet::new(), since: Instant::now() };
        Self(Arc::new(State { most, met: Mutex::new(met) }))
    }

    /// Some connection meets a tenant.
    pub fn add(&self, tenant: TenantId) {
        let mut met = self.0.met.lock();
        if met.tenants.len() >= self.0.most && !met.tenants.contains(&tenant) {
            met.tenants.clear();
            met.since = Instant::now();
        }
        met.tenants.insert(tenant);
    }

    /// Whether a connection of this age has met as many tenants as it may, perhaps.
    pub fn are_too_many(&self, age: Duration) -> bool {
        age > self.0.met.lock().since.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_replaced_once_as_many_tenants_were_met_and_a_younger_one_is_kept() {
        let visits = Visits::new(2);
        let long_ago = Duration::from_secs(3600);
        for tenant in [1, 2, 1, 2] {
            visits.add(TenantId(tenant));
        }
        assert!(!visits.are_too_many(Duration::ZERO));
        let before = Instant::now();
        visits.add(TenantId(3));
        assert!(visits.are_too_many(before.elapsed() + long_ago));
        assert!(!visits.are_too_many(Duration::ZERO));
    }
}
