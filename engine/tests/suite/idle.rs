//! What does a worker without work cost the database?

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::thread::{ThreadId, current};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::harness::{HERE, HOSTILE, Harness};
use crate::worker::Running;

/// Longer than any beat is late.
const PATIENCE: Duration = Duration::from_secs(30);

/// Hears of each statement that a thread sends, by the events of the database's client.
struct Statements {
    of: ThreadId,
    heard: mpsc::UnboundedSender<(Instant, String)>,
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if current().id() == self.of {
            let mut summary = Summary::default();
            event.record(&mut summary);
            let _over = self.heard.send((Instant::now(), summary.0));
        }
    }
}

#[derive(Default)]
struct Summary(String);

impl Visit for Summary {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// Somebody else does what only one process may do at a time.
async fn led_elsewhere(h: &Harness) {
    sqlx::query(
        "insert into esteira.leaders (name, holder, term, lease_until)
         select name, gen_random_uuid(), 1, esteira.now() + interval '1 hour'
         from unnest(array['retention', 'webhooks', 'search']) as name",
    )
    .execute(&h.pool)
    .await
    .unwrap();
}

#[tokio::test]
async fn an_idle_worker_asks_twice_a_second_at_most_however_many_kinds_it_has() {
    let h = Harness::new().await;
    led_elsewhere(&h).await;
    let (sender, mut statements) = mpsc::unbounded_channel();
    // Everything of this test runs on this thread. For all threads nevertheless: what others have found disabled before
    // would stay so.
    let statements_of_this_thread = Statements { of: current().id(), heard: sender }
        .with_filter(Targets::new().with_target("sqlx::query", Level::DEBUG));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(statements_of_this_thread))
        .unwrap();
    let worker = Running::start(&h, |options| {
        options.slots = BTreeMap::from([(HERE.into(), 2), (HOSTILE.into(), 2)]);
    })
    .await;
    let mut seen = Vec::new();
    let (mut first, mut beats) = (None, 0);
    // The first beats are of its beginning.
    while beats < 6 {
        let (at, summary) = timeout(PATIENCE, statements.recv()).await.unwrap().unwrap();
        beats += usize::from(summary.starts_with("with beat as"));
        match first {
            None if beats == 2 => first = Some(at),
            None => {}
            // Behind a pooler each statement has a transaction of its own.
            Some(_) if summary == "COMMIT" => {}
            Some(_) => seen.push(summary),
        }
    }
    let watched = first.unwrap().elapsed().as_secs_f64();
    let a_second = seen.len() as f64 / watched;
    assert!(watched > 5.0, "beats are some seconds apart: {watched}");
    assert!(a_second <= 2.0, "{a_second:.2} statements a second: {seen:#?}");
    worker.stop().await;
}
