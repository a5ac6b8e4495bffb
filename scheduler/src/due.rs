//! At which instants is a schedule due? Local times in order, each turned into one instant.

use std::collections::VecDeque;

use chrono::{DateTime, Days, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::change::{next_change, reading};
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
        Due { cron: self, last: instant, local: reading(instant, self.zone) }
    }

    /// The newest `most` instants after `after` and up to `until`, the oldest first. However many there are before
    /// them, they are not walked through: a window before `until` is doubled until it holds enough.
    #[must_use]
    pub fn newest(&self, after: DateTime<Utc>, until: DateTime<Utc>, most: usize) -> VecDeque<DateTime<Utc>> {
        let mut window = TimeDelta::seconds(i64::try_from(most).unwrap_or(i64::MAX / 1000));
        loop {
            let from = until.checked_sub_signed(window).unwrap_or(after).max(after);
            let mut newest = VecDeque::with_capacity(most.min(1024));
            for instant in self.after(from).take_while(|instant| *instant <= until) {
                if newest.len() >= most {
                    newest.pop_front();
                }
                newest.push_back(instant);
            }
            if newest.len() >= most || from == after {
                return newest;
            }
            window = window.checked_mul(2).unwrap_or(TimeDelta::MAX);
        }
    }

    /// The first local time after `local` that matches.
    fn next_local(&self, local: NaiveDateTime) -> Option<NaiveDateTime> {
        // A local time has no zone; the calendars take it as if it were UTC, which has no gaps.
        let from = local.and_utc();
        let nexts = self.calendars.iter().filter_map(|calendar| calendar.after(&from).next());
        nexts.min().map(|next| next.naive_utc())
    }
}

impl Iterator for Due<'_> {
    type Item = DateTime<Utc>;

    fn next(&mut self) -> Option<DateTime<Utc>> {
        if self.cron.is_interval { self.next_of_interval() } else { self.next_of_times() }
    }
}

impl Due<'_> {
    /// Of a text that names times of the day: each local time has its one instant.
    fn next_of_times(&mut self) -> Option<DateTime<Utc>> {
        loop {
            self.local = self.cron.next_local(self.local)?;
            let instant = instant_of(self.local, self.cron.zone)?;
            // Not later: the second pass of a repeated hour, or another time out of the same gap.
            if instant > self.last {
                self.last = instant;
                return Some(instant);
            }
        }
    }

    /// Of a text that goes on all day, more often than hourly: whatever the clock on the wall shows, as it shows it. An
    /// hour that comes twice is gone through twice, one that is skipped is not made up for.
    fn next_of_interval(&mut self) -> Option<DateTime<Utc>> {
        loop {
            let ahead = self.local.and_utc() - self.last;
            let local = self.cron.next_local(self.local)?;
            let instant = local.and_utc() - ahead;
            match next_change(self.last, instant, ahead, self.cron.zone) {
                None => {
                    (self.last, self.local) = (instant, local);
                    return Some(instant);
                }
                // On from there by the new offset; a second earlier, since the change's own instant may match.
                Some(change) => {
                    self.last = change - TimeDelta::seconds(1);
                    self.local = reading(change, self.cron.zone) - TimeDelta::seconds(1);
                }
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
    let is_past = |instant: DateTime<Utc>| reading(instant, zone) > local;
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
    fn an_interval_finer_than_an_hour_follows_real_time_both_ways() {
        let clock = |text: &str, after: &str, count: usize| -> Vec<String> {
            due(text, "Europe/Berlin", after, count).iter().map(|time| time[15..20].to_owned()).collect()
        };
        assert_eq!(clock("15,45 * * * *", "2026-03-29T00:00:00Z", 4), ["01:15", "01:45", "03:15", "03:45"]);
        assert_eq!(
            clock("*/30 * * * *", "2026-10-24T23:30:00Z", 6),
            ["02:00", "02:30", "02:00", "02:30", "03:00", "03:30"]
        );
        // From within the second pass.
        assert_eq!(clock("*/30 * * * *", "2026-10-25T01:10:00Z", 2), ["02:30", "03:00"]);
        // Hourly is not finer than an hour, and neither is what is due in some hours only.
        assert_eq!(clock("0 * * * *", "2026-10-24T23:30:00Z", 3), ["02:00", "03:00", "04:00"]);
        assert_eq!(clock("0,30 2 * * *", "2026-10-24T23:30:00Z", 3), ["02:00", "02:30", "02:00"]);
    }

    #[test]
    fn the_newest_instants_are_found_without_a_walk_through_all() {
        let cron = Cron::parse("* * * * * *", "UTC").unwrap();
        let until = "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let newest = cron.newest(until - TimeDelta::days(3650), until, 3);
        assert_eq!(newest, [until - TimeDelta::seconds(2), until - TimeDelta::seconds(1), until]);
        let yearly = Cron::parse("@yearly", "UTC").unwrap();
        assert_eq!(yearly.newest(until - TimeDelta::days(800), until, 9).len(), 3);
        assert_eq!(yearly.newest(until, until, 9).len(), 0);
    }

    #[test]
    fn a_whole_day_can_be_skipped() {
        let times = due("0 12 30 12 *", "Pacific/Apia", "2011-12-29T00:00:00Z", 1);
        assert_eq!(times, ["Sat 2011-12-31 00:00:00 +14:00"]);
    }

    /// Some text of the dialect.
    fn text() -> impl Strategy<Value = String> {
        let field = |low: u32, high: u32| {
            prop_oneof![
                3 => Just("*".to_owned()),
                2 => (low..=high).prop_map(|n| n.to_string()),
                1 => (low..=high, low..=high).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
                1 => (1..=high).prop_map(|step| format!("*/{step}")),
            ]
        };
        let fields = (field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7));
        fields.prop_map(|(minute, hour, day, month, weekday)| {
            format!("{minute} {hour} {day} {month} {weekday}")
        })
    }

    proptest! {
        #[test]
        fn every_instant_reads_as_its_text_says_or_ends_a_gap(text in text(), start in 1_760_000_000_i64..1_860_000_000) {
            let cron = Cron::parse(&text, "America/New_York").unwrap();
            let start = DateTime::from_timestamp(start, 0).unwrap();
            let times: Vec<_> = cron.after(start).take(8).collect();
            prop_assert_eq!(times.len(), 8);
            prop_assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
            for time in &times {
                let local = reading(*time, cron.zone);
                let matches = cron.next_local(local - TimeDelta::seconds(1)) == Some(local);
                let ends_gap = reading(*time - TimeDelta::seconds(1), cron.zone) + TimeDelta::seconds(1) < local;
                prop_assert!(matches || ends_gap, "{} {}", text, local);
            }
            // The newest between two instants are the last of all between them.
            let all: Vec<_> = cron.after(start).take_while(|time| *time <= times[7]).collect();
            let newest = cron.newest(start, times[7], 5);
            prop_assert_eq!(Vec::from(newest), all[all.len() - 5..].to_vec());
        }

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
