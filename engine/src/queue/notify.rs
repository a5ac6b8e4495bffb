//! Who hears at once that something happened? Whoever listens; whoever does not, polls.
//!
//! A notification is a hint and never the truth. It is sent after the commit and by a connection of
//! its own: NOTIFY inside the writing transaction takes a lock at its commit that stops Postgres from
//! committing several in one go (measured: 1,000 inserts a second became 250). Hints of a few
//! milliseconds travel together.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::look::{LOOK_EVERY, look};
use super::watched::{Watch, Watched};
use crate::db::{Db, answered};
use crate::id::{JobId, TenantId};

const CHANNEL: &str = "esteira";
/// Hints that come within this time of the last statement are sent together; one after a pause is sent at once.
const GATHER: Duration = Duration::from_millis(3);
/// The most hints of one statement.
const MOST: usize = 2_000;
/// A payload has less than 8,000 bytes, and an id with its comma 33.
const IDS_A_PAYLOAD: usize = 200;
/// How often the listener looks whether anybody is left to tell, and whether anybody would tell it.
const LOOK_AROUND: Duration = Duration::from_secs(10);

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Signal {
    /// There is a queued job of a kind.
    Queued(String),
    /// A running job is to be cancelled.
    Cancel(JobId),
    /// A job is final.
    Final(JobId),
    /// Something happened to a job that goes on, of which its followers would want to know.
    Changed(JobId),
    /// Keys, state or limits of a tenant are not what they were; anybody's, where it is not told whose. The database
    /// tells it (`esteira.tell_access`).
    Access(Option<TenantId>),
}

/// The texts that carry some signals, with the process that they come from, which need not hear them; what happens to
/// jobs many to a text: each notification costs every listener a wake-up, and a busy worker ends thousands of jobs a second.
fn payloads(origin: u32, signals: &HashSet<Signal>) -> Vec<String> {
    let mut payloads = Vec::new();
    let (mut finals, mut changed) = (Vec::new(), Vec::new());
    for signal in signals {
        match signal {
            Signal::Queued(kind) => payloads.push(format!("q:{kind}")),
            Signal::Cancel(job) => payloads.push(format!("c:{job}")),
            Signal::Final(job) => finals.push(job.0.simple().to_string()),
            Signal::Changed(job) => changed.push(job.0.simple().to_string()),
            Signal::Access(whose) => {
                payloads.push(format!("a:{}", whose.map(|id| id.to_string()).unwrap_or_default()));
            }
        }
    }
    for (letter, jobs) in [("f", finals), ("p", changed)] {
        payloads.extend(jobs.chunks(IDS_A_PAYLOAD).map(|ids| format!("{letter}:{}", ids.join(","))));
    }
    payloads.into_iter().map(|payload| format!("{origin:08x} {payload}")).collect()
}

/// The signals of a text that another process sent; what cannot be read is another version's, and nothing is lost
/// without it.
fn signals(origin: u32, payload: &str) -> Vec<Signal> {
    let id = |text: &str| text.parse().map(JobId).ok();
    let Some((from, payload)) = payload.split_once(' ') else { return Vec::new() };
    if u32::from_str_radix(from, 16) == Ok(origin) {
        return Vec::new();
    }
    match payload.split_once(':') {
        Some(("q", kind)) => vec![Signal::Queued(kind.to_owned())],
        Some(("c", job)) => id(job).map(Signal::Cancel).into_iter().collect(),
        Some(("a", whose)) => vec![Signal::Access(whose.parse().map(TenantId).ok())],
        Some(("f", jobs)) => jobs.split(',').filter_map(id).map(Signal::Final).collect(),
        Some(("p", jobs)) => jobs.split(',').filter_map(id).map(Signal::Changed).collect(),
        _ => Vec::new(),
    }
}

/// Sends hints, after the commit.
#[derive(Debug, Clone)]
pub struct Notifier {
    to_others: mpsc::UnboundedSender<Signal>,
    hub: Hub,
}

