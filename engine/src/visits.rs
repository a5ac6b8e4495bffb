//! When has a connection been to too many tenants? When the pool has, since the connection was made.
//!
//! Postgres remembers every table and index that a session has met, some 30 KiB a tenant, and forgets them only with
//! the session. Connections of a pool that works for ten thousand tenants would hold hundreds of MiB each, so they
//! are replaced before. A new one costs some milliseconds, once in a thousand tenants.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::id::TenantId;

/// The tenants that the connections of a pool have been to, since a moment.
#[derive(Debug)]
pub(crate) struct Visits {
    most: usize,
    since: Mutex<(Instant, HashSet<TenantId>)>,
}

impl Visits {
    /// Nobody yet; after `most` tenants, connections are replaced.
    pub fn new(most: usize) -> Self {
        Self { most, since: Mutex::new((Instant::now(), HashSet::new())) }
    }

    /// A connection is at a tenant. One tenant too many begins a new count, which no present connection outlives.
    pub fn note(&self, tenant: TenantId) {
        let (since, tenants) = &mut *self.since.lock();
        tenants.insert(tenant);
        if tenants.len() > self.most {
            tenants.clear();
            *since = Instant::now();
        }
    }

    /// Whether a connection of this age was made before the present count began.
    pub fn is_outworn(&self, age: Duration) -> bool {
        age > self.since.lock().0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_outworn_by_one_tenant_too_many_and_a_new_one_is_not() {
        let visits = Visits::new(2);
        let born = Instant::now();
        for tenant in [1, 2, 1, 2] {
            visits.note(TenantId(tenant));
        }
        // The pool is made before its first connection.
        assert!(!visits.is_outworn(born.elapsed()));
        visits.note(TenantId(3));
        assert!(visits.is_outworn(born.elapsed()));
        assert!(!visits.is_outworn(Duration::ZERO));
    }
}
