//! Who was busiest lately? Processing seconds by tenant, over a window that moves on in parts.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Parts of a window: what is told is at most a sixth older than the window is long.
const PARTS: u32 = 6;

/// Seconds by tenant, in the parts of the window.
#[derive(Debug)]
pub(crate) struct Window {
    length: Duration,
    parts: VecDeque<(Instant, HashMap<i32, f64>)>,
}

impl Window {
    pub fn new(length: Duration) -> Self {
        Self { length, parts: VecDeque::new() }
    }

    /// A tenant used so much.
    pub fn add(&mut self, tenant: i32, seconds: f64, now: Instant) {
        let is_over =
            |(began, _): &(Instant, _)| now.saturating_duration_since(*began) >= self.length / PARTS;
        if self.parts.back().is_none_or(is_over) {
            self.forget(now);
            self.parts.push_back((now, HashMap::new()));
        }
        if let Some((_, part)) = self.parts.back_mut() {
            *part.entry(tenant).or_default() += seconds;
        }
    }

    /// The `most` that used most, and how much.
    pub fn busiest(&mut self, most: usize, now: Instant) -> Vec<(i32, f64)> {
        self.forget(now);
        let mut totals: HashMap<i32, f64> = HashMap::new();
        for (tenant, seconds) in self.parts.iter().flat_map(|(_, part)| part) {
            *totals.entry(*tenant).or_default() += seconds;
        }
        let mut totals: Vec<(i32, f64)> = totals.into_iter().collect();
        // By number where the seconds are equal, so that two looks agree.
        totals.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        totals.truncate(most);
        totals
    }

    fn forget(&mut self, now: Instant) {
        while self.parts.front().is_some_and(|(began, _)| now.saturating_duration_since(*began) > self.length)
        {
            self.parts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_are_those_of_the_window_and_not_of_all_time() {
        let (mut window, began) = (Window::new(Duration::from_secs(60)), Instant::now());
        let at = |seconds| began + Duration::from_secs(seconds);
        window.add(1, 100.0, at(0));
        window.add(2, 5.0, at(30));
        window.add(3, 1.0, at(31));
        window.add(3, 5.0, at(45));
        assert_eq!(window.busiest(2, at(45)), [(1, 100.0), (3, 6.0)]);
        assert_eq!(window.busiest(9, at(70)), [(3, 6.0), (2, 5.0)], "the first part is over");
        assert_eq!(window.busiest(9, at(200)), []);
    }
}
