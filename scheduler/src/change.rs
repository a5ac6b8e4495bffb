//! When does a zone's clock change next? Its reading, and the first instant with another offset.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// What the clock of a zone shows.
pub(crate) fn reading(instant: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    instant.with_timezone(&zone).naive_local()
}

/// The first instant after `after`, and not after `until`, at which the clock is no longer `ahead` of UTC. Looked for a day
/// at a time: no zone of the database has changed twice within one since 1970 and been where it was.
pub(crate) fn next_change(
    after: DateTime<Utc>,
    until: DateTime<Utc>,
    ahead: TimeDelta,
    zone: Tz,
) -> Option<DateTime<Utc>> {
    let is_same = |instant: DateTime<Utc>| reading(instant, zone).and_utc() - instant == ahead;
    let mut same = after;
    while same < until {
        let mut other = same.checked_add_signed(TimeDelta::days(1)).map_or(until, |day| day.min(until));
        if is_same(other) {
            same = other;
            continue;
        }
        // Zones change on whole seconds, and `after` may lie between two.
        while other - same > TimeDelta::seconds(1) {
            let middle = same + TimeDelta::milliseconds((other - same).num_milliseconds() / 2);
            if is_same(middle) {
                same = middle;
            } else {
                other = middle;
            }
        }
        return DateTime::from_timestamp(other.timestamp(), 0);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_found_to_the_second_from_wherever_between_two() {
        let change: DateTime<Utc> = "2026-03-08T07:00:00Z".parse().unwrap();
        let ahead = TimeDelta::hours(-5);
        for micros in (1..2_100_000).step_by(997) {
            let after = change - TimeDelta::microseconds(micros);
            let found = next_change(after, after + TimeDelta::hours(20), ahead, Tz::America__New_York);
            assert_eq!(found, Some(change), "{micros} µs before");
        }
    }
}
