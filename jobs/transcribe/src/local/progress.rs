//! How far is it, and when will it end? Seconds of the recording, and the speed so far.

use std::time::{Duration, Instant};

use esteira_engine::child::WorkDir;
use esteira_engine::job::KindError;

use super::super::write::spoken;

/// Seconds of work before which a guess about the end is worth nothing.
const SETTLED: f64 = 5.0;
/// How often progress is told although nothing was finished: it is also the sign that the job lives.
const EVERY: Duration = Duration::from_secs(5);

/// Progress of one attempt.
pub struct Progress {
    begun: Instant,
    told: Instant,
    /// Seconds of the recording; 0 where the container does not tell.
    total: f64,
    done: f64,
    /// Seconds that earlier attempts have heard.
    found: f64,
}

impl Progress {
    /// Of a recording of so many seconds.
    pub fn new(total: f64) -> Self {
        Self { begun: Instant::now(), told: Instant::now(), total, done: 0.0, found: 0.0 }
    }

    /// Everything up to a second is done; `found` says that an earlier attempt has done it.
    pub fn reach(&mut self, second: f64, found: bool, work: &mut WorkDir) -> Result<(), KindError> {
        if found {
            self.found = self.found.max(second);
        }
        self.done = self.done.max(second);
        self.tell(work)
    }

    /// Nobody has spoken up to a second.
    pub fn pass(&mut self, second: f64) {
        self.done = self.done.max(second);
    }

    /// Tells that the job lives, now and then.
    pub fn live(&mut self, work: &mut WorkDir) -> Result<(), KindError> {
        if self.told.elapsed() >= EVERY { self.tell(work) } else { work.check_stop() }
    }

    fn tell(&mut self, work: &mut WorkDir) -> Result<(), KindError> {
        self.told = Instant::now();
        let fraction = if self.total > 0.0 { (self.done / self.total).min(1.0) } else { 0.0 };
        // The last steps are language, subtitles and files.
        work.progress(0.01 + 0.97 * fraction, "transcribing", &self.words())
    }

    fn words(&self) -> String {
        if self.total <= 0.0 {
            return spoken(self.done);
        }
        let so_far = format!("{} of {}", spoken(self.done), spoken(self.total));
        match self.left() {
            Some(left) => format!("{so_far}, about {} left", spoken(left)),
            None => so_far,
        }
    }

    /// Seconds until the end, at the speed so far.
    fn left(&self) -> Option<f64> {
        let (worked, heard) = (self.begun.elapsed().as_secs_f64(), self.done - self.found);
        (worked >= SETTLED && heard > 0.0).then(|| (self.total - self.done).max(0.0) * worked / heard)
    }
}
