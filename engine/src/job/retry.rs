//! When is a failed attempt tried again? Exponential backoff with full jitter.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How the attempts of a kind are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// The longest delay before the second attempt, in milliseconds.
    pub base_ms: u64,
    /// The longest delay before any attempt, in milliseconds.
    pub cap_ms: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { base_ms: 2_000, cap_ms: 600_000 }
    }
}

impl RetryPolicy {
    /// The delay after `attempt` (1 is the first), for a `draw` in `0.0..1.0`.
    ///
    /// "Full jitter" of the AWS Architecture Blog, *Exponential Backoff And Jitter*: uniform
    /// between zero and `min(cap, base · 2^(attempt−1))`, which spreads a thundering herd best.
    #[must_use]
    pub fn delay(&self, attempt: u16, draw: f64) -> Duration {
        let doublings = u32::from(attempt.saturating_sub(1)).min(40);
        let ceiling = self.base_ms.saturating_mul(1 << doublings).min(self.cap_ms);
        Duration::from_millis(ceiling).mul_f64(draw.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_until_the_cap() {
        let policy = RetryPolicy { base_ms: 1_000, cap_ms: 5_000 };
        let ceilings: Vec<u64> = (1..=5).map(|n| policy.delay(n, 1.0).as_secs()).collect();
        assert_eq!(ceilings, [1, 2, 4, 5, 5]);
    }

    #[test]
    fn a_late_attempt_does_not_overflow() {
        assert_eq!(RetryPolicy::default().delay(u16::MAX, 1.0), Duration::from_secs(600));
    }

    #[test]
    fn jitter_reaches_down_to_zero() {
        assert_eq!(RetryPolicy::default().delay(3, 0.0), Duration::ZERO);
    }
}
