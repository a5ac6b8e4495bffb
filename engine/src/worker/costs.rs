//! What does a job of a kind cost? Learned from those that ended, for the claims to come.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;

/// The weight of the newest job in the moving average: about the last ten jobs count.
const NEWEST: f64 = 0.1;

/// Moving averages of processing seconds, by kind.
#[derive(Debug, Default)]
pub(crate) struct Costs(Mutex<HashMap<String, f64>>);

impl Costs {
    /// What the next job of a kind will probably take; `None` before one has ended.
    pub fn estimate(&self, kind: &str) -> Option<Duration> {
        self.0.lock().get(kind).map(|seconds| Duration::from_secs_f64(*seconds))
    }

    /// Learns what one took.
    pub fn learn(&self, kind: &str, took: Duration) {
        let mut averages = self.0.lock();
        let took = took.as_secs_f64();
        match averages.get_mut(kind) {
            Some(average) => *average += NEWEST * (took - *average),
            None => {
                averages.insert(kind.to_owned(), took);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_job_is_believed_and_the_rest_are_averaged() {
        let costs = Costs::default();
        assert_eq!(costs.estimate("k"), None);
        costs.learn("k", Duration::from_secs(10));
        assert_eq!(costs.estimate("k"), Some(Duration::from_secs(10)));
        costs.learn("k", Duration::from_secs(20));
        assert_eq!(costs.estimate("k"), Some(Duration::from_secs(11)));
    }
}
