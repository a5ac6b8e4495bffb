//! How does somebody run a schedule now? Its job is submitted by the same rules as at a due instant.

use chrono::{DateTime, Utc};
use esteira_scheduler::Overlap;

use super::definition::{Definition, ScheduleError};
use super::due::{self, Locked};
use super::history::{Run, RunState};
use super::keep::{Kept, keep};
use super::read::read;
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

/// Runs a schedule now, whether it is paused or not. What is due is due all the same.
pub(crate) async fn run_now(
    engine: &Engine,
    tenant: &Tenant,
    id: ScheduleId,
    most_waiting: usize,
) -> Result<Run, ScheduleError> {
    let schedule = read(&engine.db, tenant, id).await?;
    let definition = &schedule.definition;
    if definition.overlap == Overlap::Replace {
        replace(engine, tenant, id).await?;
    }
    let now = sqlx::query_scalar!(r#"select esteira.now() as "now!""#).fetch_one(engine.db.pool()).await?;
    let submission = definition.submission(id, now);
    let checked = preflight(&engine.db, &engine.store, &engine.catalog, tenant, &submission).await?;
    let job = NewJob::new(checked.entry, &submission, checked.needs).reading(checked.input.files);
    engine.db.meet([tenant.id]);
    let mut tx = engine.db.begin().await?;
    let locked = due::lock(&mut tx, tenant.id, id).await?.ok_or(ScheduleError::Unknown)?;
    let run = match way(definition, &locked, most_waiting)? {
        Way::Fire => fire(&mut tx, tenant, id, now, &job).await?,
        Way::Wait => wait(&mut tx, tenant, id, now).await?,
    };
    keep(tx.conn(), &[&run]).await?;
    tx.commit().await?;
    if run.job.is_some() {
        engine.count_submitted(tenant, [submission.kind.as_str()]);
        engine.notifier.send(Signal::Queued(submission.kind));
    }
    Ok(Run {
        id: run.id,
        due_at: run.due,
        through: None,
        by_hand: true,
        state: run.state,
        reason: None,
        message: None,
        job: run.job,
        decided_at: now,
    })
}

fn way(definition: &Definition, locked: &Locked, most_waiting: usize) -> Result<Way, ScheduleError> {
    let waiting = usize::try_from(locked.waiting).unwrap_or_default();
    match definition.overlap {
        _ if !locked.is_running && waiting == 0 => Ok(Way::Fire),
        // Its present run is told to end already.
        Overlap::Replace => Ok(Way::Fire),
        // One that is paused lets nothing wait.
        Overlap::Queue if definition.enabled && waiting < most_waiting => Ok(Way::Wait),
        Overlap::Queue | Overlap::Skip => Err(ScheduleError::Busy),
    }
}

/// Tells the present run of a schedule to end.
async fn replace(engine: &Engine, tenant: &Tenant, id: ScheduleId) -> Result<(), ScheduleError> {
    let last = sqlx::query_scalar!(
        "select last_job from esteira.schedules where tenant_id = $1 and schedule_id = $2",
        tenant.id.0,
        id.0
    )
    .fetch_optional(engine.db.pool())
    .await?;
    match last.flatten() {
        Some(job) => cancel(engine, tenant, JobId(job)).await,
        None => Ok(()),
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
