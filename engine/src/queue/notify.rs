//! Who hears at once that something happened? Whoever listens; whoever does not, polls.
//!
//! A notification is a hint and never the truth. It is sent after the commit and by a connection of
//! its own: NOTIFY inside the writing transaction takes a lock at its commit that stops Postgres from
//! committing several in one go (measured: 1,000 inserts a second became 250). Hints of a few
//! milliseconds travel together.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sqlx::postgres::PgListener;
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::time::{Instant, sleep, timeout, timeout_at};

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
const LOOK_AROUND: Duration = Duration::from_secs(5);

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Signal {
    /// There is a queued job of a kind.
    Queued(String),
    /// A running job is to be cancelled.
    Cancel(JobId),
    /// A job is final.
    Final(JobId),
    /// Keys, state or limits of a tenant are not what they were; anybody's, where it is not told whose. The database
    /// tells it (`esteira.tell_access`).
    Access(Option<TenantId>),
}

/// The texts that carry some signals, with the process that they come from, which need not hear them; the ends of jobs many to a text: each notification costs every
/// listener a wake-up, and a busy worker ends thousands of jobs a second.
fn payloads(origin: u32, signals: &HashSet<Signal>) -> Vec<String> {
    let mut payloads = Vec::new();
    let mut finals = Vec::new();
    for signal in signals {
        match signal {
            Signal::Queued(kind) => payloads.push(format!("q:{kind}")),
            Signal::Cancel(job) => payloads.push(format!("c:{job}")),
            Signal::Final(job) => finals.push(job.0.simple().to_string()),
            Signal::Access(whose) => {
                payloads.push(format!("a:{}", whose.map(|id| id.to_string()).unwrap_or_default()));
            }
        }
    }
    payloads.extend(finals.chunks(IDS_A_PAYLOAD).map(|ids| format!("f:{}", ids.join(","))));
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
    /// Ends of jobs, for those who wait for just that job.
    ends: Arc<Ends>,
}

/// Who waits for the end of which job?
#[derive(Debug, Default)]
struct Ends(Mutex<HashMap<JobId, (usize, Arc<Notify>)>>);

/// Somebody waits for the end of a job, as long as this lives.
#[derive(Debug)]
pub struct Watch {
    job: JobId,
    ends: Arc<Ends>,
    /// Wakes whoever waits when the job has ended.
    pub ended: Arc<Notify>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut waiting = self.ends.0.lock();
        if let Some((count, _)) = waiting.get_mut(&self.job) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.job);
            }
        }
    }
}

impl Hub {
    /// Starts listening, and goes on trying while the database is away.
    #[must_use]
    pub fn start(db: Db) -> Self {
        let (work, _) = broadcast::channel(1024);
        let origin = rand::random();
        let (listeners, ends) = (work.downgrade(), Arc::new(Ends::default()));
        let of_listener = Arc::clone(&ends);
        tokio::spawn(async move {
            let mut told = false;
            // Ends with the last handle on the hub.
            while listeners.strong_count() > 0 {
                if let Err(error) = listen(&db, origin, &listeners, &of_listener).await {
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
        });
        Self { origin, work, ends }
    }

    fn hear(&self, signal: Signal) {
        hear(&self.work, &self.ends, signal);
    }

    /// Hears of queued jobs and cancels from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Signal> {
        self.work.subscribe()
    }

    /// Hears of the end of one job from now on.
    pub fn watch(&self, job: JobId) -> Watch {
        let mut waiting = self.ends.0.lock();
        let (count, ended) = waiting.entry(job).or_default();
        *count += 1;
        Watch { job, ends: Arc::clone(&self.ends), ended: Arc::clone(ended) }
    }
}

fn hear(work: &broadcast::Sender<Signal>, ends: &Ends, signal: Signal) {
    match signal {
        Signal::Final(job) => {
            if let Some((_, ended)) = ends.0.lock().get(&job) {
                ended.notify_waiters();
            }
        }
        signal => {
            // Nobody waits at the moment: fine.
            let _unheard = work.send(signal);
        }
    }
}

async fn listen(
    db: &Db,
    origin: u32,
    work: &broadcast::WeakSender<Signal>,
    ends: &Ends,
) -> Result<(), sqlx::Error> {
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_lazy_with(db.direct().clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    // Whatever was told in the meantime was not heard.
    if let Some(work) = work.upgrade() {
        hear(&work, ends, Signal::Access(None));
    }
    loop {
        let notification = match timeout(LOOK_AROUND, listener.recv()).await {
            Ok(notification) => Some(notification?),
            Err(_) => None,
        };
        let Some(work) = work.upgrade() else { return Ok(()) };
        let Some(notification) = notification else {
            // Silence is what a dead connection sounds like, too.
            timeout(LOOK_AROUND, sqlx::query("select").execute(&mut listener))
                .await
                .map_err(|_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))??;
            continue;
        };
        for signal in signals(origin, notification.payload()) {
            hear(&work, ends, signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_survive_their_payloads_and_ends_travel_together() {
        let ends = (0..450).map(|_| Signal::Final(JobId::new()));
        let sent: HashSet<Signal> = ends
            .chain([Signal::Queued("a.b".into()), Signal::Cancel(JobId::new())])
            .chain([Signal::Access(None), Signal::Access(Some(TenantId(7)))])
            .collect();
        let texts = payloads(1, &sent);
        assert_eq!(texts.len(), 7);
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
