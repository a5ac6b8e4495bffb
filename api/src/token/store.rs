//! Which key has this id? From memory; fetched anew when the keys are old or the id is unknown, but not too often.
//!
//! Whoever sends tokens chooses their `kid`, so an unknown one must not cause a fetch each time: at most one
//! begins within `refetch_after`. While the issuer is away, the last good keys stay in use.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::RwLock;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::fetch::fetch;
use super::keys::{Key, KeySet};
use super::options::JwtOptions;

/// While there are no keys at all nobody gets in, so the next try comes sooner.
const FIRST_RETRY: Duration = Duration::from_secs(5);

/// There is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The issuer has none of this id.
    Unknown,
    /// The issuer's keys could not be fetched so far.
    NeverFetched,
}

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct KeyStore {
    url: String,
    age: Duration,
    refetch_after: Duration,
    fetch_timeout: Duration,
    held: RwLock<Option<Held>>,
    /// When the last fetch began; whoever holds it is the one who fetches.
    turn: Arc<Mutex<Option<Instant>>>,
}

#[derive(Debug, Clone)]
struct Held {
    keys: Arc<KeySet>,
    since: Instant,
}

impl KeyStore {
    pub(super) fn new(options: &JwtOptions) -> Arc<Self> {
        Arc::new(Self {
            url: options.jwks_url.clone(),
            age: options.keys_age,
            refetch_after: options.refetch_after,
            fetch_timeout: options.fetch_timeout,
            held: RwLock::default(),
            turn: Arc::default(),
        })
    }

    /// The key of an id.
    pub(super) async fn find(self: &Arc<Self>, kid: &str) -> Result<Key, NoKey> {
        match self.look(kid) {
            Ok((key, fresh)) => {
                if !fresh {
                    self.refresh_meanwhile();
                }
                Ok(key)
            }
            Err(_) => {
                self.refresh().await;
                self.look(kid).map(|(key, _)| key)
            }
        }
    }

    /// What memory says, and whether that is fresh.
    fn look(&self, kid: &str) -> Result<(Key, bool), NoKey> {
        let held = self.held.read().clone().ok_or(NoKey::NeverFetched)?;
        let key = held.keys.get(kid).ok_or(NoKey::Unknown)?;
        Ok((key.clone(), held.since.elapsed() < self.age))
    }

    /// Fetches in a task of its own: whoever hangs up must not end the fetch that others wait for.
    async fn refresh(self: &Arc<Self>) {
        let store = Arc::clone(self);
        let done = tokio::spawn(async move {
            let turn = Arc::clone(&store.turn).lock_owned().await;
            store.fetch_if_due(turn).await;
        });
        if let Err(error) = done.await {
            tracing::error!(error = &error as &dyn std::error::Error, "the fetch of an issuer's keys broke");
        }
    }

    /// The same without waiting for it; whoever finds somebody at it leaves it to them.
    fn refresh_meanwhile(self: &Arc<Self>) {
        let Ok(turn) = Arc::clone(&self.turn).try_lock_owned() else { return };
        if self.is_due(*turn) {
            let store = Arc::clone(self);
            tokio::spawn(async move { store.fetch_if_due(turn).await });
        }
    }

    fn is_due(&self, last: Option<Instant>) -> bool {
        let after = match *self.held.read() {
            Some(_) => self.refetch_after,
            None => self.refetch_after.min(FIRST_RETRY),
        };
        last.is_none_or(|last| last.elapsed() >= after)
    }

    async fn fetch_if_due(&self, mut turn: OwnedMutexGuard<Option<Instant>>) {
        if !self.is_due(*turn) {
            return;
        }
        let now = Instant::now();
        *turn = Some(now);
        match fetch(&self.url, self.fetch_timeout).await {
            Ok(keys) => {
                tracing::info!(keys = keys.len(), "fetched the issuer's keys");
                *self.held.write() = Some(Held { keys: Arc::new(keys), since: now });
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(
                    error,
                    url = self.url,
                    "the issuer's keys cannot be fetched; the last ones stay"
                );
            }
        }
    }
}
