//! What becomes of the instants that are due? One decision for each, by `catch_up` and `overlap`, and when to look again.

use chrono::{DateTime, TimeDelta, Utc};

use super::policy::{CatchUp, Overlap, Reason};
use super::text::Cron;

/// The instants of an outage that `all` runs, and that history names one by one.
pub const MOST_CAUGHT_UP: usize = 100;

/// How a schedule stands when somebody looks.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// The first instant about which nothing was decided.
    pub due: DateTime<Utc>,
    /// Up to when instants are due: what time it is, less the schedule's own delay.
    pub until: DateTime<Utc>,
    /// How late an instant may be looked at without being missed.
    pub grace: TimeDelta,
    /// Whether its last run is not over.
    pub is_running: bool,
    /// Whether a run that waited is fired in this look: it has not begun, and nothing replaces it at once.
    pub fired_now: bool,
    /// Runs that wait for it.
    pub waiting: usize,
    /// The most that may.
    pub most_waiting: usize,
}

/// What becomes of one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A job is submitted, after the present run was cancelled if there is one.
    Fire,
    /// A job will be submitted when the runs before are over.
    Wait,
    /// Nothing.
    Skip(Reason),
}

/// An instant, and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The instant.
    pub due: DateTime<Utc>,
    /// The last instant that the same is true of, where these are many.
    pub through: Option<DateTime<Utc>>,
    /// What becomes of it.
    pub verdict: Verdict,
}

impl Decision {
    fn of(due: DateTime<Utc>, verdict: Verdict) -> Self {
        Self { due, through: None, verdict }
    }
}

/// Decides about every instant that is due, the oldest first.
#[must_use]
pub fn decide(cron: &Cron, overlap: Overlap, catch_up: CatchUp, standing: &Standing) -> Vec<Decision> {
    let before = standing.due - TimeDelta::seconds(1);
    let mut newest = cron.newest(before, standing.until, MOST_CAUGHT_UP + 1);
    let mut decisions = Vec::with_capacity(newest.len());
    if newest.len() > MOST_CAUGHT_UP
        && let Some(through) = newest.pop_front()
    {
        // However many there are before the newest hundred, they are one line of history.
        let through = (through > standing.due).then_some(through);
        let missed = Verdict::Skip(Reason::Missed);
        decisions.push(Decision { due: standing.due, through, verdict: missed });
    }
    let mut line = Line::new(overlap, standing);
    let first_on_time =
        newest.iter().position(|due| standing.until - *due <= standing.grace).unwrap_or(newest.len());
    let is_outage = first_on_time > 0;
    let last = newest.len().saturating_sub(1);
    let on_time = newest.len() - first_on_time;
    for (at, due) in newest.into_iter().enumerate() {
        let verdict = match catch_up {
            CatchUp::Latest if is_outage && at < last => Verdict::Skip(Reason::Missed),
            CatchUp::None if at < first_on_time => Verdict::Skip(Reason::Missed),
            CatchUp::All if at < first_on_time => line.behind_the_others(),
            // Of several at the same moment, the last would replace the others at once.
            _ if overlap == Overlap::Replace && at < last && on_time > 1 => Verdict::Skip(Reason::Overlap),
            _ => line.by_overlap(),
        };
        decisions.push(Decision::of(due, verdict));
    }
    decisions
}

/// The runs of a schedule, one behind the other.
struct Line {
    overlap: Overlap,
    is_running: bool,
    /// Whether one was fired in this look.
    fired: bool,
    waiting: usize,
    most_waiting: usize,
}

impl Line {
    fn new(overlap: Overlap, standing: &Standing) -> Self {
        let &Standing { is_running, fired_now, waiting, most_waiting, .. } = standing;
        Self { overlap, is_running: is_running || fired_now, fired: fired_now, waiting, most_waiting }
    }

    fn by_overlap(&mut self) -> Verdict {
        match self.overlap {
            Overlap::Queue => self.behind_the_others(),
            Overlap::Skip if self.is_busy() => Verdict::Skip(Reason::Overlap),
            // Those that wait are part of what was asked for; they come before, and so does what this look has fired.
            Overlap::Replace if self.waiting > 0 || self.fired => self.behind_the_others(),
            Overlap::Skip | Overlap::Replace => self.fire(),
        }
    }

    fn behind_the_others(&mut self) -> Verdict {
        if !self.is_busy() {
            return self.fire();
        }
        if self.waiting >= self.most_waiting {
            return Verdict::Skip(Reason::LineFull);
        }
        self.waiting += 1;
        Verdict::Wait
    }

    fn fire(&mut self) -> Verdict {
        self.is_running = true;
        self.fired = true;
        Verdict::Fire
    }

