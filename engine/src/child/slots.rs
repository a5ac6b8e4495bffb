//! Which user does the next child become? The lowest number of the range that no living child has.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;

use super::sandbox::UserRange;

/// The user numbers that children of this worker have.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    range: UserRange,
    taken: Arc<Mutex<BTreeSet<u32>>>,
}

/// One child's user number, free again when this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    pub user: u32,
    taken: Arc<Mutex<BTreeSet<u32>>>,
}

impl Slots {
    pub fn new(range: UserRange) -> Self {
        Self { range, taken: Arc::default() }
    }

    /// A number of its own for one child, or `None` when all are in use.
    ///
    /// The kernel counts threads by user, so two workers on one machine should not begin at the same
    /// number: each starts its search at a place that its process number decides.
    pub fn take(&self) -> Option<Slot> {
        let UserRange { first, count } = self.range;
        let mut taken = self.taken.lock();
        let user = (0..count)
            .map(|step| first + (std::process::id().wrapping_mul(8).wrapping_add(step)) % count)
            .find(|user| !taken.contains(user))?;
        taken.insert(user);
        Some(Slot { user, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.taken.lock().remove(&self.user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_living_children_never_share_a_user() {
        let slots = Slots::new(UserRange { first: 7, count: 2 });
        let (first, second) = (slots.take().expect("free"), slots.take().expect("free"));
        assert_ne!(first.user, second.user);
        assert!(slots.take().is_none());
        let freed = first.user;
        drop(first);
        assert_eq!(slots.take().map(|slot| slot.user), Some(freed));
    }
}
