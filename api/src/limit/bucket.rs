//! May one more request pass? A token bucket, as pure arithmetic (GCRA).
//!
//! A bucket of `per_minute` tokens fills evenly within a minute. Instead of a count it keeps one
//! instant, the one at which it would be full again: a request moves it ahead by one token's worth, and is
//! refused when that would be more than a minute from now.

use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// What a bucket says to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may pass; `left` more may follow at once.
    Pass {
        /// When the bucket is full again; to be kept.
        full_at: Instant,
        /// Requests that may follow at once.
        left: u32,
    },
    /// It may not; there is a token again after `wait`.
    Refuse {
        /// How long until one request may pass.
        wait: Duration,
    },
}

/// Decides about one request at `now`.
pub(crate) fn take(full_at: Option<Instant>, now: Instant, per_minute: u32) -> Verdict {
    let Some(token) = MINUTE.checked_div(per_minute) else {
        return Verdict::Refuse { wait: MINUTE };
    };
    let full_at = full_at.unwrap_or(now).max(now) + token;
    let used = full_at - now;
    match MINUTE.checked_sub(used) {
        Some(room) => {
            let left = room.as_nanos() / token.as_nanos().max(1);
            Verdict::Pass { full_at, left: u32::try_from(left).unwrap_or(u32::MAX) }
        }
        None => Verdict::Refuse { wait: used - MINUTE },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes tokens at one instant until the bucket refuses.
    fn burst(
        now: Instant,
        per_minute: u32,
        mut full_at: Option<Instant>,
    ) -> (u32, Option<Instant>, Duration) {
        for passed in 0.. {
            match take(full_at, now, per_minute) {
                Verdict::Pass { full_at: next, .. } => full_at = Some(next),
                Verdict::Refuse { wait } => return (passed, full_at, wait),
            }
        }
        unreachable!("the bucket never refused")
    }

    #[test]
    fn a_full_bucket_gives_a_minutes_worth_and_then_one_at_a_time() {
        let start = Instant::now();
        let (passed, full_at, wait) = burst(start, 60, None);
        assert_eq!((passed, wait), (60, Duration::from_secs(1)));
        let (passed, ..) = burst(start + Duration::from_secs(3), 60, full_at);
        assert_eq!(passed, 3);
    }

    #[test]
    fn what_is_left_counts_down_to_nothing() {
        let now = Instant::now();
        let Verdict::Pass { full_at, left } = take(None, now, 2) else { panic!("refused") };
        assert_eq!(left, 1);
        let Verdict::Pass { left, .. } = take(Some(full_at), now, 2) else { panic!("refused") };
        assert_eq!(left, 0);
    }

    #[test]
    fn a_limit_of_zero_lets_nothing_pass() {
        assert_eq!(take(None, Instant::now(), 0), Verdict::Refuse { wait: MINUTE });
    }
}
