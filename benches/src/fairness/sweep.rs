//! What is seen by who watches from instant to instant? Empty lines, idle slots, passed caps, and newcomers.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use super::load::Member;
use super::story::{Job, Story};

/// What was seen until the load's end.
#[derive(Debug, Default)]
pub struct Seen {
    /// Slot seconds that nobody used while a job waited that could have.
    pub idle: f64,
    /// Starts of a job beyond its tenant's `max_running`.
    pub caps_passed: usize,
    /// When each tenant had nothing waiting.
    pub dry: Vec<Vec<Range<Duration>>>,
    /// The first job of each tenant that came after the beginning.
    pub newcomers: Vec<Newcomer>,
}

/// The first job of a tenant.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer {
    job: usize,
    /// Jobs that had been started when it came.
    started_before: usize,
    pub asked: Duration,
    pub began: Option<Duration>,
    /// Jobs that were started between its coming and its start, or the end of the load.
    pub overtaken_by: usize,
    /// When the first slot became free after its coming.
    pub next_slot: Option<Duration>,
    /// What the jobs that ran at its coming still had to run, in the mean.
    pub remaining: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Ended,
    Asked,
    Began,
}

#[derive(Debug, Clone, Default)]
struct Tenant {
    waiting: usize,
    running: usize,
    /// It has asked before.
    known: bool,
    dry_since: Duration,
}

struct Watch<'a> {
    story: &'a Story,
    tenants: Vec<Tenant>,
    running: BTreeSet<usize>,
    starts: usize,
    seen: Seen,
}

/// Watches a story from its beginning to the end of its load.
pub fn sweep(story: &Story) -> Seen {
    let until = story.load.until;
    let mut events: Vec<(Duration, Event, usize)> = Vec::with_capacity(story.jobs.len() * 3);
    for (number, job) in story.jobs.iter().enumerate() {
        let of_job = [(Some(job.asked), Event::Asked), (job.began, Event::Began), (job.ended, Event::Ended)];
        events.extend(of_job.into_iter().filter_map(|(at, event)| Some((at?, event, number))));
    }
    events.retain(|(at, ..)| *at < until);
    events.sort_unstable();

    let tenants = vec![Tenant::default(); story.load.members.len()];
    let seen = Seen { dry: vec![Vec::new(); tenants.len()], ..Seen::default() };
    let mut watch = Watch { story, tenants, running: BTreeSet::new(), starts: 0, seen };
    let mut before = Duration::ZERO;
    for (at, event, number) in events {
        watch.pass(at.saturating_sub(before));
        before = at;
        if let Some(job) = story.jobs.get(number) {
            watch.take(at, event, number, job);
        }
    }
    watch.pass(until.saturating_sub(before));
    watch.finish(until)
}

impl Watch<'_> {
    /// Time goes by in which nothing changes.
    fn pass(&mut self, time: Duration) {
        let free = self.story.slots.saturating_sub(self.running.len());
        if free > 0 && !time.is_zero() {
            let could_run: usize = self.story.load.members.iter().zip(&self.tenants).map(room).sum();
            self.seen.idle += free.min(could_run) as f64 * time.as_secs_f64();
        }
    }

    fn take(&mut self, at: Duration, event: Event, number: usize, job: &Job) {
        let Some(tenant) = self.tenants.get_mut(job.tenant) else { return };
        match event {
            Event::Asked => {
                tenant.waiting += 1;
                if tenant.waiting == 1 {
                    let dry = tenant.dry_since..at;
                    let newcomer = !tenant.known && !at.is_zero();
                    tenant.known = true;
                    if let Some(of_tenant) = self.seen.dry.get_mut(job.tenant) {
                        of_tenant.push(dry);
                    }
                    if newcomer {
                        self.welcome(at, number);
                    }
                }
            }
            Event::Began => {
                tenant.waiting = tenant.waiting.saturating_sub(1);
                tenant.running += 1;
                if tenant.waiting == 0 {
                    tenant.dry_since = at;
                }
                let cap = self.story.load.members.get(job.tenant).and_then(|member| member.max_running);
                self.seen.caps_passed += usize::from(cap.is_some_and(|cap| tenant.running > cap));
                self.running.insert(number);
                if let Some(newcomer) = self.seen.newcomers.iter_mut().find(|one| one.job == number) {
                    newcomer.began = Some(at);
                    newcomer.overtaken_by = self.starts - newcomer.started_before;
                }
                self.starts += 1;
            }
            Event::Ended => {
                tenant.running = tenant.running.saturating_sub(1);
                self.running.remove(&number);
                for newcomer in self.seen.newcomers.iter_mut().rev() {
                    // Those who came earlier have seen an earlier end.
                    if newcomer.next_slot.is_some() {
                        break;
                    }
                    newcomer.next_slot = Some(at);
                }
            }
        }
    }

    fn welcome(&mut self, at: Duration, number: usize) {
        let jobs = self.running.iter().filter_map(|running| self.story.jobs.get(*running)?.ended);
        let remaining: Duration = jobs.map(|ended| ended.saturating_sub(at)).sum();
        self.seen.newcomers.push(Newcomer {
            job: number,
            asked: at,
            started_before: self.starts,
            began: None,
            overtaken_by: 0,
            next_slot: (self.running.len() < self.story.slots).then_some(at),
            remaining: remaining / u32::try_from(self.running.len().max(1)).unwrap_or(u32::MAX),
        });
    }

    fn finish(mut self, until: Duration) -> Seen {
        for (tenant, dry) in self.tenants.iter().zip(&mut self.seen.dry) {
            if tenant.waiting == 0 {
                dry.push(tenant.dry_since..until);
            }
        }
        for newcomer in self.seen.newcomers.iter_mut().filter(|one| one.began.is_none()) {
            newcomer.overtaken_by = self.starts - newcomer.started_before;
        }
        self.seen
    }
}

/// Waiting jobs of a tenant that its cap lets run.
fn room((member, tenant): (&Member, &Tenant)) -> usize {
    let cap = member.max_running.map_or(usize::MAX, |cap| cap.saturating_sub(tenant.running));
    tenant.waiting.min(cap)
}
