//! May one more request pass? As long as the share lasts that this process took of its tenant's minute.
//!
//! All processes take from one bucket, which the database keeps: as many requests as the limit says, filled evenly
//! within a minute. A process takes a twentieth of it at a time, so that a tenant costs twenty writes a minute or so
//! however often it calls; and where it got less than it wanted, it does not ask again within a second.

use std::time::{Duration, Instant};

use esteira_engine::tenant::Granted;

/// Shares of a minute's requests.
const SHARES: u32 = 20;
/// A share that is left over goes after this time: by then the bucket has more to give, and the tenant would have both.
const GOOD_FOR: Duration = Duration::from_secs(10);
/// How long a process waits that got less than a share.
const PAUSE: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// What a share says to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may pass; `left` more may follow at once, as far as is known.
    Pass {
        /// Requests that may follow.
        left: u32,
    },
    /// It may not; `wait` later one may.
    Refuse {
        /// How long.
        wait: Duration,
    },
    /// The bucket is to be asked for so many, and this share then once more.
    Ask {
        /// How many.
        wanted: u32,
    },
}

/// What this process holds of a tenant's requests.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Share {
    /// The limit that it is a share of: under another one, what it knows counts no more.
    per_minute: u32,
    held: u32,
    /// What was left for all when it was taken.
    beyond: u32,
    good_until: Option<Instant>,
    /// Before that, the bucket is not asked.
    ask_from: Option<Instant>,
}

impl Share {
    /// Decides about one request at `now`.
    pub(crate) fn take(&mut self, now: Instant, per_minute: u32) -> Verdict {
        if self.per_minute != per_minute {
            *self = Self { per_minute, ..Self::default() };
        }
        if per_minute == 0 {
            return Verdict::Refuse { wait: MINUTE };
        }
        if self.good_until.is_none_or(|until| until <= now) {
            self.held = 0;
        }
        if let Some(held) = self.held.checked_sub(1) {
            self.held = held;
            return Verdict::Pass { left: held.saturating_add(self.beyond) };
        }
        match self.ask_from.and_then(|from| from.checked_duration_since(now)).filter(|wait| !wait.is_zero()) {
            Some(wait) => Verdict::Refuse { wait },
            None => Verdict::Ask { wanted: wanted(per_minute) },
        }
    }

    /// Takes what the bucket gave.
    pub(crate) fn add(&mut self, now: Instant, per_minute: u32, granted: Granted) {
        let Granted { requests, beyond, next_in } = granted;
        let short = requests < wanted(per_minute);
        let pause = next_in.max(PAUSE);
        *self = Self {
            per_minute,
            held: requests,
            beyond,
            good_until: Some(now + GOOD_FOR),
            ask_from: short.then(|| now.checked_add(pause)).flatten(),
        };
    }

    /// Whether forgetting it would change nothing.
    pub(crate) fn says_nothing(&self, now: Instant) -> bool {
        [self.good_until, self.ask_from].into_iter().flatten().all(|until| until <= now)
    }
}

fn wanted(per_minute: u32) -> u32 {
    per_minute.div_ceil(SHARES)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Granted = Granted { requests: 0, beyond: 0, next_in: Duration::from_millis(10) };

    #[test]
    fn a_share_is_asked_for_once_and_then_lasts() {
        let (mut share, now) = (Share::default(), Instant::now());
        assert_eq!(share.take(now, 60), Verdict::Ask { wanted: 3 });
        share.add(now, 60, Granted { requests: 3, beyond: 57, next_in: Duration::ZERO });
        for left in [59, 58, 57] {
            assert_eq!(share.take(now, 60), Verdict::Pass { left });
        }
        assert_eq!(share.take(now, 60), Verdict::Ask { wanted: 3 });
    }

    #[test]
    fn another_limit_counts_at_once() {
        let (mut share, now) = (Share::default(), Instant::now());
        share.add(now, 1, NONE);
        assert!(matches!(share.take(now, 1), Verdict::Refuse { .. }));
        assert_eq!(share.take(now, 6_000), Verdict::Ask { wanted: 300 });
        share.add(now, 6_000, Granted { requests: 300, beyond: 0, next_in: Duration::ZERO });
        assert!(matches!(share.take(now, 6_000), Verdict::Pass { .. }));
        assert_eq!(share.take(now, 1), Verdict::Ask { wanted: 1 });
    }

    #[test]
    fn what_was_taken_and_not_used_is_given_up() {
        let (mut share, now) = (Share::default(), Instant::now());
        share.add(now, 60, Granted { requests: 3, beyond: 0, next_in: Duration::ZERO });
        assert_eq!(share.take(now + GOOD_FOR, 60), Verdict::Ask { wanted: 3 });
        assert!(share.says_nothing(now + GOOD_FOR) && !share.says_nothing(now));
    }

    #[test]
    fn an_empty_bucket_is_asked_once_a_second_at_most() {
        let (mut share, now) = (Share::default(), Instant::now());
        share.add(now, 6_000, NONE);
        let half = Duration::from_millis(500);
        assert_eq!(share.take(now + half, 6_000), Verdict::Refuse { wait: half });
        assert_eq!(share.take(now + half * 2, 6_000), Verdict::Ask { wanted: 300 });
        share.add(now, 2, Granted { next_in: Duration::from_secs(30), ..NONE });
        assert_eq!(share.take(now, 2), Verdict::Refuse { wait: Duration::from_secs(30) });
    }

    #[test]
    fn a_limit_of_zero_lets_nothing_pass() {
        assert_eq!(Share::default().take(Instant::now(), 0), Verdict::Refuse { wait: MINUTE });
    }
}
