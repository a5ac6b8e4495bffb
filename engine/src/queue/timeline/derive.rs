//! Which events follow from what is known of a job? Pure arithmetic on its rows.
//!
//! What cannot be known any more is left out, never guessed: when a retry before the last one became due, and when a job
//! that was retried by hand had been cancelled before that, while it waited.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::facts::{Attempt, End, Facts, Live};
use super::place::{BLOCKED, ENDED, GONE, QUEUED, RUNNING, SCHEDULED};
use super::{Event, EventPlace, Happening};
use crate::job::JobState;

/// The events of a job in their order.
pub(super) fn events(facts: &Facts) -> Vec<Event> {
    let mut story = Story { facts, claims: claims(facts), events: BTreeMap::new() };
    story.first_wait();
    for (lease, claim) in story.claims.clone() {
        story.attempt(lease, &claim);
        story.what_followed(lease, &claim);
    }
    story.last_wait();
    story.end();
    story.events.into_values().collect()
}

/// A claim of the job.
#[derive(Clone)]
struct Claim<'a> {
    attempt: i16,
    started_at: DateTime<Utc>,
    /// What the attempt has to tell.
    row: Option<&'a Attempt>,
}

/// The claims that are known, by their leases.
fn claims(facts: &Facts) -> BTreeMap<i32, Claim<'_>> {
    let mut claims: BTreeMap<i32, Claim<'_>> = BTreeMap::new();
    for row in &facts.attempts {
        let started_at = row.started_at.unwrap_or(facts.created_at);
        claims.insert(row.lease, Claim { attempt: row.attempt, started_at, row: Some(row) });
    }
    let running = facts.live.as_ref().map(|live| (live.lease, live.attempt, live.started_at));
    let ended = facts.end.as_ref().map(|end| (end.lease, end.attempt, end.started_at));
    for (lease, attempt, started_at) in running.into_iter().chain(ended) {
        if let Some(started_at) = started_at {
            let row = claims.get(&lease).and_then(|claim| claim.row);
            claims.insert(lease, Claim { attempt, started_at, row });
        }
    }
    claims
}

/// So many milliseconds later.
fn later(at: DateTime<Utc>, after_ms: i64) -> DateTime<Utc> {
    TimeDelta::try_milliseconds(after_ms).and_then(|time| at.checked_add_signed(time)).unwrap_or(at)
}

struct Story<'a> {
    facts: &'a Facts,
    claims: BTreeMap<i32, Claim<'a>>,
    events: BTreeMap<EventPlace, Event>,
}

impl<'a> Story<'a> {
    /// Puts an event in, unless its place is taken.
    fn put(&mut self, place: EventPlace, at: DateTime<Utc>, attempt: i16, what: Happening) {
        self.events.entry(place).or_insert(Event { place, at, attempt, what });
    }

    fn state(&mut self, lease: i32, step: u8, at: DateTime<Utc>, attempt: i16, state: JobState) {
        self.put(EventPlace::once(lease, step), at, attempt, Happening::State { state, error: None });
    }

    /// From the submit to the first claim.
    fn first_wait(&mut self) {
        let Facts { created_at, run_at, needs_others, freed_at, .. } = *self.facts;
        let lives = |state: JobState| {
            self.facts.live.as_ref().is_some_and(|live| live.lease == 0 && live.state == state)
        };
        let (is_scheduled, is_queued) = (lives(JobState::Scheduled), lives(JobState::Queued));
        // Others that were over by then were nothing to wait for.
        let was_blocked = needs_others && freed_at.is_none_or(|at| at > created_at);
        let free_at = if was_blocked { freed_at } else { Some(created_at) };
        if was_blocked {
            self.state(0, BLOCKED, created_at, 0, JobState::Blocked);
        }
        if is_scheduled || free_at.is_some_and(|at| run_at > at) {
            self.state(0, SCHEDULED, free_at.unwrap_or(created_at), 0, JobState::Scheduled);
        }
        let was_queued = is_queued || self.claims.contains_key(&1) || free_at.is_some_and(|at| run_at <= at);
        if was_queued {
            self.state(0, QUEUED, run_at.max(free_at.unwrap_or(created_at)), 0, JobState::Queued);
        }
    }

