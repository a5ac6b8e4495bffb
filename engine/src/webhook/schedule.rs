//! When is a delivery tried again? Soon at first, then less and less often, for a day.

use std::time::Duration;

/// The longest wait after each failed attempt, in seconds; the last one holds for all that follow.
///
/// Added up: 5 s, 35 s, 2½ min, 12½ min, 42½ min, 1 h 43, 3 h 43, 7 h 43, 15 h 43, 23 h 43.
const WAITS: [u64; 10] = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800];

/// How much of a wait chance may take off, so that what failed together does not come again together.
const JITTER: f64 = 0.2;

/// How long to wait after `attempt` (from 1) has failed; `roll` is a random number between 0 and 1.
pub(super) fn wait_after(attempt: i16, roll: f64) -> Duration {
    let at = usize::try_from(attempt - 1).unwrap_or(0).min(WAITS.len() - 1);
    let longest = WAITS.get(at).copied().unwrap_or_default();
    Duration::from_secs(longest).mul_f64(1.0 - JITTER * roll.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn attempts_within_a_day(roll: f64) -> usize {
        let mut at = Duration::ZERO;
        (1..)
            .take_while(|attempt| {
                (at + wait_after(*attempt, roll) <= DAY).then(|| at += wait_after(*attempt, roll)).is_some()
            })
            .count()
            + 1
    }

    #[test]
    fn a_day_has_eleven_attempts_or_a_few_more_by_chance() {
        assert_eq!(attempts_within_a_day(0.0), 11);
        assert!((11..=13).contains(&attempts_within_a_day(1.0)));
    }

    #[test]
    fn chance_makes_a_wait_shorter_by_a_fifth_at_most() {
        for attempt in [1, 5, 10, 11, 100] {
            let longest = wait_after(attempt, 0.0);
            assert!(wait_after(attempt, 1.0) >= longest.mul_f64(0.79) && wait_after(attempt, 1.0) < longest);
        }
        assert_eq!(wait_after(1, 0.0), Duration::from_secs(5));
        assert_eq!(wait_after(i16::MAX, 0.0), Duration::from_secs(28_800));
    }
}
