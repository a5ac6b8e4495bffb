//! At which instants is a schedule due? Local times in order, each turned into one instant.

use chrono::{DateTime, Days, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::text::Cron;

/// The due instants after some instant, in order, each once.
pub struct Due<'a> {
    cron: &'a Cron,
    last: DateTime<Utc>,
    local: NaiveDateTime,
}

impl Cron {
    /// The instants after `instant` at which this is due.
    #[must_use]
    pub fn after(&self, instant: DateTime<Utc>) -> Due<'_> {
        Due { cron: self, last: instant, local: instant.with_timezone(&self.zone).naive_local() }
    }
}

impl Iterator for Due<'_> {
    type Item = DateTime<Utc>;

    fn next(&mut self) -> Option<DateTime<Utc>> {
        loop {
            // A local time has no zone; the calendars take it as if it were UTC, which has no gaps.
            let from = self.local.and_utc();
            let nexts = self.cron.calendars.iter().filter_map(|calendar| calendar.after(&from).next());
            self.local = nexts.min()?.naive_utc();
            let instant = instant_of(self.local, self.cron.zone)?;
            // Not later: the second pass of a repeated hour, or another time out of the same gap.
            if instant > self.last {
                self.last = instant;
                return Some(instant);
            }
        }
    }
}

/// The one instant of a local time: the first of two, or the end of the gap that swallowed it.
fn instant_of(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time.to_utc()),
        LocalResult::None => end_of_gap(local, zone),
    }
}

/// The first instant after the gap around `local`, found by halving: the longest gap known is a day
/// (Samoa, 30 December 2011), and zones change on whole seconds.
fn end_of_gap(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let is_past = |instant: DateTime<Utc>| instant.with_timezone(&zone).naive_local() > local;
    let mut before = local.checked_sub_days(Days::new(2))?.and_utc();
    let mut past = local.checked_add_days(Days::new(2))?.and_utc();
    while past - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((past - before).num_seconds() / 2);
        if is_past(middle) {
            past = middle;
        } else {
            before = middle;
        }
    }
    Some(past)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn due(text: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let after = after.parse::<DateTime<Utc>>().unwrap();
        let cron = Cron::parse(text, zone).unwrap();
        cron.after(after)
            .take(count)
            .map(|at| at.with_timezone(&cron.zone).format("%a %F %T %:z").to_string())
            .collect()
    }

    #[test]
    fn local_times_are_local() {
        let times = due("0 2 * * *", "America/Sao_Paulo", "2026-11-24T04:00:00Z", 2);
        assert_eq!(times, ["Tue 2026-11-24 02:00:00 -03:00", "Wed 2026-11-25 02:00:00 -03:00"]);
    }

    #[test]
    fn six_fields_begin_with_seconds() {
        let times = due("*/30 0 12 * * *", "UTC", "2026-01-01T00:00:00Z", 3);
        assert_eq!(times[..2], ["Thu 2026-01-01 12:00:00 +00:00", "Thu 2026-01-01 12:00:30 +00:00"]);
        assert_eq!(times[2], "Fri 2026-01-02 12:00:00 +00:00");
    }

    #[test]
    fn sunday_is_zero_and_seven() {
        for text in ["0 9 * * 0", "0 9 * * 7", "0 9 * * sun", "@weekly"] {
            assert!(due(text, "UTC", "2026-01-01T00:00:00Z", 1)[0].starts_with("Sun 2026-01-04"), "{text}");
        }
    }

    #[test]
    fn a_day_of_the_month_or_a_day_of_the_week_will_do() {
        let times = due("0 0 13 * fri", "UTC", "2026-01-01T00:00:00Z", 4);
        let days: Vec<&str> = times.iter().map(|time| &time[..14]).collect();
        assert_eq!(days, ["Fri 2026-01-02", "Fri 2026-01-09", "Tue 2026-01-13", "Fri 2026-01-16"]);
    }

    #[test]
    fn a_star_with_a_step_does_not_make_days_alternatives() {
        let times = due("0 0 */2 * mon", "UTC", "2026-01-01T00:00:00Z", 2);
        assert!(
            times[0].starts_with("Mon 2026-01-05") && times[1].starts_with("Mon 2026-01-19"),
            "{times:?}"
        );
    }

    #[test]
    fn a_skipped_local_time_is_due_once_right_after_the_gap() {
        // Berlin, 29 March 2026: 02:00 is 03:00.
        let times = due("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2);
        assert_eq!(times, ["Sun 2026-03-29 03:00:00 +02:00", "Mon 2026-03-30 02:30:00 +02:00"]);
        let often = due("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 4);
        let clock: Vec<&str> = often.iter().map(|time| &time[15..20]).collect();
        assert_eq!(clock, ["01:30", "03:00", "03:30", "04:00"]);
    }

    #[test]
    fn a_repeated_local_time_is_due_the_first_time_only() {
        // Berlin, 25 October 2026: 03:00 is 02:00 again.
        let times = due("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
        assert_eq!(times, ["Sun 2026-10-25 02:30:00 +02:00", "Mon 2026-10-26 02:30:00 +01:00"]);
        let from_within = due("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", 1);
        assert_eq!(from_within, ["Mon 2026-10-26 02:30:00 +01:00"]);
    }

    #[test]
    fn a_whole_day_can_be_skipped() {
        let times = due("0 12 30 12 *", "Pacific/Apia", "2011-12-29T00:00:00Z", 1);
        assert_eq!(times, ["Sat 2011-12-31 00:00:00 +14:00"]);
    }

    proptest! {
        #[test]
        fn instants_rise_and_do_not_depend_on_where_one_begins(start in 1_700_000_000_i64..1_900_000_000, skip in 0_usize..20) {
            let cron = Cron::parse("*/20 1-3 * * *", "America/New_York").unwrap();
            let start = DateTime::from_timestamp(start, 0).unwrap();
            let times: Vec<_> = cron.after(start).take(skip + 3).collect();
            prop_assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert_eq!(cron.after(times[skip]).next(), Some(times[skip + 1]));
        }
    }
}
