//! Whose turn is it? Of those who want to do the same thing, one does it at a time, and the others wait.
//!
//! Each process keeps its own turns: what they spare is its own work.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// The turns at each thing; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Turns<K>(Arc<Mutex<HashMap<K, Line>>>);

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// Those who want the same thing.
#[derive(Debug, Default)]
struct Line {
    wanted_by: usize,
    turn: Arc<AsyncMutex<()>>,
}

/// A turn that has come; it is the next one's when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn<K: Eq + Hash> {
    /// Given on before the line is left: fields are dropped in their order.
    _held: OwnedMutexGuard<()>,
    _stand: Stand<K>,
}

/// A stand in a line, also of one who still waits and may go away.
#[derive(Debug)]
struct Stand<K: Eq + Hash> {
    turns: Turns<K>,
    thing: K,
}

impl<K: Copy + Eq + Hash> Turns<K> {
    /// Waits until nobody else has the turn at `thing`.
    pub(crate) async fn take(&self, thing: K) -> Turn<K> {
        let (stand, turn) = self.stand(thing);
        Turn { _held: turn.lock_owned().await, _stand: stand }
    }

    fn stand(&self, thing: K) -> (Stand<K>, Arc<AsyncMutex<()>>) {
        let mut lines = self.0.lock();
        let line = lines.entry(thing).or_default();
        line.wanted_by += 1;
        (Stand { turns: self.clone(), thing }, Arc::clone(&line.turn))
    }
}

impl<K: Eq + Hash> Drop for Stand<K> {
    fn drop(&mut self) {
        let mut lines = self.turns.0.lock();
        if let Some(line) = lines.get_mut(&self.thing) {
            line.wanted_by -= 1;
            if line.wanted_by == 0 {
                lines.remove(&self.thing);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::poll;

    use super::*;

    #[tokio::test]
    async fn one_has_the_turn_at_a_thing_and_the_next_gets_it_even_if_the_first_goes_away() {
        let turns = Turns::default();
        let first = turns.take("a").await;
        let mut second = std::pin::pin!(turns.take("a"));
        assert!(poll!(second.as_mut()).is_pending());
        drop(turns.take("b").await);
        drop(first);
        assert!(poll!(second).is_ready());
    }

    #[tokio::test]
    async fn nobody_is_remembered_who_left_or_waited_in_vain() {
        let turns = Turns::default();
        let first = turns.take("a").await;
        let mut second = Box::pin(turns.take("a"));
        assert!(poll!(second.as_mut()).is_pending());
        drop(second);
        drop(first);
        assert!(turns.0.lock().is_empty());
    }
}
