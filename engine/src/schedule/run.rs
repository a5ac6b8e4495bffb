//! When are schedules looked at? In the moment when something is due, and now and then besides; by whoever leads.

use std::time::Duration;

use rand::Rng;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::{FireError, Fired, ScheduleOptions, fire_once};
use crate::Engine;
use crate::db::{DatabaseError, answered};
use crate::duty::{Leadership, lead};
use crate::id::WorkerId;

/// The name under which schedules are led.
const NAME: &str = "schedules";
/// How often a lease is renewed before it runs out.
pub(super) const RENEWALS_PER_LEASE: u32 = 3;
/// A look that takes longer hangs: it fires a thousand schedules at most.
const ONE_LOOK: Duration = Duration::from_secs(120);
/// What a process that ends gives the database to hear of it.
const STEP_DOWN: Duration = Duration::from_secs(5);

/// Leads, or waits to, until `ended`. What is being fired then is fired to the end.
pub async fn run(engine: Engine, options: ScheduleOptions, ended: CancellationToken) {
    let holder = WorkerId::new();
    let mut leading: Option<Leadership> = None;
    let mut asked: Option<Instant> = None;
    let mut next_look = Instant::now();
    while !ended.is_cancelled() {
        tokio::select! {
            () = sleep_until(next_look) => {}
            () = ended.cancelled() => break,
        }
        let renew_after = options.lease / RENEWALS_PER_LEASE;
        if asked.is_none_or(|asked| asked.elapsed() >= renew_after) {
            asked = Some(Instant::now());
            leading = ask(&engine, holder, &options, leading).await;
        }
        let pause = match &leading {
            Some(leadership) => look(&engine, &options, leadership, &mut asked).await,
            None => renew_after.mul_f64(rand::rng().random_range(0.8..1.0)),
        };
        next_look = Instant::now() + pause;
    }
    if let Some(leadership) = leading {
        let stepped = timeout(STEP_DOWN, leadership.step_down(&engine.db)).await;
        if let Err(error) = stepped.unwrap_or_else(|_| Err(DatabaseError::timed_out())) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the lead is not given up; it runs out");
        }
    }
}

async fn ask(
    engine: &Engine,
    holder: WorkerId,
    options: &ScheduleOptions,
    before: Option<Leadership>,
) -> Option<Leadership> {
    match answered(lead(&engine.db, NAME, holder, options.lease)).await {
        Ok(leadership) => {
            if let (Some(now), None) = (&leadership, before) {
                tracing::info!(term = now.term(), "this process looks after schedules");
            }
            leadership
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not known who looks after schedules");
            None
        }
    }
}

/// Fires what is due; gives the pause until the next look. Who is deposed asks anew before that.
async fn look(
    engine: &Engine,
    options: &ScheduleOptions,
    leadership: &Leadership,
    asked: &mut Option<Instant>,
) -> Duration {
    let usual = options.poll.mul_f64(rand::rng().random_range(0.8..1.0));
    match timeout(ONE_LOOK, fire_once(engine, options, leadership)).await {
        Ok(Ok(Fired { more: true, .. })) => Duration::ZERO,
        Ok(Ok(Fired { next_in, .. })) => next_in.map_or(usual, |next| next.min(usual)),
        Ok(Err(FireError::Deposed)) => {
            *asked = None;
            usual
        }
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "schedules not looked after");
            usual
        }
        Err(_) => {
            tracing::warn!("a look at the schedules took too long");
            usual
        }
    }
}
