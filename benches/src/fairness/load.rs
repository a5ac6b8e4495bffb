//! Who asks for what, and when? Drawn once from a seed, so that every line is given the same.

use std::ops::Range;
use std::time::Duration;

use clap::ValueEnum;
use esteira_engine::tenant::LimitsChange;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Tenants that always have work, by the weight of each five of them.
const BACKLOGGED: usize = 50;
const WEIGHTS: [f64; 5] = [1.0, 1.0, 1.0, 2.0, 5.0];
/// Tenants that come once, with one job.
const VISITORS: usize = 100;
/// Tenants that always have work and may run one job at a time.
const CAPPED: usize = 2;
/// A window of measurement, in mean job times.
const WINDOW: u32 = 100;
/// Work that a backlogged tenant brings, in fair shares.
const OVERLOAD: f64 = 1.2;
/// Jobs that come together, at most.
const BURST: usize = 15;

/// How long jobs take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Durations {
    /// Everybody's between 10 ms and 60 s
    Mixed,
    /// Of one half of the tenants 1 to 10 s, of the other 10 to 60 s
    LongAndShort,
    /// Everybody's between 10 ms and 1 s, for workers that really sleep
    Brief,
}

/// A tenant of the load.
#[derive(Debug, Clone)]
pub struct Member {
    pub weight: f64,
    pub max_running: Option<usize>,
    pub part: Part,
    /// The shortest and the longest of its jobs, in seconds.
    durations: Range<f64>,
}

/// What a tenant is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Has everything queued from the beginning.
    Flood,
    /// Keeps bringing more than it is given.
    Backlogged,
    /// Brings one job, some time after the others.
    Visitor,
    /// Is backlogged, and may run one job at a time.
    Capped,
}

/// A job that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub at: Duration,
    pub tenant: usize,
    pub takes: Duration,
}

/// All that is asked for.
#[derive(Debug)]
pub struct Load {
    pub members: Vec<Member>,
    /// In the order of time.
    pub asked: Vec<Asked>,
    /// 100 mean job times, the mean being that of the jobs that a fair line would run.
    pub window: Duration,
    pub until: Duration,
}

/// How large the load is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub durations: Durations,
    pub slots: usize,
    /// Windows that are measured, after one in which everybody arrives.
    pub windows: u32,
    /// Jobs of the tenant that has everything queued from the beginning.
    pub flood: usize,
    pub seed: u64,
}

impl Load {
    /// Draws one.
    pub fn draw(size: Size) -> Self {
        let members = members(size.durations);
        let weights: f64 = members.iter().map(Member::claim).sum();
        // Fair shares are shares of seconds, so of short jobs more are run.
        let mean = weights / members.iter().map(|m| m.claim() / m.mean()).sum::<f64>();
        let window = Duration::from_secs_f64(mean * f64::from(WINDOW));
        let until = window * (size.windows + 1);
        let mut draw = Draw { rng: StdRng::seed_from_u64(size.seed), until, asked: Vec::new() };
        for (tenant, member) in members.iter().enumerate() {
            let share = size.slots as f64 * member.claim() / weights;
            match member.part {
                Part::Flood => draw.burst(Duration::ZERO, tenant, member, size.flood),
                Part::Backlogged | Part::Capped => {
                    let first = draw.after(Duration::ZERO, window.as_secs_f64() / 8.0);
                    let stock = (share * window.as_secs_f64() / member.mean()).ceil() as usize;
                    draw.burst(first, tenant, member, stock);
                    let jobs_a_second = OVERLOAD * share.min(member.cap()) / member.mean();
                    draw.stream(first, tenant, member, jobs_a_second);
                }
                Part::Visitor => {
                    let at = window + (until - window).mul_f64(draw.rng.random::<f64>());
                    draw.burst(at, tenant, member, 1);
                }
            }
        }
        draw.asked.sort_by_key(|asked| asked.at);
        Self { members, asked: draw.asked, window, until }
    }
}

fn members(durations: Durations) -> Vec<Member> {
    (0..BACKLOGGED + VISITORS + CAPPED)
        .map(|number| {
            let part = match number {
                0 => Part::Flood,
                _ if number < BACKLOGGED => Part::Backlogged,
                _ if number < BACKLOGGED + VISITORS => Part::Visitor,
                _ => Part::Capped,
            };
            let weight = match part {
                Part::Flood | Part::Backlogged => WEIGHTS.get(number % WEIGHTS.len()).copied().unwrap_or(1.0),
                Part::Visitor => 1.0,
                Part::Capped => 5.0,
            };
            let durations = match durations {
                Durations::Mixed => 0.01..60.0,
                // In fives, so that each half has its share of every weight.
                Durations::LongAndShort if (number / WEIGHTS.len()).is_multiple_of(2) => 10.0..60.0,
                Durations::LongAndShort => 1.0..10.0,
                Durations::Brief => 0.01..1.0,
            };
            Member { weight, max_running: (part == Part::Capped).then_some(1), part, durations }
        })
        .collect()
}

impl Part {
    /// A word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Flood => "flood",
            Self::Backlogged => "backlogged",
            Self::Visitor => "visitor",
            Self::Capped => "capped",
        }
    }
}

impl Member {
    /// What the queue is told of it.
    pub fn limits(&self) -> LimitsChange {
        let max_running = self.max_running.map(|cap| i32::try_from(cap).ok());
        LimitsChange { weight: Some(self.weight), max_running, ..LimitsChange::default() }
    }

    /// Whether it competes for as much as it can get.
    pub fn is_backlogged(&self) -> bool {
        matches!(self.part, Part::Flood | Part::Backlogged)
    }

    /// Its weight among those that take all they are given.
    fn claim(&self) -> f64 {
        if self.part == Part::Visitor { 0.0 } else { self.weight }
    }

    fn cap(&self) -> f64 {
        self.max_running.map_or(f64::INFINITY, |cap| cap as f64)
    }

    /// The mean of its jobs, whose logarithms are spread evenly.
    fn mean(&self) -> f64 {
        let Range { start, end } = self.durations;
        (end - start) / (end / start).ln()
    }
}

struct Draw {
    rng: StdRng,
    until: Duration,
    asked: Vec<Asked>,
}

impl Draw {
    /// Jobs of one tenant that come together.
    fn burst(&mut self, at: Duration, tenant: usize, member: &Member, jobs: usize) {
        for _ in 0..jobs {
            let Range { start, end } = member.durations;
            let seconds = start * (end / start).powf(self.rng.random::<f64>());
            self.asked.push(Asked { at, tenant, takes: Duration::from_secs_f64(seconds) });
        }
    }

    /// Bursts at random, so many jobs a second in the mean.
    fn stream(&mut self, from: Duration, tenant: usize, member: &Member, jobs_a_second: f64) {
        let mean_burst = (1 + BURST) as f64 / 2.0;
        let mut at = self.after(from, mean_burst / jobs_a_second);
        while at < self.until {
            let jobs = self.rng.random_range(1..=BURST);
            self.burst(at, tenant, member, jobs);
            at = self.after(at, mean_burst / jobs_a_second);
        }
    }

    /// An instant after another, by a Poisson process of this mean distance.
    fn after(&mut self, at: Duration, mean: f64) -> Duration {
        at + Duration::from_secs_f64(-mean * (1.0 - self.rng.random::<f64>()).ln())
    }
}
