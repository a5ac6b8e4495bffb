//! What was seen so far? The last look that succeeded, what was wrong since, and how deep the queue has been.

use std::collections::VecDeque;

use anyhow::Result;
use serde_json::Value;

use crate::client::Client;

/// Looks that are remembered.
const REMEMBERED: usize = 300;

/// What a look gave: the kinds with the pauses, and the workers.
pub type Look = Result<(Value, Vec<Value>), String>;

/// Asks once.
pub fn look(client: &Client) -> Look {
    let ask = || -> Result<(Value, Vec<Value>)> {
        Ok((client.get("/v1/queues", &[])?, client.all("/v1/workers", &[])?))
    };
    ask().map_err(|error| format!("{error:#}"))
}

/// What is to be shown.
#[derive(Debug, Default)]
pub struct Seen {
    /// The kinds.
    pub kinds: Vec<Value>,
    /// The pauses.
    pub pauses: Vec<Value>,
    /// The workers.
    pub workers: Vec<Value>,
    /// How many jobs waited at each look, the newest last.
    pub depths: VecDeque<u64>,
    /// Why the last look failed, if it did.
    pub fault: Option<String>,
    /// Whether there has been a look at all.
    pub any: bool,
}

impl Seen {
    /// Takes a look in.
    pub fn add(&mut self, look: Look) {
        match look {
            Ok((queues, workers)) => {
                self.kinds = items(&queues, "items");
                self.pauses = items(&queues, "pauses");
                self.workers = workers;
                self.fault = None;
                self.any = true;
                self.depths.push_back(self.sum("queued"));
                if self.depths.len() > REMEMBERED {
                    self.depths.pop_front();
                }
            }
            Err(fault) => self.fault = Some(fault),
        }
    }

    /// A number of all kinds together.
    pub fn sum(&self, field: &str) -> u64 {
        self.kinds.iter().filter_map(|kind| kind.get(field)?.as_u64()).sum()
    }

    /// For how long the oldest queued job of all kinds could have run, in seconds.
    pub fn oldest(&self) -> Option<f64> {
        let ages = self.kinds.iter().filter_map(|kind| kind.get("oldest_ready_seconds")?.as_f64());
        ages.max_by(f64::total_cmp)
    }
}

fn items(object: &Value, field: &str) -> Vec<Value> {
    object.get(field).and_then(Value::as_array).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_seen_stays_while_the_server_does_not_answer() {
        let mut seen = Seen::default();
        let queues =
            json!({"items": [{"queued": 3, "oldest_ready_seconds": 4.5}, {"queued": 4}], "pauses": []});
        seen.add(Ok((queues, vec![json!({"id": "w"})])));
        seen.add(Err("no connection".to_owned()));
        assert_eq!((seen.sum("queued"), seen.oldest(), seen.workers.len()), (7, Some(4.5), 1));
        assert_eq!(seen.fault.as_deref(), Some("no connection"));
        for _ in 0..400 {
            seen.add(Ok((json!({}), Vec::new())));
        }
        assert_eq!((seen.fault, seen.depths.len()), (None, REMEMBERED));
    }
}
