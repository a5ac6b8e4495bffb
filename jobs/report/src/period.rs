//! From which instant to which does a period go? Local days of a time zone, over its clock changes.

use chrono::{DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A period as somebody asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The day before the one for which the report is made.
    Yesterday,
    /// The seven whole days before that day.
    Last7Days,
    /// From the first of the month to the moment.
    MonthToDate,
    /// The month before this one.
    LastMonth,
    /// Days, both included.
    Days(NaiveDate, NaiveDate),
}

/// A period: whole local days, and the instants at which the first begins and the day after the last begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The first day.
    pub first: NaiveDate,
    /// The last day, included.
    pub last: NaiveDate,
    /// The instant at which the first day begins.
    pub from: DateTime<Utc>,
    /// The instant at which the last day is over: no part of the period.
    pub to: DateTime<Utc>,
}

impl Span {
    /// How many days it has.
    #[must_use]
    pub fn days(&self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    /// The instants at which its days begin, in their zone.
    #[must_use]
    pub fn beginnings(&self, zone: Tz) -> Vec<DateTime<Utc>> {
        let days = self.first.iter_days().take_while(|day| *day <= self.last);
        // A zone that skips a day, as Samoa's did, has one day less.
        let mut beginnings: Vec<DateTime<Utc>> = days.filter_map(|day| beginning(day, zone)).collect();
        beginnings.dedup();
        beginnings
    }
}

/// What is meant by a period that is asked for at `now` in a time zone; `None` where the calendar ends.
#[must_use]
pub fn resolve(asked: Asked, zone: Tz, now: DateTime<Utc>) -> Option<Span> {
    let today = now.with_timezone(&zone).date_naive();
    let yesterday = today.checked_sub_days(Days::new(1))?;
    let (first, last) = match asked {
        Asked::Yesterday => (yesterday, yesterday),
        Asked::Last7Days => (today.checked_sub_days(Days::new(7))?, yesterday),
        Asked::MonthToDate => (today.with_day(1)?, today),
        Asked::LastMonth => {
            let this = today.with_day(1)?;
            (this.checked_sub_months(Months::new(1))?, this.checked_sub_days(Days::new(1))?)
        }
        Asked::Days(first, last) => (first, last),
    };
    span(first, last, zone)
}

/// The period before one that was asked for at `now`, to compare it with: as many days that end where it begins; for
/// months, months, and for one that is not over, up to the same moment of the month before.
#[must_use]
pub fn before(asked: Asked, span_of: &Span, zone: Tz, now: DateTime<Utc>) -> Option<Span> {
    let month = Months::new(1);
    match asked {
        Asked::MonthToDate => {
            let (first, last) =
                (span_of.first.checked_sub_months(month)?, span_of.last.checked_sub_months(month)?);
            let begun = beginning(last, zone)?;
            let passed = now.min(span_of.to) - beginning(span_of.last, zone)?;
            match last.day() == span_of.last.day() {
                true if passed > TimeDelta::zero() => {
                    let whole = span(first, last, zone)?;
                    Some(Span { to: (begun + passed).min(whole.to), ..whole })
                }
                true => span(first, last.pred_opt()?, zone),
                // Of a month that had not so many days, nothing is left out.
                false => span(first, last, zone),
            }
        }
        Asked::LastMonth => span(span_of.first.checked_sub_months(month)?, span_of.first.pred_opt()?, zone),
        Asked::Yesterday | Asked::Last7Days | Asked::Days(..) => {
            let days = Days::new(u64::try_from(span_of.days()).ok()?);
            span(span_of.first.checked_sub_days(days)?, span_of.first.pred_opt()?, zone)
        }
    }
}

fn span(first: NaiveDate, last: NaiveDate, zone: Tz) -> Option<Span> {
    let from = beginning(first, zone)?;
    let to = beginning(last.succ_opt()?, zone)?;
    (from < to).then_some(Span { first, last, from, to })
}

/// The first instant of a local day. Where midnight comes twice it is the first time, and where a clock change takes it
/// away it is the first instant after the gap.
fn beginning(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = day.and_time(NaiveTime::MIN);
    match zone.from_local_datetime(&midnight) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => {
            Some(instant.with_timezone(&Utc))
        }
        LocalResult::None => {
            // The day before and the day after, whatever the zone: between them the clock passes midnight once.
            let mut early = midnight.checked_sub_signed(TimeDelta::days(2))?.and_utc();
            let mut late = midnight.checked_add_signed(TimeDelta::days(2))?.and_utc();
            while late - early > TimeDelta::seconds(1) {
                let middle = early + TimeDelta::seconds((late - early).num_seconds() / 2);
                match middle.with_timezone(&zone).naive_local() < midnight {
                    true => early = middle,
                    false => late = middle,
                }
            }
            Some(late)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use esteira_engine::schedule::Cron;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn yesterday_is_the_local_one() {
        let span = resolve(Asked::Yesterday, Tz::America__Sao_Paulo, at("2026-11-30T02:00:00Z")).unwrap();
        assert_eq!((span.first, span.last), (day(2026, 11, 28), day(2026, 11, 28)));
        assert_eq!((span.from, span.to), (at("2026-11-28T03:00:00Z"), at("2026-11-29T03:00:00Z")));
    }

    #[test]
    fn a_day_on_which_the_clock_changes_has_23_or_25_hours() {
        for (date, hours) in [(day(2026, 3, 29), 23), (day(2026, 10, 25), 25), (day(2026, 6, 1), 24)] {
            let span =
                resolve(Asked::Days(date, date), Tz::Europe__Lisbon, at("2026-12-01T00:00:00Z")).unwrap();
            assert_eq!((span.to - span.from).num_hours(), hours, "{date}");
        }
    }

    #[test]
    fn a_midnight_that_the_clock_skips_is_the_first_instant_after_the_gap() {
        // Cairo springs forward at midnight of the last Friday of April; Santiago too, in September.
        for (zone, date, from) in [
            (Tz::Africa__Cairo, day(2026, 4, 24), "2026-04-23T22:00:00Z"),
            (Tz::America__Santiago, day(2026, 9, 6), "2026-09-06T04:00:00Z"),
            // A whole day that Samoa never had.
            (Tz::Pacific__Apia, day(2011, 12, 30), "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(beginning(date, zone), Some(at(from)), "{zone} {date}");
        }
        assert_eq!(span(day(2011, 12, 30), day(2011, 12, 30), Tz::Pacific__Apia), None);
    }

    #[test]
    fn a_midnight_that_comes_twice_is_the_first() {
        // Havana falls back from one o'clock to midnight.
        assert_eq!(beginning(day(2026, 11, 1), Tz::America__Havana), Some(at("2026-11-01T04:00:00Z")));
    }

    #[test]
    fn days_of_every_zone_follow_one_another_without_a_gap() {
        for zone in chrono_tz::TZ_VARIANTS {
            let mut date = day(2026, 1, 1);
            let mut begun = beginning(date, zone).unwrap();
            while date < day(2029, 1, 1) {
                date = date.succ_opt().unwrap();
                let next = beginning(date, zone).unwrap();
                let hours = (next - begun).num_minutes();
                assert!((22 * 60..=26 * 60).contains(&hours), "{zone} {date}: {hours} min");
                assert_eq!(next.with_timezone(&zone).date_naive(), date, "{zone}");
                assert!((next - TimeDelta::seconds(1)).with_timezone(&zone).date_naive() < date, "{zone}");
                begun = next;
            }
        }
    }

    #[test]
    fn months_are_compared_with_months_and_days_with_as_many_days() {
        let zone = Tz::America__Sao_Paulo;
        let now = at("2026-03-31T15:00:00Z");
        for (asked, first, last, first_before, last_before) in [
            (Asked::Last7Days, day(2026, 3, 24), day(2026, 3, 30), day(2026, 3, 17), day(2026, 3, 23)),
            (Asked::MonthToDate, day(2026, 3, 1), day(2026, 3, 31), day(2026, 2, 1), day(2026, 2, 28)),
            (Asked::LastMonth, day(2026, 2, 1), day(2026, 2, 28), day(2026, 1, 1), day(2026, 1, 31)),
            (
                Asked::Days(day(2026, 3, 1), day(2026, 3, 10)),
                day(2026, 3, 1),
                day(2026, 3, 10),
                day(2026, 2, 19),
                day(2026, 2, 28),
            ),
        ] {
            let span = resolve(asked, zone, now).unwrap();
            assert_eq!((span.first, span.last), (first, last), "{asked:?}");
            let before = before(asked, &span, zone, now).unwrap();
            assert_eq!((before.first, before.last), (first_before, last_before), "{asked:?}");
        }
    }

    #[test]
    fn a_month_that_is_not_over_is_compared_up_to_the_same_moment() {
        let zone = Tz::America__Sao_Paulo;
        for (now, to) in [
            ("2026-11-10T15:30:00Z", "2026-10-10T15:30:00Z"),
            // The first second of a month is compared with nothing.
            ("2026-11-01T03:00:00Z", ""),
            // That of a day, with the days before it.
            ("2026-11-10T03:00:00Z", "2026-10-10T03:00:00Z"),
            // February had no 31st: all of it.
            ("2026-03-31T15:00:00Z", "2026-03-01T03:00:00Z"),
        ] {
            let span = resolve(Asked::MonthToDate, zone, at(now)).unwrap();
            let before = before(Asked::MonthToDate, &span, zone, at(now));
            assert_eq!(before.map(|before| before.to), (!to.is_empty()).then(|| at(to)), "{now}");
        }
    }

    #[test]
    fn each_local_day_is_yesterday_of_one_due_time_over_every_clock_change() {
        // A week before and after changes of the clock, of zones that have them at midnight, at two and by half an hour.
        for (zone, from) in [
            (Tz::America__Sao_Paulo, "2026-11-01T12:00:00Z"),
            (Tz::America__New_York, "2026-03-01T12:00:00Z"),
            (Tz::America__New_York, "2026-10-25T12:00:00Z"),
            (Tz::America__Havana, "2026-03-01T12:00:00Z"),
            (Tz::America__Havana, "2026-10-25T12:00:00Z"),
            (Tz::America__Santiago, "2026-03-29T12:00:00Z"),
            (Tz::America__Santiago, "2026-08-30T12:00:00Z"),
            (Tz::Europe__Lisbon, "2026-03-22T12:00:00Z"),
            (Tz::Europe__Lisbon, "2026-10-18T12:00:00Z"),
            (Tz::Africa__Cairo, "2026-04-17T12:00:00Z"),
            (Tz::Africa__Cairo, "2026-10-23T12:00:00Z"),
            (Tz::Australia__Lord_Howe, "2026-03-29T12:00:00Z"),
            (Tz::Australia__Lord_Howe, "2026-09-27T12:00:00Z"),
            (Tz::Pacific__Kiritimati, "2026-11-01T12:00:00Z"),
        ] {
            for text in ["0 2 * * *", "30 0 * * *", "0 0 * * *", "59 23 * * *"] {
                let cron = Cron::parse(text, zone.name()).unwrap();
                let days: Vec<NaiveDate> = cron
                    .after(at(from))
                    .take(14)
                    .map(|due| resolve(Asked::Yesterday, zone, due).unwrap())
                    .map(|span| span.first)
                    .collect();
                let first = days[0];
                let expected: Vec<NaiveDate> = first.iter_days().take(14).collect();
                assert_eq!(days, expected, "{zone} {text}");
            }
        }
    }

    #[test]
    fn the_end_of_the_calendar_is_no_panic() {
        for date in [NaiveDate::MIN, NaiveDate::MAX] {
            for zone in [Tz::UTC, Tz::Pacific__Apia, Tz::America__Sao_Paulo] {
                assert_eq!(
                    resolve(Asked::Days(date, NaiveDate::MAX), zone, at("2026-11-30T00:00:00Z")),
                    None
                );
            }
        }
        assert_eq!(span(day(2026, 2, 2), day(2026, 2, 1), Tz::UTC), None);
    }
}
