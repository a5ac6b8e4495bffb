//! Every zone of the database that changes its clocks in 2026 to 2028, at each of its changes, both ways.
#![expect(clippy::unwrap_used, reason = "the helpers of tests fail as tests do")]

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use esteira_scheduler::Cron;

/// The instant at which a clock changes, and what it shows in that moment by the old offset and by the new one.
struct Change {
    zone: Tz,
    at: DateTime<Utc>,
    old: NaiveDateTime,
    new: NaiveDateTime,
}

fn reading(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// Looked for anew, a day at a time and then the second, and not by what is tested here.
fn changes() -> &'static [Change] {
    static CHANGES: LazyLock<Vec<Change>> = LazyLock::new(|| {
        let begin: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let days = (0..3 * 365 + 1).map(|day| begin + TimeDelta::days(day));
        let of_zone = |zone: Tz| days.clone().filter_map(move |day| change_within(zone, day));
        TZ_VARIANTS.into_iter().flat_map(of_zone).collect()
    });
    &CHANGES
}

fn change_within(zone: Tz, day: DateTime<Utc>) -> Option<Change> {
    let ahead = |at: DateTime<Utc>| reading(at, zone).and_utc() - at;
    let old = ahead(day);
    if ahead(day + TimeDelta::days(1)) == old {
        return None;
    }
    let hour = (1..=24).find(|hour| ahead(day + TimeDelta::hours(*hour)) != old).unwrap() - 1;
    let from = day + TimeDelta::hours(hour);
    let second = (1..=3600).find(|second| ahead(from + TimeDelta::seconds(*second)) != old).unwrap();
    let at = from + TimeDelta::seconds(second);
    Some(Change { zone, at, old: (at + old).naive_utc(), new: reading(at, zone) })
}

/// The instants at which a daily text of this local time is due around a change.
fn daily(change: &Change, local: NaiveDateTime) -> Vec<DateTime<Utc>> {
    let text = format!("{} {} {} * * *", local.second(), local.minute(), local.hour());
    let cron = Cron::parse(&text, change.zone.name()).unwrap();
    cron.after(change.at - TimeDelta::hours(12))
        .take_while(|at| *at <= change.at + TimeDelta::hours(12))
        .collect()
}

#[test]
fn every_change_of_every_zone_is_gone_through_as_the_rule_says() {
    let changes = changes();
    let (mut gaps, mut repeats) = (0, 0);
    for change in changes {
        let moved = change.new - change.old;
        let name = change.zone.name();
        if moved > TimeDelta::zero() {
            gaps += 1;
            // Each of what is skipped, its first and its last second too: once, at the first instant after the gap.
            for skipped in [change.old, change.old + moved / 2, change.new - TimeDelta::seconds(1)] {
                assert_eq!(daily(change, skipped), [change.at], "{name} {skipped}");
            }
            // The second before is due in its own time, and the first after it too.
            assert_eq!(
                daily(change, change.old - TimeDelta::seconds(1)),
                [change.at - TimeDelta::seconds(1)]
            );
            assert_eq!(daily(change, change.new), [change.at], "{name}");
        } else {
            repeats += 1;
            for twice in [change.new, change.new - moved / 2, change.old - TimeDelta::seconds(1)] {
                let first = change.at - (change.old - twice);
                assert_eq!(daily(change, twice), [first], "{name} {twice}");
            }
            assert_eq!(daily(change, change.old), [change.at - moved], "{name}");
        }
    }
    // Some 200 names change their clocks, twice a year.
    assert!(gaps > 500 && repeats > 500, "{gaps} {repeats}");
}

#[test]
fn what_is_due_every_quarter_of_an_hour_is_so_through_every_change() {
    for change in changes() {
        let cron = Cron::parse("*/15 * * * *", change.zone.name()).unwrap();
        let times: Vec<_> = cron.after(change.at - TimeDelta::hours(3)).take(24).collect();
        let even = times.windows(2).all(|pair| pair[1] - pair[0] == TimeDelta::minutes(15));
        assert!(even, "{} {:?}", change.zone.name(), times);
    }
}

#[test]
fn a_nightly_run_comes_once_each_local_night_whatever_the_clocks_do() {
    for change in changes() {
        let cron = Cron::parse("0 2 * * *", change.zone.name()).unwrap();
        let nights = cron.after(change.at - TimeDelta::days(7)).take(14);
        let dates: Vec<_> = nights.map(|at| reading(at, change.zone).date()).collect();
        let each = dates.windows(2).all(|pair| pair[1] - pair[0] == TimeDelta::days(1));
        assert!(each, "{} {dates:?}", change.zone.name());
    }
}
