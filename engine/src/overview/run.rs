//! When does who look? Whoever leads, every some seconds, and never for more than a share of its time.

use std::time::{Duration, Instant, SystemTime};

use rand::Rng;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::OverviewOptions;
use super::around::around;
use super::busy::tell_busy;
use super::queue::{Depth, depth};
use crate::Engine;
use crate::db::{DatabaseError, answered};
use crate::duty::{Leadership, lead};
use crate::id::WorkerId;
use crate::metrics::Overview;
use crate::migrate;

/// The name under which the look is led.
const NAME: &str = "overview";
/// A look costs this share of the leader's time at most.
const SHARE: u32 = 50;
/// How often a lease is renewed before it runs out.
const RENEWALS_PER_LEASE: u32 = 3;
/// So many looks that fail in a row, and another process may try.
const MOST_FAILURES: u32 = 3;
/// No lease is shorter, however often it is looked.
const LEAST_LEASE: Duration = Duration::from_secs(10);
/// Nor is one longer, however seldom it is looked: nobody looks until that of a leader who is gone has run out.
const LONGEST_LEASE: Duration = Duration::from_secs(60);
/// How often processes agree on who is busy.
const BUSY_EVERY: Duration = Duration::from_secs(60);
/// What a process that ends gives the database to hear of it.
const STEP_DOWN: Duration = Duration::from_secs(5);

/// Leads the look, or waits to, until `ended`.
pub async fn run(engine: Engine, options: OverviewOptions, ended: CancellationToken) {
    let process = WorkerId::new();
    // Whatever a look costs, and however long the next one is put off by it: the lease is renewed on its own.
    let lease = (options.every * RENEWALS_PER_LEASE).clamp(LEAST_LEASE, LONGEST_LEASE);
    let tick = lease / RENEWALS_PER_LEASE;
    let mut leading: Option<Leadership> = None;
    let mut told_busy: Option<Instant> = None;
    let mut next_look = Instant::now();
    let mut failures = 0;
    let mut pause = Duration::ZERO;
    loop {
        tokio::select! {
            () = sleep(pause) => {}
            () = ended.cancelled() => break,
        }
        if told_busy.is_none_or(|told| told.elapsed() >= BUSY_EVERY) {
            told_busy = Some(Instant::now());
            look_around(&engine, process, &options).await;
        }
        leading = ask(&engine, process, lease).await;
        if leading.is_some() && next_look <= Instant::now() {
            let looked = tokio::select! {
                looked = look(&engine, &options) => looked,
                () = deposed(&engine, process, lease) => {
                    leading = None;
                    Looked::Failed
                }
                () = ended.cancelled() => break,
            };
            let wait = match looked {
                Looked::Found(took) => {
                    failures = 0;
                    (took * SHARE).max(options.every)
                }
                Looked::Failed => {
                    failures += 1;
                    options.every
                }
            };
            next_look = Instant::now() + jittered(wait);
        }
        if failures >= MOST_FAILURES
            && let Some(leadership) = leading.take()
        {
            step_down(&engine, leadership).await;
            // Whoever waits asks in the meantime.
            pause = tick * 2;
        } else {
            pause = jittered(tick);
        }
        if leading.is_some() {
            pause = pause.min(next_look.saturating_duration_since(Instant::now()));
        } else {
            engine.meter().overview(None);
            failures = 0;
            next_look = Instant::now();
        }
    }
    engine.meter().overview(None);
    if let Some(leadership) = leading {
        step_down(&engine, leadership).await;
    }
}

/// A little less, so that processes which began together do not ask together.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(0.9..1.0))
}

async fn ask(engine: &Engine, process: WorkerId, lease: Duration) -> Option<Leadership> {
    match answered(lead(&engine.db, NAME, process, lease)).await {
        Ok(leadership) => leadership,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not known who looks at the whole");
            None
        }
    }
}

/// Renews the lease while a look takes its time; comes back when that fails.
async fn deposed(engine: &Engine, process: WorkerId, lease: Duration) {
    loop {
        sleep(lease / RENEWALS_PER_LEASE).await;
        if ask(engine, process, lease).await.is_none() {
            return;
        }
    }
}

async fn step_down(engine: &Engine, leadership: Leadership) {
    let stepped = timeout(STEP_DOWN, leadership.step_down(&engine.db)).await;
    if let Err(error) = stepped.unwrap_or_else(|_| Err(DatabaseError::timed_out())) {
        tracing::warn!(error = &error as &dyn std::error::Error, "the lead is not given up; it runs out");
    }
}

/// What came of a look.
enum Looked {
    /// It took so long.
    Found(Duration),
    /// The database did not tell.
    Failed,
}

/// Looks, and lets the meter tell what was found. What cannot be looked at is not told: an old number would look like a
/// good one.
async fn look(engine: &Engine, options: &OverviewOptions) -> Looked {
    let began = Instant::now();
    let found = answered(look_once(engine, options)).await;
    let looked = match &found {
        Ok(_) => Looked::Found(began.elapsed()),
        Err(error) => {
            tracing::warn!(error = error as &dyn std::error::Error, "the whole was not looked at");
            Looked::Failed
        }
    };
    engine.meter().overview(found.ok());
    looked
}

/// How the whole stands now.
///
/// # Errors
/// When the database is away.
pub async fn look_once(engine: &Engine, options: &OverviewOptions) -> Result<Overview, DatabaseError> {
    let began = Instant::now();
    let Depth { kinds, tenants } = depth(engine, options.starved_after).await?;
    let around = around(&engine.db).await?;
    Ok(Overview {
        kinds,
        tenants,
        all_tenants: around.tenants,
        tenants_behind: around.tenants_behind,
        webhooks_waiting: around.webhooks_waiting,
        webhooks_oldest_seconds: around.webhooks_oldest_seconds,
        schedules_due: around.schedules_due,
        schedules_late_seconds: around.schedules_late_seconds,
        database: around.database,
        took: began.elapsed(),
        at: SystemTime::now(),
    })
}

/// What each process looks at for itself: who is busy, and whether it is newer than the database.
async fn look_around(engine: &Engine, process: WorkerId, options: &OverviewOptions) {
    match answered(migrate::behind(&engine.db)).await {
        Ok(behind) => engine.meter().behind(behind),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not known how new the database is");
        }
    }
    if let Err(error) = answered(tell_busy(&engine.db, process, options.window)).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "not known which tenants are busy");
    }
}