impl Notifier {
    /// Starts the sender; it ends when the last clone is dropped.
    #[must_use]
    pub fn start(db: Db, hub: Hub) -> Self {
        let (to_others, receiver) = mpsc::unbounded_channel();
        tokio::spawn(send_all(db, hub.origin, receiver));
        Self { to_others, hub }
    }

    /// Sends a hint: to this process at once, to others soon.
    pub fn send(&self, signal: Signal) {
        self.hub.hear(signal.clone());
        // The receiver ends with the process only; a hint that nobody sends is covered by the polls.
        let _unsent = self.to_others.send(signal);
    }
}

async fn send_all(db: Db, origin: u32, mut receiver: mpsc::UnboundedReceiver<Signal>) {
    let mut until = Instant::now();
    while let Some(first) = receiver.recv().await {
        let mut signals = HashSet::from([first]);
        while signals.len() < MOST {
            match timeout_at(until, receiver.recv()).await {
                Ok(Some(signal)) => signals.insert(signal),
                Ok(None) | Err(_) => break,
            };
        }
        until = Instant::now() + GATHER;
        // A hint that a crash forgets is one that a poll makes up for: nobody waits for the disk.
        let sent = sqlx::query!(
            "select set_config('synchronous_commit', 'off', true) as off, pg_notify($1, hint)::text as sent
             from unnest($2::text[]) as hint",
            CHANNEL,
            &payloads(origin, &signals)
        )
        .fetch_all(db.pool());
        if let Err(error) = answered(async { Ok(sent.await?) }).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "hints not sent; polls will find out");
        }
    }
}

/// Hears hints, for everybody in this process, on one connection.
#[derive(Debug, Clone)]
pub struct Hub {
    /// Which process this is.
    origin: u32,
    /// Queued jobs and cancels, for workers.
    work: broadcast::Sender<Signal>,
    /// What happens to jobs, for those who wait for just these.
    watched: Watched,
    /// Whether hints of other processes are heard at the moment.
    listening: Arc<AtomicBool>,
}

impl Hub {
    /// Starts listening, and goes on trying while the database is away.
    #[must_use]
    pub fn start(db: Db) -> Self {
        let (work, _) = broadcast::channel(1024);
        let hub = Self {
            origin: rand::random(),
            work,
            watched: Watched::default(),
            listening: Arc::new(AtomicBool::new(false)),
        };
        let ears = Ears {
            origin: hub.origin,
            work: hub.work.downgrade(),
            watched: hub.watched.clone(),
            listening: Arc::clone(&hub.listening),
        };
        tokio::spawn(ears.clone().look_around(db.clone()));
        tokio::spawn(ears.listen_on(db));
        hub
    }

    /// Tells this process alone.
    pub(crate) fn hear(&self, signal: Signal) {
        hear(&self.work, &self.watched, signal);
    }

    /// Hears of queued jobs and cancels from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Signal> {
        self.work.subscribe()
    }

    /// Hears of the end of one job from now on.
    pub fn watch(&self, job: JobId) -> Watch {
        self.watched.end_of(job)
    }

    /// Hears of everything that happens to one job from now on.
    pub fn follow(&self, job: JobId) -> Watch {
        self.watched.everything_of(job)
    }

    /// Whether hints of other processes are heard at the moment.
    pub fn is_listening(&self) -> bool {
        self.listening.load(Ordering::Relaxed)
    }
}

/// The hub as its own tasks hold it: they end with the last handle of anybody else.
#[derive(Clone)]
struct Ears {
    origin: u32,
    work: broadcast::WeakSender<Signal>,
    watched: Watched,
    listening: Arc<AtomicBool>,
}

