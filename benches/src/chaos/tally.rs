//! What did the clients see, and what should they never have seen?

use std::collections::BTreeSet;

use serde_json::Value;

/// Complaints that are kept word by word.
const MOST: usize = 50;

/// Counts of answers, and everything that is wrong.
#[derive(Debug, Default)]
pub struct Tally {
    /// Calls without any answer.
    pub unanswered: u64,
    /// Answers 503.
    pub unavailable: u64,
    /// Submits of which a client did not learn at once what came of them.
    pub lost_submits: u64,
    complaints: BTreeSet<String>,
    more: usize,
}

impl Tally {
    /// An answer 503, which has to say when to come again.
    pub fn note_unavailable(&mut self, with_retry_after: bool) {
        self.unavailable += 1;
        if !with_retry_after {
            self.complain("the API answered 503 without Retry-After".to_owned());
        }
    }

    /// An answer that an outage does not excuse.
    pub fn note_broken(&mut self, path: &str, status: u16, body: &Value) {
        let route: String = path.split(['?']).next().unwrap_or_default().chars().take(12).collect();
        let code = body.get("code").and_then(Value::as_str).unwrap_or("no code");
        self.complain(format!("the API answered {status} ({code}) on {route}…"));
    }

    /// Something is wrong.
    pub fn complain(&mut self, complaint: String) {
        if self.complaints.len() < MOST {
            self.complaints.insert(complaint);
        } else {
            self.more += 1;
        }
    }

    /// Everything that is wrong.
    pub fn complaints(&self) -> Vec<String> {
        let more = (self.more > 0).then(|| format!("and {} more", self.more));
        self.complaints.iter().cloned().chain(more).collect()
    }
}
