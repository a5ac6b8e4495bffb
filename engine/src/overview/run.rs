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
use crate::trace;

/// The name under which the look is led.
const NAME: &str = "overview";
/// A look costs this share of the leader's time at most.
const SHARE: u32 = 50;
/// A leader that is silent for so many of its looks has gone.
const LOOKS_A_LEASE: u32 = 3;
/// No lease is shorter, however often it is looked.
const LEAST_LEASE: Duration = Duration::from_secs(10);
/// How often processes agree on who is busy.
const BUSY_EVERY: Duration = Duration::from_secs(60);
/// What a process that ends gives the database to hear of it.
const STEP_DOWN: Duration = Duration::from_secs(5);

/// Leads the look, or waits to, until `ended`.
pub async fn run(engine: Engine, options: OverviewOptions, ended: CancellationToken) {
    let process = WorkerId::new();
    let mut leading: Option<Leadership> = None;
    let mut told_busy: Option<Instant> = None;
    let mut pause = Duration::ZERO;
    loop {
        tokio::select! {
            () = sleep(pause.mul_f64(rand::rng().random_range(0.9..1.0))) => {}
            () = ended.cancelled() => break,
        }
        if told_busy.is_none_or(|told| told.elapsed() >= BUSY_EVERY) {
            told_busy = Some(Instant::now());
            look_around(&engine, process, &options).await;
        }
        // Long enough for the next look, which a slow one puts off.
        let lease = (pause.max(options.every) * LOOKS_A_LEASE).max(LEAST_LEASE);
        leading = ask(&engine, process, lease).await;
        pause = match &leading {
            Some(_) => look(&engine, &options).await.max(options.every),
            None => {
                engine.meter().overview(None);
                options.every
            }
        };
    }
    engine.meter().overview(None);
    if let Some(leadership) = leading {
        let stepped = timeout(STEP_DOWN, leadership.step_down(&engine.db)).await;
        if let Err(error) = stepped.unwrap_or_else(|_| Err(DatabaseError::timed_out())) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the lead is not given up; it runs out");
        }
    }
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

/// Looks, and lets the meter tell what was found; gives the least pause until the next look. What cannot be looked at is
/// not told: an old number would look like a good one.
async fn look(engine: &Engine, options: &OverviewOptions) -> Duration {
    let began = Instant::now();
    let found = answered(look_once(engine, options)).await;
    if let Err(error) = &found {
        tracing::warn!(error = error as &dyn std::error::Error, "the whole was not looked at");
    }
    engine.meter().overview(found.ok());
    began.elapsed() * SHARE
}

/// How the whole stands now.
///
/// # Errors
/// When the database is away.
pub async fn look_once(engine: &Engine, options: &OverviewOptions) -> Result<Overview, DatabaseError> {
    let began = Instant::now();
    trace::forget_old(&engine.db).await?;
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