    fn is_busy(&self) -> bool {
        self.is_running || self.waiting > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Of an hourly schedule that nobody looked at since 00:00.
    fn hourly(overlap: Overlap, catch_up: CatchUp, until: &str, is_running: bool) -> Vec<Verdict> {
        let cron = Cron::parse("@hourly", "UTC").unwrap();
        let standing = Standing {
            due: at("2026-01-01T00:00:00Z"),
            until: at(until),
            grace: TimeDelta::seconds(60),
            is_running,
            fired_now: false,
            waiting: 0,
            most_waiting: 100,
        };
        let decisions = decide(&cron, overlap, catch_up, &standing);
        assert!(decisions.iter().all(|decision| decision.through.is_none()));
        decisions.iter().map(|decision| decision.verdict).collect()
    }

    const MISSED: Verdict = Verdict::Skip(Reason::Missed);
    const OVERLAP: Verdict = Verdict::Skip(Reason::Overlap);

    #[test]
    fn on_time_the_overlap_decides() {
        for (overlap, free, busy) in [
            (Overlap::Skip, Verdict::Fire, OVERLAP),
            (Overlap::Queue, Verdict::Fire, Verdict::Wait),
            (Overlap::Replace, Verdict::Fire, Verdict::Fire),
        ] {
            for catch_up in CatchUp::ALL {
                assert_eq!(hourly(overlap, catch_up, "2026-01-01T00:00:03Z", false), [free]);
                assert_eq!(hourly(overlap, catch_up, "2026-01-01T00:01:00Z", true), [busy]);
            }
        }
    }

    #[test]
    fn nothing_is_due_before_its_time() {
        assert_eq!(hourly(Overlap::Skip, CatchUp::All, "2025-12-31T23:59:59Z", false), []);
    }

    #[test]
    fn after_an_outage_none_latest_or_all_are_run() {
        // 00:00 to 09:00, and it is half past nine.
        let after = |catch_up| hourly(Overlap::Skip, catch_up, "2026-01-01T09:30:00Z", false);
        assert_eq!(after(CatchUp::None), [MISSED; 10]);
        assert_eq!(after(CatchUp::Latest), [[MISSED; 9].as_slice(), &[Verdict::Fire]].concat());
        assert_eq!(after(CatchUp::All), [[Verdict::Fire].as_slice(), &[Verdict::Wait; 9]].concat());
    }

    #[test]
    fn of_what_all_runs_and_what_replaces_one_is_fired_in_a_look() {
        // 00:00 was missed, and it is one o'clock.
        let verdicts = hourly(Overlap::Replace, CatchUp::All, "2026-01-01T01:00:01Z", false);
        assert_eq!(verdicts, [Verdict::Fire, Verdict::Wait]);
        // One that runs is replaced by none that was missed.
        let verdicts = hourly(Overlap::Replace, CatchUp::All, "2026-01-01T02:00:01Z", true);
        assert_eq!(verdicts, [Verdict::Wait; 3]);
        // One that waited is fired in this look, and it is one o'clock.
        let cron = Cron::parse("@hourly", "UTC").unwrap();
        for catch_up in CatchUp::ALL {
            let standing = Standing {
                due: at("2026-01-01T01:00:00Z"),
                until: at("2026-01-01T01:00:01Z"),
                grace: TimeDelta::seconds(60),
                is_running: false,
                fired_now: true,
                waiting: 0,
                most_waiting: 100,
            };
            let decisions = decide(&cron, Overlap::Replace, catch_up, &standing);
            assert_eq!(decisions.iter().map(|one| one.verdict).collect::<Vec<_>>(), [Verdict::Wait]);
        }
    }

    #[test]
    fn an_outage_that_ends_in_the_moment_of_the_next_instant_runs_the_latest_once() {
        let after = |catch_up| hourly(Overlap::Queue, catch_up, "2026-01-01T09:00:01Z", false);
        assert_eq!(after(CatchUp::None), [[MISSED; 9].as_slice(), &[Verdict::Fire]].concat());
        assert_eq!(after(CatchUp::Latest), [[MISSED; 9].as_slice(), &[Verdict::Fire]].concat());
    }

    #[test]
    fn of_more_than_a_hundred_the_newest_hundred_are_run_and_the_others_are_one_line() {
        let cron = Cron::parse("* * * * * *", "UTC").unwrap();
        let until = at("2026-01-01T10:00:00Z");
        let mut standing = Standing {
            due: at("2026-01-01T00:00:00Z"),
            until,
            grace: TimeDelta::seconds(5),
            is_running: false,
            fired_now: false,
            waiting: 0,
            most_waiting: 60,
        };
        let decisions = decide(&cron, Overlap::Queue, CatchUp::All, &standing);
        assert_eq!(decisions.len(), 101);
        let first =
            Decision { due: standing.due, through: Some(until - TimeDelta::seconds(100)), verdict: MISSED };
        assert_eq!((decisions[0], decisions[100].due), (first, until));
        let of = |verdict| decisions.iter().filter(|decision| decision.verdict == verdict).count();
        assert_eq!((of(Verdict::Fire), of(Verdict::Wait)), (1, 60));
        assert_eq!(of(Verdict::Skip(Reason::LineFull)), 39);
        standing.due = until - TimeDelta::seconds(100);
        assert_eq!(decide(&cron, Overlap::Queue, CatchUp::All, &standing)[0].through, None);
    }

    #[test]
    fn of_several_that_would_replace_each_other_the_last_is_run() {
        let cron = Cron::parse("* * * * * *", "UTC").unwrap();
        let due = at("2026-01-01T00:00:00Z");
        let standing = Standing {
            due,
            until: due + TimeDelta::seconds(2),
            grace: TimeDelta::seconds(60),
            is_running: true,
            fired_now: false,
            waiting: 0,
            most_waiting: 100,
        };
        let verdicts: Vec<_> =
            decide(&cron, Overlap::Replace, CatchUp::All, &standing).iter().map(|d| d.verdict).collect();
        assert_eq!(verdicts, [OVERLAP, OVERLAP, Verdict::Fire]);
    }
}
