//! How is a job followed to its end? By reading on after the last event, whenever there is news.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::{Event, EventPlace, Timeline, Timelines};
use crate::db::DatabaseError;
use crate::id::JobId;
use crate::queue::Hub;
use crate::queue::watched::Watch;
use crate::tenant::Tenant;

/// How often a follower reads without news, in case that some got lost on the way.
const READ_EVERY: Duration = Duration::from_secs(15);
/// The same while this process hears no hints of others.
const READ_EVERY_WHEN_DEAF: Duration = Duration::from_secs(2);
/// How long it waits before it asks a database again that was away.
const PAUSE: Duration = Duration::from_secs(1);

/// A job that somebody follows, and how far.
#[derive(Debug)]
pub struct Follow {
    timelines: Timelines,
    hub: Hub,
    watch: Watch,
    tenant: Arc<Tenant>,
    job: JobId,
    after: EventPlace,
    /// What was read and not given yet.
    read: Option<Timeline>,
    is_over: bool,
}

impl Follow {
    /// Follows a job from the event after `after` on; `None` when the tenant has no such job.
    ///
    /// # Errors
    /// When the database is away.
    pub(crate) async fn start(
        timelines: Timelines,
        hub: Hub,
        tenant: Tenant,
        job: JobId,
        after: EventPlace,
    ) -> Result<Option<Self>, DatabaseError> {
        // Before the read, so that no news falls between the two.
        let watch = hub.follow(job);
        let tenant = Arc::new(tenant);
        let Some(read) = timelines.read(&tenant, job, after).await? else { return Ok(None) };
        let is_over = read.is_final && read.events.is_empty();
        Ok(Some(Self { timelines, hub, watch, tenant, job, after, read: Some(read), is_over }))
    }

    /// Whether everything was given, up to the end of the job.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// The next events, as soon as there are any; `None` after the last one of a final job. A database that is away
    /// for a while is waited for. May be dropped while it waits, without losing an event.
    ///
    /// # Errors
    /// When the events cannot be read, and will not be.
    pub async fn next(&mut self) -> Result<Option<Vec<Event>>, DatabaseError> {
        while !self.is_over {
            let Some(Timeline { events, is_final }) = self.read.take() else {
                self.read_on().await?;
                continue;
            };
            self.is_over = is_final;
            if let Some(last) = events.last() {
                self.after = last.place;
                return Ok(Some(events));
            }
        }
        Ok(None)
    }

    /// Waits for news and reads.
    async fn read_on(&mut self) -> Result<(), DatabaseError> {
        let longest = if self.hub.is_listening() { READ_EVERY } else { READ_EVERY_WHEN_DEAF };
        let _without_news = timeout(longest, self.watch.news()).await;
        loop {
            self.watch.mark();
            match self.timelines.read(&self.tenant, self.job, self.after).await {
                Ok(Some(timeline)) => {
                    self.read = Some(timeline);
                    return Ok(());
                }
                // It was removed, with its tenant or because it was old enough.
                Ok(None) => {
                    self.is_over = true;
                    return Ok(());
                }
                Err(error) if error.is_unavailable() => {
                    tracing::debug!(error = &error as &dyn std::error::Error, "a followed job was not read");
                    sleep(PAUSE).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}
