//! How many bytes of bodies may be under way at the same moment? So many of one tenant, and so many of all.
//!
//! What is made of a body takes several times as much memory as its bytes, and stays until the request is answered. Small
//! bodies are not counted: connections bound them.

use std::collections::HashMap;
use std::sync::Arc;

use esteira_engine::tenant::Slug;
use parking_lot::Mutex;

/// How large the room is, in bytes; 0 is no limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoomLimits {
    /// For all bodies.
    pub all: u64,
    /// For those of one tenant.
    pub per_tenant: u64,
}

/// The room for bodies in this process; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Room(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    all: u64,
    of_tenants: HashMap<Slug, u64>,
}

/// Room that is taken; it is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    room: Room,
    whose: Option<Slug>,
    bytes: u64,
}

/// Whose room is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The tenant's.
    Tenant,
    /// Everybody's.
    All,
}

impl Room {
    /// Takes room for a body. One that comes alone always gets it, however small the room.
    pub(crate) fn take(&self, whose: Option<&Slug>, bytes: u64, limits: RoomLimits) -> Result<Held, Full> {
        let mut taken = self.0.lock();
        let of_tenant = whose.and_then(|slug| taken.of_tenants.get(slug)).copied().unwrap_or(0);
        if !fits(of_tenant, bytes, limits.per_tenant) {
            return Err(Full::Tenant);
        }
        if !fits(taken.all, bytes, limits.all) {
            return Err(Full::All);
        }
        taken.all += bytes;
        if let Some(slug) = whose {
            *taken.of_tenants.entry(slug.clone()).or_default() += bytes;
        }
        Ok(Held { room: self.clone(), whose: whose.cloned(), bytes })
    }
}

fn fits(taken: u64, bytes: u64, limit: u64) -> bool {
    limit == 0 || taken == 0 || taken.saturating_add(bytes) <= limit
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut taken = self.room.0.lock();
        taken.all -= self.bytes;
        let Some(slug) = &self.whose else { return };
        if let Some(of_tenant) = taken.of_tenants.get_mut(slug) {
            *of_tenant -= self.bytes;
            if *of_tenant == 0 {
                taken.of_tenants.remove(slug);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: RoomLimits = RoomLimits { all: 10, per_tenant: 6 };

    #[test]
    fn a_tenant_has_its_room_and_all_together_have_theirs() {
        let (room, a, b) = (Room::default(), "aa".parse::<Slug>().unwrap(), "bb".parse::<Slug>().unwrap());
        let first = room.take(Some(&a), 6, LIMITS).unwrap();
        assert_eq!(room.take(Some(&a), 1, LIMITS).unwrap_err(), Full::Tenant);
        let _second = room.take(Some(&b), 4, LIMITS).unwrap();
        assert_eq!(room.take(None, 1, LIMITS).unwrap_err(), Full::All);
        drop(first);
        assert!(room.take(Some(&a), 6, LIMITS).is_ok());
    }

    #[test]
    fn a_body_that_comes_alone_is_taken_and_nobody_is_remembered_who_left() {
        let (room, a) = (Room::default(), "aa".parse::<Slug>().unwrap());
        drop(room.take(Some(&a), 99, LIMITS).unwrap());
        drop(room.take(None, 99, LIMITS).unwrap());
        assert_eq!(room.0.lock().all, 0);
        assert!(room.0.lock().of_tenants.is_empty());
        let no_limit = RoomLimits { all: 0, per_tenant: 0 };
        let _all: Vec<_> = (0..9).map(|_| room.take(Some(&a), 99, no_limit).unwrap()).collect();
    }
}