    /// The beginning of an attempt, and what it reported.
    fn attempt(&mut self, lease: i32, claim: &Claim<'_>) {
        let Claim { attempt, started_at, row } = *claim;
        self.state(lease, RUNNING, started_at, attempt, JobState::Running);
        let Some(row) = row else { return };
        for line in &row.log {
            let at = later(started_at, line.after_ms);
            let what = Happening::Log { level: line.level, message: line.message.clone() };
            self.put(EventPlace::report(lease, line.number), at, attempt, what);
        }
        if let Some(progress) = row.progress() {
            // Where nobody kept it, it came before the end.
            let told = row.report_ms.map(|after_ms| later(started_at, after_ms));
            let at = told.or(row.finished_at).unwrap_or(started_at);
            let place = EventPlace::report(lease, row.number_of_progress());
            self.put(place, at, attempt, Happening::Progress(progress));
        }
    }

    /// What became of the job with the end of an attempt that was not its last.
    fn what_followed(&mut self, lease: i32, claim: &Claim<'_>) {
        let Some(row) = claim.row else { return };
        let (Some(ended_as), Some(finished_at)) = (row.ended_as.as_deref(), row.finished_at) else { return };
        if self.facts.end.as_ref().is_some_and(|end| end.lease == lease && end.started_at.is_some()) {
            return;
        }
        let waits = self.facts.live.as_ref().is_some_and(|live| live.lease == lease);
        let waited = self.facts.end.as_ref().is_some_and(|end| end.lease == lease);
        // A retry by hand leaves a lease out.
        let (step, state) = if !(waits || waited || self.claims.contains_key(&(lease + 1))) {
            (
                ENDED,
                if matches!(ended_as, "failed" | "crashed") { JobState::Failed } else { JobState::Cancelled },
            )
        } else if ended_as == "released" {
            (QUEUED, JobState::Queued)
        } else {
            (SCHEDULED, JobState::Scheduled)
        };
        let what = Happening::State { state, error: row.error.clone() };
        self.put(EventPlace::once(lease, step), finished_at, row.attempt, what);
    }

    /// When it became due after an attempt, or was retried by hand; kept of the last time only.
    fn last_wait(&mut self) {
        if let Some(Live { state: JobState::Blocked, lease: lease @ 1.., ready_at, .. }) = self.facts.live {
            return self.state(lease, BLOCKED, ready_at, 0, JobState::Blocked);
        }
        let due = match (&self.facts.live, &self.facts.end) {
            (Some(Live { state: JobState::Queued, lease, ready_at, .. }), _) => Some((*lease, *ready_at)),
            (Some(Live { state: JobState::Running, lease, ready_at, .. }), _)
            | (None, Some(End { lease, ready_at: Some(ready_at), started_at: Some(_), .. })) => {
                Some((*lease - 1, *ready_at))
            }
            _ => None,
        };
        let Some((lease, ready_at)) = due.filter(|(lease, _)| *lease > 0) else { return };
        let before = self.claims.get(&lease);
        let attempt = before.map_or(0, |claim| claim.attempt);
        let ended_at = before.and_then(|claim| claim.row).and_then(|row| row.finished_at);
        let at = ready_at.max(ended_at.unwrap_or(ready_at));
        self.state(lease, QUEUED, at, attempt, JobState::Queued);
    }

    /// Its end, where it is final.
    fn end(&mut self) {
        let Some(end) = &self.facts.end else { return };
        let step = if end.started_at.is_some() { ENDED } else { GONE };
        let what = Happening::State { state: end.state, error: end.error.clone() };
        self.put(EventPlace::once(end.lease, step), end.finished_at, end.attempt, what);
    }
}

#[cfg(test)]
#[path = "derive_tests.rs"]
mod tests;
