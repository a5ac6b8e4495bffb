//! What becomes of jobs in this process? Submitted, started, run and settled, by kind.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::codes::{CRASHES, Codes, WORKER_LOST};
use crate::exemplar::Exemplar;
use crate::families::{Counts, Durations, Seconds, Sizes, of_answers, of_memory, of_work};

type Word = Arc<str>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Finished {
    kind: Word,
    outcome: &'static str,
    code: Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    kind: Word,
    ended: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Waited {
    kind: Word,
    behind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Crashed {
    kind: Word,
    cause: Word,
}

/// How an attempt ended, as its worker saw it.
#[derive(Debug, Clone, Copy)]
pub struct AttemptSeen<'a> {
    /// The kind of its job.
    pub kind: &'a str,
    /// `succeeded`, `failed`, `crashed`, `cancelled`, `released`, `snoozed`, or `lost` where it did not count.
    pub ended: &'static str,
    /// `succeeded`, `failed` or `cancelled`, where the job ended with it.
    pub outcome: Option<&'static str>,
    /// The code of its error.
    pub code: Option<&'a str>,
    /// From its claim to the end of its work.
    pub run: Duration,
    /// CPU seconds of its child.
    pub cpu_seconds: f64,
    /// The most memory of its child; nothing where there was none.
    pub peak_bytes: u64,
    /// The job.
    pub exemplar: Exemplar,
}

/// What jobs come to in this process.
#[derive(Debug)]
pub struct JobsMeter {
    codes: Codes,
    submitted: Counts<OfKind>,
    started: Counts<OfKind>,
    finished: Counts<Finished>,
    attempts: Counts<Ended>,
    wait: Durations<Waited>,
    run: Durations<Ended>,
    claim: Sizes<OfKind>,
    settle: Sizes<OfKind>,
    rescues: Counts<OfKind>,
    crashes: Counts<Crashed>,
    stalls: Counts<OfKind>,
    cpu: Seconds<OfKind>,
    memory: Sizes<OfKind>,
    slots: Family<OfKind, Gauge>,
    busy: Family<OfKind, Gauge>,
}

impl JobsMeter {
    pub(crate) fn new(most_codes: usize) -> Self {
        Self {
            codes: Codes::new(most_codes),
            submitted: Counts::default(),
            started: Counts::default(),
            finished: Counts::default(),
            attempts: Counts::default(),
            wait: of_work(),
            run: of_work(),
            claim: of_answers(),
            settle: of_answers(),
            rescues: Counts::default(),
            crashes: Counts::default(),
            stalls: Counts::default(),
            cpu: Seconds::default(),
            memory: of_memory(),
            slots: Family::default(),
            busy: Family::default(),
        }
    }

    /// Jobs were taken.
    pub fn submitted(&self, kind: &str, jobs: u64) {
        self.submitted.get_or_create(&of(kind)).inc_by(jobs);
    }

    /// A kind of which this process may rescue jobs. What has not happened yet is told as 0: the first time is then a rise,
    /// which alerts can see.
    pub fn knows(&self, kind: &str) {
        drop(self.rescues.get_or_create(&of(kind)));
        drop(self.crashes.get_or_create(&Crashed { kind: kind.into(), cause: WORKER_LOST.into() }));
        drop(self.finished.get_or_create(&Finished {
            kind: kind.into(),
            outcome: "failed",
            code: "crashed".into(),
        }));
    }

    /// Slots of this process.
    pub fn has_slots(&self, kind: &str, slots: usize) {
        self.slots.get_or_create(&of(kind)).set(i64::try_from(slots).unwrap_or(i64::MAX));
        self.knows(kind);
        drop(self.busy.get_or_create(&of(kind)));
        for count in [&self.started, &self.stalls] {
            drop(count.get_or_create(&of(kind)));
        }
        drop(self.cpu.get_or_create(&of(kind)));
        for cause in CRASHES {
            drop(self.crashes.get_or_create(&Crashed { kind: kind.into(), cause: cause.into() }));
        }
        let succeeded = Finished { kind: kind.into(), outcome: "succeeded", code: "".into() };
        drop(self.finished.get_or_create(&succeeded));
    }

    /// An attempt has begun that waited so long behind its own tenant's work, and then for a slot. The slot is busy
    /// until what this gives is dropped.
    #[must_use]
    pub fn started(&self, kind: &str, own_work: Duration, slot: Duration, exemplar: Exemplar) -> Busy {
        self.started.get_or_create(&of(kind)).inc();
        for (behind, waited) in [("own_work", own_work), ("slot", slot)] {
            let labels = Waited { kind: kind.into(), behind };
            self.wait.get_or_create(&labels).observe(waited.as_secs_f64(), Some(exemplar), None);
        }
        let busy = self.busy.get_or_create_owned(&of(kind));
        busy.inc();
        Busy(busy)
    }

    /// A claim was answered.
    pub fn claimed(&self, kind: &str, took: Duration) {
        self.claim.get_or_create(&of(kind)).observe(took.as_secs_f64());
    }

    /// A settle was answered, for one attempt; those that shared a commit waited for it together.
    pub fn settled(&self, kind: &str, took: Duration) {
        self.settle.get_or_create(&of(kind)).observe(took.as_secs_f64());
    }

    /// An attempt has ended.
    pub fn ended(&self, seen: &AttemptSeen<'_>) {
        let AttemptSeen { kind, ended, outcome, code, run, cpu_seconds, peak_bytes, exemplar } = *seen;
        let labels = Ended { kind: kind.into(), ended };
        self.attempts.get_or_create(&labels).inc();
        self.run.get_or_create(&labels).observe(run.as_secs_f64(), Some(exemplar), None);
        if let Some(outcome) = outcome {
            let code =
                code.filter(|_| outcome == "failed").map_or_else(|| "".into(), |code| self.codes.label(code));
            self.finished.get_or_create(&Finished { kind: kind.into(), outcome, code }).inc();
        }
        if ended == "crashed" {
            let cause = self.codes.label(code.unwrap_or(crate::codes::OTHER));
            self.crashes.get_or_create(&Crashed { kind: kind.into(), cause }).inc();
        }
        if code == Some("stalled") {
            self.stalls.get_or_create(&of(kind)).inc();
        }
        if peak_bytes > 0 {
            self.cpu.get_or_create(&of(kind)).inc_by(cpu_seconds);
            self.memory.get_or_create(&of(kind)).observe(bytes(peak_bytes));
        }
    }

    /// A job of a lost worker was taken from it, and ended so: `outcome` where that was the job's end.
    pub fn rescued(&self, kind: &str, outcome: Option<&'static str>) {
        self.rescues.get_or_create(&of(kind)).inc();
        let cause = WORKER_LOST.into();
        self.crashes.get_or_create(&Crashed { kind: kind.into(), cause }).inc();
        if let Some(outcome) = outcome {
            let code = if outcome == "failed" { "crashed".into() } else { "".into() };
            self.finished.get_or_create(&Finished { kind: kind.into(), outcome, code }).inc();
        }
    }

    /// A job ended while it waited: it was cancelled, or one that it depends on did not succeed.
    pub fn ended_waiting(&self, kind: &str, dependency_failed: bool) {
        let code = if dependency_failed { "dependency_failed".into() } else { "".into() };
        self.finished.get_or_create(&Finished { kind: kind.into(), outcome: "cancelled", code }).inc();
    }

    pub(crate) fn register(&self, to: &mut Registry) {
        let count = |to: &mut Registry, name: &str, help: &str, family: &Counts<OfKind>| {
            to.register(name, help, family.clone());
        };
        count(
            to,
            "jobs_submitted",
            "Jobs that this process took, over HTTP, from schedules or in Rust",
            &self.submitted,
        );
        count(to, "jobs_started", "Attempts that began", &self.started);
        count(to, "rescues", "Jobs taken from workers that were lost", &self.rescues);
        count(to, "stalls", "Attempts that were ended because they reported no progress", &self.stalls);
        to.register("jobs_finished", "Jobs that ended, by outcome and code of error", self.finished.clone());
        to.register("attempts", "Attempts by how they ended", self.attempts.clone());
        to.register("crashes", "Attempts that crashed, by cause", self.crashes.clone());
        let seconds = |to: &mut Registry, name: &str, help: &str, family: &Sizes<OfKind>| {
            to.register_with_unit(name, help, Unit::Seconds, family.clone());
        };
        seconds(to, "claim", "How long a claim took", &self.claim);
        seconds(to, "settle", "How long the settle of an attempt took", &self.settle);
        to.register_with_unit(
            "job_wait",
            "How long jobs waited, behind their own tenant's work and for a slot",
            Unit::Seconds,
            self.wait.clone(),
        );
        to.register_with_unit(
            "job_run",
            "How long attempts took, by how they ended",
            Unit::Seconds,
            self.run.clone(),
        );
        to.register_with_unit("child_cpu", "Processor time of children", Unit::Seconds, self.cpu.clone());
        to.register_with_unit(
            "child_peak_memory",
            "The most memory that a child held",
            Unit::Bytes,
            self.memory.clone(),
        );
        to.register("worker_slots", "Slots of this worker", self.slots.clone());
        to.register("worker_busy_slots", "Slots of this worker in which an attempt runs", self.busy.clone());
    }
}

fn of(kind: &str) -> OfKind {
    OfKind { kind: kind.into() }
}

/// Exact up to 8 PiB.
#[expect(clippy::cast_precision_loss, reason = "a size for a histogram")]
fn bytes(bytes: u64) -> f64 {
    bytes as f64
}

/// A slot in which something runs.
#[derive(Debug)]
pub struct Busy(Gauge);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.dec();
    }
}
