//! How do events of a job flow to one watcher? As they come, until the job is over or the watcher has to come again.

use std::time::Duration;

use axum::response::sse::Event;
use esteira_engine::id::{JobId, TenantId};
use esteira_engine::queue::Follow;
use futures::stream::{self, Stream, StreamExt};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::limit::Place;
use crate::view::EventView;

/// When a watcher whose connection breaks shall come again.
const AGAIN: Duration = Duration::from_secs(1);
/// Those that are sent away together come again within this time, spread over it.
const SPREAD: u64 = 4_000;

/// A stream that is open.
pub(super) struct Open {
    /// The job, and how far it was followed.
    pub follow: Follow,
    /// The job.
    pub job: JobId,
    /// When the watcher has to come again, and show a token that is still good.
    pub until: Instant,
    /// Cancelled when the server stops.
    pub closing: CancellationToken,
    /// The places that the stream takes, free again when it ends.
    pub _places: (Place<TenantId>, Place<()>),
}

impl Open {
    /// What is sent: first when to come again should the connection break, then what happens.
    pub fn events(self) -> impl Stream<Item = Result<Event, axum::Error>> + Send + 'static {
        let first = Ok(Event::default().retry(AGAIN));
        let rest = stream::unfold(Some(self), |open| async move { open?.next().await });
        stream::once(async move { first }).chain(rest.flat_map(stream::iter))
    }

    /// The next events, and the stream if it goes on after them.
    async fn next(mut self) -> Option<(Vec<Result<Event, axum::Error>>, Option<Self>)> {
        let events = tokio::select! {
            // A stream whose job is over ends as such, also when the server stops at the same time.
            biased;
            events = self.follow.next() => events,
            () = sleep_until(self.until) => return Some((vec![self.goodbye()], None)),
            () = self.closing.cancelled() => return Some((vec![self.goodbye()], None)),
        };
        match events {
            Ok(Some(events)) => {
                Some((events.into_iter().map(|event| told(&EventView::from(event))).collect(), Some(self)))
            }
            Ok(None) => None,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, job.id = %self.job, "a stream broke");
                Some((vec![self.goodbye()], None))
            }
        }
    }

    /// When to come again. The end of an id is random, so watchers of many jobs do not come all at once.
    fn goodbye(&self) -> Result<Event, axum::Error> {
        let (_, random) = self.job.0.as_u64_pair();
        Ok(Event::default().retry(AGAIN / 2 + Duration::from_millis(random % SPREAD)))
    }
}

fn told(event: &EventView) -> Result<Event, axum::Error> {
    Event::default().id(&event.id).event(event.what.name()).json_data(event)
}
