//! How does somebody run a schedule now? Its job is submitted by the same rules as at a due instant.

use std::error::Error;

use chrono::{DateTime, Utc};
use esteira_scheduler::Overlap;

use super::definition::{Definition, ScheduleError};
use super::due::{self, Locked};
use super::history::{Run, RunState};
use super::keep::{Kept, keep};
use super::read::{find, read};
use crate::db::EngineTx;
use crate::engine::Engine;
use crate::id::{JobId, RunId, ScheduleId};
use crate::queue::{CancelError, NewJob, Signal, preflight, write_jobs};
use crate::tenant::Tenant;

/// What comes of it.
enum Way {
    Fire,
    Wait,
}

/// Runs a schedule now, whether it is paused or not. What is due is due all the same. The present run is replaced once the
/// new one is written: one that is refused replaces nothing.
pub(crate) async fn run_now(
    engine: &Engine,
    tenant: &Tenant,
    id: ScheduleId,
    most_waiting: usize,
) -> Result<Run, ScheduleError> {
    loop {
        // Somebody who changes the schedule meanwhile has it run as it is from then on.
        if let Some(run) = run_once(engine, tenant, id, most_waiting).await? {
            return Ok(run);
        }
    }
}

/// The same, as long as nobody changes the schedule between the checks of its job and its lock.
async fn run_once(
    engine: &Engine,
    tenant: &Tenant,
    id: ScheduleId,
    most_waiting: usize,
) -> Result<Option<Run>, ScheduleError> {
    let definition = read(&engine.db, tenant, id).await?.definition;
    let now = sqlx::query_scalar!(r#"select esteira.now() as "now!""#).fetch_one(engine.db.pool()).await?;
    let submission = definition.submission(id, now);
    let checked = preflight(&engine.db, &engine.store, &engine.catalog, tenant, &submission).await?;
    let job = NewJob::new(checked.entry, &submission, checked.needs).reading(checked.input.files);
    engine.db.meet([tenant.id]);
    let mut tx = engine.db.begin().await?;
    let locked = due::lock(&mut tx, tenant.id, id).await?.ok_or(ScheduleError::Unknown)?;
    let mut tx = tx.enter(tenant).await?;
    if find(&mut tx, id).await?.ok_or(ScheduleError::Unknown)?.definition != definition {
        return Ok(None);
    }
    let mut tx = tx.leave().await?;
    let run = match way(&definition, &locked, most_waiting)? {
        Way::Fire => fire(&mut tx, tenant, id, now, &job).await?,
        Way::Wait => wait(&mut tx, tenant, id, now).await?,
    };
    keep(tx.conn(), &[&run]).await?;
    tx.commit().await?;
    if run.job.is_some() {
        engine.count_submitted(tenant, [submission.kind.as_str()]);
        engine.notifier.send(Signal::Queued(submission.kind));
    }
    let replaces = run.job.is_some() && definition.overlap == Overlap::Replace && locked.is_running;
    if let Some(replaced) = locked.last_job.filter(|_| replaces)
        && let Err(error) = cancel(engine, tenant, JobId(replaced)).await
    {
        // The new run is there, and to ask once more would make another.
        let error: &(dyn Error + 'static) = &error;
        tracing::warn!(tenant = %tenant.id, schedule = %id, error, "a run that is replaced goes on");
    }
    Ok(Some(Run {
        id: run.id,
        due_at: run.due,
        through: None,
        by_hand: true,
        state: run.state,
        reason: None,
        message: None,
        job: run.job,
        decided_at: now,
    }))
}

fn way(definition: &Definition, locked: &Locked, most_waiting: usize) -> Result<Way, ScheduleError> {
    let waiting = usize::try_from(locked.waiting).unwrap_or_default();
    match definition.overlap {
        _ if !locked.is_running && waiting == 0 => Ok(Way::Fire),
        // Its present run is told to end afterwards.
        Overlap::Replace => Ok(Way::Fire),
        // One that is paused lets nothing wait.
        Overlap::Queue if definition.enabled && waiting < most_waiting => Ok(Way::Wait),
        Overlap::Queue | Overlap::Skip => Err(ScheduleError::Busy),
    }
}

/// Cancels the job of a run; one that is over is as good.
pub(super) async fn cancel(engine: &Engine, tenant: &Tenant, job: JobId) -> Result<(), ScheduleError> {
    match engine.cancel(tenant, job).await {
        Ok(()) | Err(CancelError::Final(_) | CancelError::Unknown) => Ok(()),
        Err(CancelError::Database(error)) => Err(error.into()),
    }
}

async fn fire(
    tx: &mut EngineTx,
    tenant: &Tenant,
    id: ScheduleId,
    now: DateTime<Utc>,
    job: &NewJob,
) -> Result<Kept, ScheduleError> {
    let submitted = write_jobs(tx.conn(), tenant, &[job]).await?;
    let job = submitted.first().map(|submitted| submitted.job);
    sqlx::query!(
        "update esteira.schedules set last_job = $3, revision = revision + 1
         where tenant_id = $1 and schedule_id = $2",
        tenant.id.0,
        id.0,
        job.map(|job| job.0)
    )
    .execute(tx.conn())
    .await?;
    Ok(line(tenant, id, now, RunState::Fired, job))
}

async fn wait(
    tx: &mut EngineTx,
    tenant: &Tenant,
    id: ScheduleId,
    now: DateTime<Utc>,
) -> Result<Kept, ScheduleError> {
    sqlx::query!(
        "update esteira.schedules set waiting = waiting + 1, revision = revision + 1
         where tenant_id = $1 and schedule_id = $2",
        tenant.id.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    Ok(line(tenant, id, now, RunState::Waiting, None))
}

fn line(
    tenant: &Tenant,
    schedule: ScheduleId,
    due: DateTime<Utc>,
    state: RunState,
    job: Option<JobId>,
) -> Kept {
    Kept {
        tenant: tenant.id,
        schedule,
        id: RunId::new(),
        due,
        through: None,
        by_hand: true,
        state,
        reason: None,
        message: None,
        job,
    }
}
