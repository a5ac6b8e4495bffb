//! Who in this process waits for news of which job? Those who want its end, and those who want everything.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::pending;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::id::JobId;

/// Where a job stands in the queue: its state and its lease; `None` once it has left the queue, or before it is there.
pub(super) type Standing = Option<(String, i32)>;

/// The jobs that somebody waits for; clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Watched(Arc<Mutex<HashMap<JobId, Job>>>);

/// What is known of a job that somebody waits for.
#[derive(Debug, Default)]
struct Job {
    ends: watch::Sender<()>,
    changes: watch::Sender<()>,
    /// How it stood at the last look; `None` before the first.
    stood: Option<Standing>,
}

impl Job {
    fn is_forgotten(&self) -> bool {
        self.ends.receiver_count() == 0 && self.changes.receiver_count() == 0
    }
}

/// Somebody waits for news of a job, as long as this lives.
#[derive(Debug)]
pub struct Watch {
    job: JobId,
    watched: Watched,
    /// Taken out when this is dropped, so that it is not counted any more.
    news: Option<watch::Receiver<()>>,
}

impl Watched {
    /// Waits for the end of a job from now on.
    pub fn end_of(&self, job: JobId) -> Watch {
        let news = self.0.lock().entry(job).or_default().ends.subscribe();
        Watch { job, watched: self.clone(), news: Some(news) }
    }

    /// Waits for whatever happens to a job from now on.
    pub fn everything_of(&self, job: JobId) -> Watch {
        let news = self.0.lock().entry(job).or_default().changes.subscribe();
        Watch { job, watched: self.clone(), news: Some(news) }
    }

    /// A job is final.
    pub fn ended(&self, job: JobId) {
        if let Some(job) = self.0.lock().get(&job) {
            job.ends.send_replace(());
            job.changes.send_replace(());
        }
    }

    /// Something happened to a job that goes on.
    pub fn changed(&self, job: JobId) {
        if let Some(job) = self.0.lock().get(&job) {
            job.changes.send_replace(());
        }
    }

    /// Anything may have happened that nobody heard of: everybody looks.
    pub fn missed(&self) {
        for job in self.0.lock().values() {
            job.ends.send_replace(());
            job.changes.send_replace(());
        }
    }

    /// The jobs of which somebody wants to know everything.
    pub fn followed(&self) -> Vec<JobId> {
        let jobs = self.0.lock();
        jobs.iter().filter(|(_, job)| job.changes.receiver_count() > 0).map(|(id, _)| *id).collect()
    }

    /// A job was looked at. Who follows it is told when it stands otherwise than before, and after the first look:
    /// nobody knows whether it had changed by then.
    pub fn stands(&self, job: JobId, standing: Standing) {
        if let Some(job) = self.0.lock().get_mut(&job)
            && job.stood.as_ref() != Some(&standing)
        {
            job.stood = Some(standing);
            job.changes.send_replace(());
        }
    }
}

impl Watch {
    /// From here on, what came before is no news.
    pub fn mark(&mut self) {
        if let Some(news) = &mut self.news {
            news.mark_unchanged();
        }
    }

    /// Waits until there was something after the last [`Watch::mark`], or after the last news.
    pub async fn news(&mut self) {
        // The sender lives as long as somebody waits, so this cannot fail.
        let is_news = async { self.news.as_mut()?.changed().await.ok() };
        if is_news.await.is_none() {
            pending::<()>().await;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut jobs = self.watched.0.lock();
        self.news = None;
        if let Entry::Occupied(job) = jobs.entry(self.job)
            && job.get().is_forgotten()
        {
            job.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn heard(watch: &mut Watch) -> bool {
        watch.news().now_or_never().is_some()
    }

    #[test]
    fn who_waits_for_the_end_is_not_woken_by_what_comes_before() {
        let (watched, job) = (Watched::default(), JobId::new());
        let (mut end, mut everything) = (watched.end_of(job), watched.everything_of(job));
        watched.changed(job);
        assert_eq!((heard(&mut end), heard(&mut everything)), (false, true));
        watched.ended(job);
        assert_eq!((heard(&mut end), heard(&mut everything)), (true, true));
        assert_eq!((heard(&mut end), heard(&mut everything)), (false, false));
    }

    #[test]
    fn news_between_the_mark_and_the_wait_is_heard() {
        let (watched, job) = (Watched::default(), JobId::new());
        let mut watch = watched.everything_of(job);
        watched.changed(job);
        watch.mark();
        assert!(!heard(&mut watch));
        watched.changed(job);
        assert!(heard(&mut watch));
    }

    #[test]
    fn who_may_have_missed_something_looks() {
        let watched = Watched::default();
        let (mut end, mut everything) = (watched.end_of(JobId::new()), watched.everything_of(JobId::new()));
        watched.missed();
        assert_eq!((heard(&mut end), heard(&mut everything)), (true, true));
    }

    #[test]
    fn a_look_tells_what_it_finds_first_and_then_what_is_otherwise() {
        let (watched, job) = (Watched::default(), JobId::new());
        let mut watch = watched.everything_of(job);
        let queued = || Some(("queued".to_owned(), 0));
        for (standing, news) in [(queued(), true), (queued(), false), (None, true), (None, false)] {
            watched.stands(job, standing);
            assert_eq!(heard(&mut watch), news);
        }
    }

    #[test]
    fn a_job_that_nobody_waits_for_any_more_is_forgotten() {
        let (watched, job) = (Watched::default(), JobId::new());
        let (one, other) = (watched.everything_of(job), watched.end_of(job));
        assert_eq!(watched.followed(), [job]);
        drop(one);
        assert!(watched.followed().is_empty() && watched.0.lock().len() == 1);
        drop(other);
        assert!(watched.0.lock().is_empty());
    }
}
