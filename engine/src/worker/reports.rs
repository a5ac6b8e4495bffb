//! What has an attempt told so far, and how does its tenant learn of it while it runs? By its own row, twice a second.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Shared;
use crate::child::protocol::{LogLevel, Progress};
use crate::db::answered;
use crate::queue::{Lease, LogLine, News, Reported};
use crate::tenant::Tenant;

/// News go to the database at most this often.
const WRITE_EVERY: Duration = Duration::from_millis(500);
/// Sentences of a kind that are kept of one attempt.
const MOST_LOG_LINES: usize = 200;

/// What one attempt has told.
#[derive(Debug)]
pub(super) struct Reports {
    began: Instant,
    /// Reports so far.
    count: i32,
    progress: Option<Reported>,
    log: Vec<LogLine>,
}

impl Reports {
    pub fn since(began: Instant) -> Self {
        Self { began, count: 0, progress: None, log: Vec::new() }
    }

    /// The attempt came so far.
    pub fn progress(&mut self, progress: Progress) {
        self.count = self.count.saturating_add(1);
        self.progress = Some(Reported { number: self.count, after_ms: self.after_ms(), progress });
    }

    /// The kind said something; what is too much is left out.
    pub fn log(&mut self, level: LogLevel, message: String) {
        if self.log.len() < MOST_LOG_LINES {
            self.count = self.count.saturating_add(1);
            self.log.push(LogLine { number: self.count, after_ms: self.after_ms(), level, message });
        }
    }

    /// The attempt has done all of it: what it said last of its progress counts as the whole.
    pub fn whole(&mut self) {
        if let Some(Reported { progress, .. }) = self.progress.clone()
            && progress.fraction < 1.0
        {
            self.progress(Progress { fraction: 1.0, ..progress });
        }
    }

    /// What came after the report of this number.
    pub fn after(&self, number: i32) -> News {
        News {
            progress: self.progress.clone().filter(|reported| reported.number > number),
            log: self.log.iter().filter(|line| line.number > number).cloned().collect(),
        }
    }

    fn after_ms(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

/// Keeps what the attempt tells in the database while its child runs. What is missed here is told by its end.
pub(super) async fn write_reports(
    shared: &Shared,
    tenant: &Tenant,
    lease: &Lease,
    mut reports: watch::Receiver<Reports>,
    ended: CancellationToken,
) {
    let mut written = 0;
    loop {
        tokio::select! {
            changed = reports.changed() => if changed.is_err() { return },
            () = ended.cancelled() => return,
        }
        let news = reports.borrow_and_update().after(written);
        match answered(shared.engine.report(tenant, lease, &news)).await {
            Ok(()) => written = news.last(),
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "reports not written");
            }
        }
        tokio::select! {
            () = sleep(WRITE_EVERY) => {}
            () = ended.cancelled() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(fraction: f64) -> Progress {
        Progress { fraction, stage: "work".to_owned(), message: String::new() }
    }

    #[test]
    fn each_report_has_a_number_and_only_later_ones_are_news() {
        let mut reports = Reports::since(Instant::now());
        reports.progress(at(0.1));
        reports.log(LogLevel::Info, "one".to_owned());
        reports.progress(at(0.2));
        let news = reports.after(0);
        assert_eq!((news.progress.as_ref().map(|r| r.number), news.log.len(), news.last()), (Some(3), 1, 3));
        reports.log(LogLevel::Warn, "two".to_owned());
        let news = reports.after(3);
        assert_eq!((news.progress.is_none(), news.log.len(), news.last()), (true, 1, 4));
        reports.whole();
        let whole = reports.after(4).progress.map(|r| (r.number, r.progress));
        assert_eq!(whole, Some((5, at(1.0))));
    }

    #[test]
    fn an_attempt_without_progress_is_not_whole_and_a_long_log_ends() {
        let mut reports = Reports::since(Instant::now());
        reports.whole();
        assert_eq!(reports.after(0).last(), 0);
        for _ in 0..=MOST_LOG_LINES {
            reports.log(LogLevel::Info, String::new());
        }
        assert_eq!(reports.after(0).log.len(), MOST_LOG_LINES);
    }
}
