//! Whose search runs now? Half of a process's connections are for searches, and half of those for one tenant's.
//!
//! A search may hold a connection for seconds, and everybody else needs connections too: without a bound, one tenant that
//! asks for common words a few times at once would have them all.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::db::{DatabaseError, Db};
use crate::id::TenantId;

/// The searches of a process; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Searches {
    places: Arc<Semaphore>,
    places_per_tenant: usize,
    /// Of the tenants that search now.
    tenants: Arc<Mutex<HashMap<TenantId, Weak<Semaphore>>>>,
}

/// A search may run as long as this lives.
#[derive(Debug)]
pub(crate) struct Turn {
    _of_tenant: OwnedSemaphorePermit,
    _of_process: OwnedSemaphorePermit,
}

impl Searches {
    /// As many as the connections of this process allow.
    pub fn new(db: &Db) -> Self {
        let places = (db.connections() / 2).max(1);
        Self {
            places: Arc::new(Semaphore::new(places)),
            places_per_tenant: places.div_ceil(2),
            tenants: Arc::default(),
        }
    }

    /// Waits for a turn: first among the tenant's own searches, then among the tenants'.
    pub async fn turn(&self, tenant: TenantId) -> Result<Turn, DatabaseError> {
        let closed = |_| sqlx::Error::PoolClosed;
        let of_tenant = self.places_of(tenant).acquire_owned().await.map_err(closed)?;
        let of_process = Arc::clone(&self.places).acquire_owned().await.map_err(closed)?;
        Ok(Turn { _of_tenant: of_tenant, _of_process: of_process })
    }

    /// The places of a tenant, which are there as long as it searches.
    fn places_of(&self, tenant: TenantId) -> Arc<Semaphore> {
        let mut tenants = self.tenants.lock();
        if let Some(places) = tenants.get(&tenant).and_then(Weak::upgrade) {
            return places;
        }
        tenants.retain(|_, places| places.strong_count() > 0);
        let places = Arc::new(Semaphore::new(self.places_per_tenant));
        tenants.insert(tenant, Arc::downgrade(&places));
        places
    }
}
