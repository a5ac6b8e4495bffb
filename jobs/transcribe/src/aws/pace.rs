//! When is a job looked at again that Amazon has? Soon at first, then less and less often.

use std::time::Duration;

/// How much longer each wait is than the one before.
const GROWTH: f64 = 1.5;
/// The share of a wait by which it may be longer or shorter, so that jobs of one moment do not stay together.
const JITTER: f64 = 0.2;

/// The wait after a look; `draw`, from 0 to 1, is chance.
pub fn wait(turn: u32, first: f64, most: f64, draw: f64) -> Duration {
    let exponent = i32::try_from(turn.saturating_sub(1)).unwrap_or(i32::MAX);
    let plain = (first * GROWTH.powi(exponent)).min(most);
    Duration::try_from_secs_f64(plain * (1.0 - JITTER + 2.0 * JITTER * draw))
        .unwrap_or(Duration::from_secs(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_limit_and_differ() {
        let seconds = |turn| wait(turn, 5.0, 60.0, 0.5).as_secs_f64();
        assert!((seconds(1) - 5.0).abs() < 1e-9 && (seconds(2) - 7.5).abs() < 1e-9);
        for turn in [8, 100, u32::MAX] {
            assert!((seconds(turn) - 60.0).abs() < 1e-9);
        }
        assert_eq!(wait(1, 5.0, 60.0, 0.0), Duration::from_secs(4));
        assert_eq!(wait(u32::MAX, 5.0, 60.0, 1.0), Duration::from_secs(72));
    }
}
