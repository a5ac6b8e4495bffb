//! Where does an event stand in its job's timeline? By lease, by step within the lease, and by number.
//!
//! Leases only grow, and each lease of a job goes through its steps in their order. So what is seen later has a later
//! place, and nothing is ever put in before what was seen already.

use std::fmt;
use std::str::FromStr;

/// The steps of a lease. Lease 0 is the time before the first claim, and only waits.
pub(super) const RUNNING: u8 = 0;
/// What the child reports, by the number of the report.
pub(super) const REPORT: u8 = 1;
/// The job ended with the attempt.
pub(super) const ENDED: u8 = 2;
/// It waits for other jobs.
pub(super) const BLOCKED: u8 = 3;
/// It waits for its time.
pub(super) const SCHEDULED: u8 = 4;
/// It waits for its turn.
pub(super) const QUEUED: u8 = 5;
/// It ended while it waited.
pub(super) const GONE: u8 = 6;

/// The place of an event in the timeline of its job. The default is before all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventPlace {
    pub(super) lease: i32,
    pub(super) step: u8,
    pub(super) number: i32,
}

/// A text is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not the id of an event")]
pub struct NoPlace;

impl EventPlace {
    /// The place of what happens once in a lease.
    pub(super) fn once(lease: i32, step: u8) -> Self {
        Self { lease, step, number: 0 }
    }

    /// The place of a report.
    pub(super) fn report(lease: i32, number: i32) -> Self {
        Self { lease, step: REPORT, number }
    }

    /// How many reports of its lease were seen by who has seen this.
    pub(super) fn reports_seen(self) -> i32 {
        match self.step {
            RUNNING => 0,
            REPORT => self.number,
            _ => i32::MAX,
        }
    }
}

impl fmt::Display for EventPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.lease, self.step, self.number)
    }
}

impl FromStr for EventPlace {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        /// A number as it is written above: digits only, and none too many.
        fn number<T: FromStr>(text: Option<&str>) -> Result<T, NoPlace> {
            let digits = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            digits.and_then(|text| text.parse().ok()).ok_or(NoPlace)
        }
        let mut parts = text.split('.');
        let place =
            Self { lease: number(parts.next())?, step: number(parts.next())?, number: number(parts.next())? };
        match parts.next() {
            None if place.step <= GONE => Ok(place),
            _ => Err(NoPlace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_text() {
        for place in [EventPlace::default(), EventPlace::once(3, GONE), EventPlace::report(i32::MAX, 57)] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
    }

    #[test]
    fn a_text_that_no_event_has_is_no_place() {
        for text in
            ["", "1", "1.2", "1.2.3.4", "-1.0.0", "+1.0.0", "1.7.0", "1.0.2147483648", "a.b.c", "1. 0.0"]
        {
            assert_eq!(text.parse::<EventPlace>(), Err(NoPlace), "{text:?}");
        }
    }

    #[test]
    fn places_are_in_the_order_of_what_happens() {
        let places = [
            EventPlace::once(0, QUEUED),
            EventPlace::once(1, RUNNING),
            EventPlace::report(1, 1),
            EventPlace::report(1, 12),
            EventPlace::once(1, SCHEDULED),
            EventPlace::once(1, QUEUED),
            EventPlace::once(2, RUNNING),
        ];
        assert!(places.is_sorted());
    }
}
