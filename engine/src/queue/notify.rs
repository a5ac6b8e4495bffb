//! Who hears at once that something happened? Whoever listens; whoever does not, polls.
//!
//! A notification is a hint and never the truth. It is sent after the commit and by a connection of
//! its own: NOTIFY inside the writing transaction takes a lock at its commit that stops Postgres from
//! committing several in one go (measured: 1,000 inserts a second became 250). Hints of a few
//! milliseconds travel together.

use std::collections::HashSet;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::db::Db;
use crate::id::JobId;

const CHANNEL: &str = "esteira";
/// Hints that come within this time of the first are sent by the same statement.
const GATHER: Duration = Duration::from_millis(3);
/// The most hints of one statement; more than these wait for the poll.
const MOST: usize = 200;
/// How often the listener looks whether anybody is left to tell.
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
}

impl std::fmt::Display for Signal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Queued(kind) => write!(f, "q:{kind}"),
            Self::Cancel(job) => write!(f, "c:{job}"),
            Self::Final(job) => write!(f, "f:{job}"),
        }
    }
}

impl FromStr for Signal {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(':').ok_or(())? {
            ("q", kind) => Ok(Self::Queued(kind.to_owned())),
            ("c", job) => job.parse().map(Self::Cancel).map_err(|_| ()),
            ("f", job) => job.parse().map(Self::Final).map_err(|_| ()),
            _ => Err(()),
        }
    }
}

/// Sends hints, after the commit.
#[derive(Debug, Clone)]
pub struct Notifier(mpsc::UnboundedSender<Signal>);

impl Notifier {
    /// Starts the sender; it ends when the last clone is dropped.
    #[must_use]
    pub fn start(db: Db) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(send_all(db, receiver));
        Self(sender)
    }

    /// Sends a hint, soon.
    pub fn send(&self, signal: Signal) {
        // The receiver ends with the process only; a hint that nobody sends is covered by the polls.
        let _unsent = self.0.send(signal);
    }
}

async fn send_all(db: Db, mut receiver: mpsc::UnboundedReceiver<Signal>) {
    while let Some(first) = receiver.recv().await {
        let mut signals = HashSet::from([first]);
        let until = Instant::now() + GATHER;
        while signals.len() < MOST {
            match timeout_at(until, receiver.recv()).await {
                Ok(Some(signal)) => signals.insert(signal),
                Ok(None) | Err(_) => break,
            };
        }
        let payloads: Vec<String> = signals.iter().map(ToString::to_string).collect();
        let sent =
            sqlx::query!("select pg_notify($1, hint) from unnest($2::text[]) as hint", CHANNEL, &payloads)
                .fetch_all(db.pool())
                .await;
        if let Err(error) = sent {
            tracing::debug!(error = &error as &dyn std::error::Error, "hints not sent; polls will find out");
        }
    }
}

/// Hears hints, for everybody in this process, on one connection.
#[derive(Debug, Clone)]
pub struct Hub(broadcast::Sender<Signal>);

impl Hub {
    /// Starts listening, and goes on trying while the database is away.
    #[must_use]
    pub fn start(db: Db) -> Self {
        let (sender, _) = broadcast::channel(1024);
        let listeners = sender.downgrade();
        tokio::spawn(async move {
            let mut told = false;
            // Ends with the last handle on the hub.
            while listeners.strong_count() > 0 {
                if let Err(error) = listen(&db, &listeners).await {
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
        Self(sender)
    }

    /// Hears from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Signal> {
        self.0.subscribe()
    }
}

async fn listen(db: &Db, hub: &broadcast::WeakSender<Signal>) -> Result<(), sqlx::Error> {
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_lazy_with(db.direct().clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = match timeout(LOOK_AROUND, listener.recv()).await {
            Ok(notification) => Some(notification?),
            Err(_) => None,
        };
        let Some(hub) = hub.upgrade() else { return Ok(()) };
        if let Some(signal) = notification.and_then(|notification| notification.payload().parse().ok()) {
            // Nobody waits at the moment: fine.
            let _unheard = hub.send(signal);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_survives_its_payload() {
        for signal in
            [Signal::Queued("a.b".into()), Signal::Cancel(JobId::new()), Signal::Final(JobId::new())]
        {
            assert_eq!(signal.to_string().parse(), Ok(signal));
        }
    }
}