impl Ears {
    /// Listens for ever; what cannot be heard for a while is found by polls.
    async fn listen_on(self, db: Db) {
        let mut told = false;
        while self.work.strong_count() > 0 {
            let ended = self.listen(&db).await;
            self.listening.store(false, Ordering::Relaxed);
            if let Err(error) = ended {
                // Once aloud: without hints everything works, by polls, and slower.
                if std::mem::replace(&mut told, true) {
                    tracing::debug!(error = &error as &dyn std::error::Error, "still not listening");
                } else {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "not listening for hints; polls go on"
                    );
                }
            }
            sleep(Duration::from_secs(1)).await;
        }
    }

    /// Looks for ever at the jobs that are followed.
    async fn look_around(self, db: Db) {
        while self.work.strong_count() > 0 {
            if let Err(error) = look(&db, &self.watched).await {
                tracing::debug!(error = &error as &dyn std::error::Error, "followed jobs not looked at");
            }
            sleep(LOOK_EVERY).await;
        }
    }

    async fn listen(&self, db: &Db) -> Result<(), sqlx::Error> {
        let pool =
            sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_lazy_with(db.direct().clone());
        let mut listener = PgListener::connect_with(&pool).await?;
        // A connection that breaks is made anew by the caller: what was said meanwhile is lost, and somebody must say so.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        self.listening.store(true, Ordering::Relaxed);
        // Whatever was told in the meantime was not heard.
        self.watched.missed();
        if let Some(work) = self.work.upgrade() {
            hear(&work, &self.watched, Signal::Access(None));
        }
        loop {
            let notification = match timeout(LOOK_AROUND, listener.try_recv()).await {
                Ok(Ok(Some(notification))) => Some(notification),
                Ok(Ok(None)) => return Err(sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into())),
                Ok(Err(error)) => return Err(error),
                Err(_) => None,
            };
            let Some(work) = self.work.upgrade() else { return Ok(()) };
            let Some(notification) = notification else {
                // Silence is what a dead connection sounds like, too. To listen once more changes nothing.
                timeout(LOOK_AROUND, sqlx::query("listen esteira").execute(&mut listener))
                    .await
                    .map_err(|_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))??;
                continue;
            };
            for signal in signals(self.origin, notification.payload()) {
                hear(&work, &self.watched, signal);
            }
        }
    }
}

fn hear(work: &broadcast::Sender<Signal>, watched: &Watched, signal: Signal) {
    match signal {
        Signal::Final(job) => watched.ended(job),
        Signal::Changed(job) => watched.changed(job),
        signal @ (Signal::Queued(_) | Signal::Cancel(_) | Signal::Access(_)) => {
            // Nobody waits at the moment: fine.
            let _unheard = work.send(signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_survive_their_payloads_and_what_happens_to_jobs_travels_together() {
        let ends = (0..450).map(|_| Signal::Final(JobId::new()));
        let changes = (0..250).map(|_| Signal::Changed(JobId::new()));
        let sent: HashSet<Signal> = ends
            .chain([Signal::Queued("a.b".into()), Signal::Cancel(JobId::new())])
            .chain([Signal::Access(None), Signal::Access(Some(TenantId(7)))])
            .chain(changes)
            .collect();
        let texts = payloads(1, &sent);
        assert_eq!(texts.len(), 9);
        assert!(texts.iter().all(|text| text.len() < 8_000));
        assert_eq!(texts.iter().flat_map(|text| signals(2, text)).collect::<HashSet<_>>(), sent);
        // They were heard already where they come from.
        assert!(texts.iter().all(|text| signals(1, text).is_empty()));
    }

    #[test]
    fn a_text_of_another_version_is_no_signal() {
        assert_eq!(signals(2, "00000001 x:y"), []);
        assert_eq!(signals(2, "00000001 f:not-an-id"), []);
        assert_eq!(signals(2, "q:a.b"), []);
    }

    #[test]
    fn what_the_database_tells_is_heard_by_every_process() {
        assert_eq!(signals(2, "- a:7"), [Signal::Access(Some(TenantId(7)))]);
        assert_eq!(signals(2, "- a:"), [Signal::Access(None)]);
    }
}
