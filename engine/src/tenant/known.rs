//! Who was here a moment ago? Callers and tenants are remembered, so that a busy one is not looked up for each request.
//!
//! What changes is forgotten: by the process that changes it before it answers, and by all others as soon as the
//! database tells them (`esteira.tell_access`, a notification of the transaction itself, also where somebody changes a
//! row by hand). A process that does not hear it, since its listening connection is away, goes by what it knows for
//! the age that whoever asks allows, and not longer. A key that ends by itself ends here at the same instant.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::broadcast::error::RecvError;

use super::{Caller, Tenant};
use crate::id::TenantId;
use crate::queue::{Hub, Signal};

/// Beyond so many, all are forgotten: a process serves fewer callers at a time.
const MANY: usize = 10_000;

/// The callers and tenants that a process has looked up lately; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Grows with each change. What was looked up before one is not kept after it.
    changes: u64,
    /// By the hash of the key that they showed.
    callers: HashMap<Vec<u8>, Seen<Caller>>,
    /// By slug.
    tenants: HashMap<String, Seen<Tenant>>,
}

#[derive(Debug)]
struct Seen<T> {
    what: T,
    at: Instant,
    ends: Option<Instant>,
}

/// A look at the database that began before it was answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    changes: u64,
    at: Instant,
}

impl Known {
    /// Forgets from now on what the hub hears of, until there is no hub any more.
    pub fn follow(&self, hub: &Hub) {
        let (known, mut signals) = (self.clone(), hub.subscribe());
        tokio::spawn(async move {
            loop {
                match signals.recv().await {
                    Ok(Signal::Access(whose)) => known.forget(whose),
                    Ok(_) => {}
                    // Among what was missed may be a change.
                    Err(RecvError::Lagged(_)) => known.forget(None),
                    Err(RecvError::Closed) => return,
                }
            }
        });
    }

    /// Forgets a tenant and its callers; everybody where it is not known who changed.
    pub fn forget(&self, whose: Option<TenantId>) {
        let mut state = self.0.lock();
        state.changes += 1;
        match whose {
            Some(id) => {
                state
                    .callers
                    .retain(|_, seen| seen.what.tenant.as_ref().is_none_or(|tenant| tenant.id != id));
                state.tenants.retain(|_, seen| seen.what.id != id);
            }
            None => {
                state.callers.clear();
                state.tenants.clear();
            }
        }
    }

    /// Begins a look at the database.
    pub(super) fn look(&self) -> Look {
        Look { changes: self.0.lock().changes, at: Instant::now() }
    }

    /// Whoever showed a key no longer than `age` ago.
    pub(super) fn caller(&self, hash: &Vec<u8>, age: Duration) -> Option<Caller> {
        young(&self.0.lock().callers, hash, age)
    }

    /// The tenant of a slug, looked up no longer than `age` ago.
    pub(super) fn tenant(&self, slug: &str, age: Duration) -> Option<Tenant> {
        young(&self.0.lock().tenants, slug, age)
    }

    /// Keeps what a look found out about a key, which ends after `left`.
    pub(super) fn keep_caller(&self, look: Look, hash: Vec<u8>, caller: Caller, left: Option<Duration>) {
        let mut state = self.0.lock();
        if state.changes == look.changes {
            let ends = left.and_then(|left| look.at.checked_add(left));
            keep(&mut state.callers, hash, Seen { what: caller, at: look.at, ends });
        }
    }

    /// Keeps a tenant that a look found.
    pub(super) fn keep_tenant(&self, look: Look, tenant: Tenant) {
        let mut state = self.0.lock();
        if state.changes == look.changes {
            let slug = tenant.slug.to_string();
            keep(&mut state.tenants, slug, Seen { what: tenant, at: look.at, ends: None });
        }
    }
}

fn young<K, Q, T>(seen: &HashMap<K, Seen<T>>, key: &Q, age: Duration) -> Option<T>
where
    K: Hash + Eq + std::borrow::Borrow<Q>,
    Q: Hash + Eq + ?Sized,
    T: Clone,
{
    let now = Instant::now();
    let is_good =
        |seen: &&Seen<T>| now.duration_since(seen.at) < age && seen.ends.is_none_or(|ends| now < ends);
    seen.get(key).filter(is_good).map(|seen| seen.what.clone())
}

fn keep<K: Hash + Eq, T>(seen: &mut HashMap<K, Seen<T>>, key: K, new: Seen<T>) {
    if seen.len() >= MANY {
        seen.clear();
    }
    seen.insert(key, new);
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGE: Duration = Duration::from_secs(3600);

    fn operator() -> Caller {
        Caller { key: None, tenant: None, scopes: Vec::new() }
    }

    #[test]
    fn what_was_looked_up_before_a_change_is_not_kept_after_it() {
        let known = Known::default();
        let look = known.look();
        known.forget(None);
        known.keep_caller(look, vec![1], operator(), None);
        assert!(known.caller(&vec![1], AGE).is_none());
        known.keep_caller(known.look(), vec![1], operator(), None);
        assert!(known.caller(&vec![1], AGE).is_some());
    }

    #[test]
    fn a_caller_is_known_for_the_age_that_is_allowed_and_until_its_key_ends() {
        let known = Known::default();
        known.keep_caller(known.look(), vec![1], operator(), None);
        assert!(known.caller(&vec![1], Duration::ZERO).is_none());
        known.keep_caller(known.look(), vec![2], operator(), Some(Duration::ZERO));
        assert!(known.caller(&vec![2], AGE).is_none());
        known.keep_caller(known.look(), vec![3], operator(), Some(AGE));
        assert!(known.caller(&vec![3], AGE).is_some());
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let known = Known::default();
        for number in 0..=MANY {
            known.keep_caller(known.look(), number.to_le_bytes().to_vec(), operator(), None);
        }
        assert_eq!(known.0.lock().callers.len(), 1);
    }
}
