//! How are schedules fired? Jobs, history and the next due instant, in one transaction of whoever leads.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::error::Error;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use uuid::Uuid;

use super::ScheduleOptions;
use super::by_hand::cancel;
use super::keep::{Kept, keep};
use super::look::{Found, Look, look, read};
use super::prepare::{PrepareError, Turn, prepare};
use super::run::RENEWALS_PER_LEASE;
use crate::db::{DatabaseError, Db, EngineTx};
use crate::duty::Leadership;
use crate::engine::Engine;
use crate::id::{ScheduleId, TenantId};
use crate::queue::{NewJob, Signal, SubmitError, write_jobs};
use crate::tenant::{Tenant, by_ids};

/// What a look at the schedules has done.
#[derive(Debug)]
pub struct Fired {
    /// Jobs that were submitted.
    pub jobs: usize,
    /// When something is due next, as far as that is known.
    pub next_in: Option<Duration>,
    /// Whether there may be more to do now.
    pub more: bool,
}

/// Schedules were not fired; another look goes on.
#[derive(Debug, thiserror::Error)]
pub enum FireError {
    /// Somebody else leads now.
    #[error("another process leads now")]
    Deposed,
    /// The database is away.
    #[error("failed to fire schedules")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for FireError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Fires what is due, for as long as it takes: the lease is renewed meanwhile.
///
/// # Errors
/// See [`FireError`].
pub async fn fire_once(
    engine: &Engine,
    options: &ScheduleOptions,
    leadership: &Leadership,
) -> Result<Fired, FireError> {
    let look = look(&engine.db).await?;
    let mut fired = Fired { jobs: 0, next_in: look.next_in, more: look.is_full() };
    let Look { now, found, .. } = look;
    let mut asked = Instant::now();
    for part in found.chunks(options.batch.max(1)) {
        if asked.elapsed() >= options.lease / RENEWALS_PER_LEASE {
            asked = Instant::now();
            if !leadership.renew(&engine.db, options.lease).await? {
                return Err(FireError::Deposed);
            }
        }
        let turns = prepare_all(engine, options, now, part).await?;
        for group in groups(turns) {
            fired.jobs += fire_group(engine, options, leadership, group).await?;
        }
    }
    Ok(fired)
}

/// Prepares the turns of those that were found. One that fails is put off.
async fn prepare_all(
    engine: &Engine,
    options: &ScheduleOptions,
    now: DateTime<Utc>,
    found: &[Found],
) -> Result<Vec<Turn>, FireError> {
    let ids: BTreeSet<TenantId> = found.iter().map(|found| found.tenant).collect();
    let tenants = by_ids(engine.db.pool(), &ids.into_iter().collect::<Vec<_>>()).await?;
    let tenants: HashMap<TenantId, Tenant> = tenants.into_iter().map(|tenant| (tenant.id, tenant)).collect();
    let texts = read(&engine.db, found).await?.into_iter();
    let mut texts: HashMap<(i32, Uuid), _> = texts.map(|text| ((text.tenant_id, text.id), text)).collect();
    let mut turns = Vec::with_capacity(found.len());
    for found in found {
        let text = texts.remove(&(found.tenant.0, found.schedule.0));
        let Some((tenant, text)) = tenants.get(&found.tenant).zip(text) else {
            // It is being paused or removed at this moment, or its tenant's schema is broken.
            put_off(&engine.db, options, found).await?;
            continue;
        };
        match prepare(engine, options, now, tenant.clone(), found.clone(), text).await {
            Ok(turn) => turns.push(turn),
            Err(PrepareError::Database(error)) if error.is_unavailable() => return Err(error.into()),
            Err(error) => {
                warn(found, &error);
                put_off(&engine.db, options, found).await?;
            }
        }
    }
    Ok(turns)
}

/// Those that share a transaction: a tenant with a limit, for which others may have to wait, has its own.
fn groups(turns: Vec<Turn>) -> impl Iterator<Item = Vec<Turn>> {
    let mut groups: BTreeMap<Option<TenantId>, Vec<Turn>> = BTreeMap::new();
    for turn in turns {
        let limited = turn.tenant.limits.max_queued.map(|_| turn.tenant.id);
        groups.entry(limited).or_default().push(turn);
    }
    groups.into_values()
}

async fn fire_group(
    engine: &Engine,
    options: &ScheduleOptions,
    leadership: &Leadership,
    group: Vec<Turn>,
) -> Result<usize, FireError> {
    if group.len() > 1 {
        match write(engine, leadership, &group).await {
            Ok(jobs) => return Ok(jobs),
            Err(WriteError::Fire(error)) => return Err(error),
            // What is wrong is wrong with one of them.
            Err(WriteError::Submit(_)) => {}
        }
    }
    let mut jobs = 0;
    for turn in group {
        jobs += fire_alone(engine, options, leadership, turn).await?;
    }
    Ok(jobs)
}

async fn fire_alone(
    engine: &Engine,
    options: &ScheduleOptions,
    leadership: &Leadership,
    turn: Turn,
) -> Result<usize, FireError> {
    let alone = std::slice::from_ref(&turn);
    match write(engine, leadership, alone).await {
        Ok(jobs) => return Ok(jobs),
        Err(WriteError::Fire(error)) => return Err(error),
        // Somebody is in the way, who will be gone at the next look.
        Err(WriteError::Submit(SubmitError::LimitBusy)) => return Ok(0),
        Err(WriteError::Submit(SubmitError::Database(error))) => {
            if error.is_unavailable() && !error.is_contention() {
                return Err(error.into());
            }
            warn(&turn.found, &error);
            put_off(&engine.db, options, &turn.found).await?;
            return Ok(0);
        }
        Err(WriteError::Submit(refusal)) => {
            let found = turn.found.clone();
            match write(engine, leadership, &[turn.refused(&refusal)]).await {
                Ok(_) => {}
                Err(WriteError::Fire(error)) => return Err(error),
                Err(WriteError::Submit(error)) => {
                    warn(&found, &error);
                    put_off(&engine.db, options, &found).await?;
                }
            }
        }
    }
    Ok(0)
}

/// Why a transaction was rolled back.
enum WriteError {
    /// Nobody's would go through now.
    Fire(FireError),
    /// Something about one of its schedules.
    Submit(SubmitError),
}

impl<E: Into<SubmitError>> From<E> for WriteError {
    fn from(error: E) -> Self {
        Self::Submit(error.into())
    }
}

/// Writes turns, those that are still as they were read; gives how many jobs were submitted.
async fn write(engine: &Engine, leadership: &Leadership, turns: &[Turn]) -> Result<usize, WriteError> {
    engine.db.meet(turns.iter().map(|turn| turn.tenant.id));
    let mut tx = engine.db.begin().await?;
    if !leadership.holds(&mut tx).await? {
        return Err(WriteError::Fire(FireError::Deposed));
    }
    let unchanged = lock(&mut tx, turns).await?;
    let turns: Vec<&Turn> =
        turns.iter().filter(|turn| unchanged.contains(&(turn.tenant.id, turn.schedule()))).collect();
    if turns.is_empty() {
        return Ok(0);
    }
    let mut by_tenant: BTreeMap<TenantId, (&Tenant, Vec<&NewJob>)> = BTreeMap::new();
    for turn in &turns {
        let entry = by_tenant.entry(turn.tenant.id).or_insert((&turn.tenant, Vec::new()));
        entry.1.extend(&turn.jobs);
    }
    let mut submitted = HashMap::new();
    for (id, (tenant, jobs)) in &by_tenant {
        let written = if jobs.is_empty() { Vec::new() } else { write_jobs(tx.conn(), tenant, jobs).await? };
        submitted.insert(*id, written.into_iter().map(|submitted| submitted.job));
    }
    let mut runs: Vec<Kept> = Vec::new();
    let mut last_jobs = Vec::with_capacity(turns.len());
    for turn in &turns {
        let mut last = None;
        for run in &turn.runs {
            let is_fired = run.state == super::RunState::Fired;
            // The jobs of a tenant, and its runs that are fired, are in the same order.
            let job = submitted.get_mut(&turn.tenant.id).filter(|_| is_fired).and_then(Iterator::next);
            last = job.or(last);
            runs.push(Kept { job, ..run.clone() });
        }
        last_jobs.push(last.map(|job| job.0));
    }
    keep(tx.conn(), &runs.iter().collect::<Vec<_>>()).await?;
    move_on(&mut tx, &turns, &last_jobs).await?;
    tx.commit().await?;
    for turn in &turns {
        engine.count_submitted(&turn.tenant, turn.jobs.iter().map(NewJob::kind));
        count_runs(engine, turn);
    }
    let jobs = turns.iter().flat_map(|turn| &turn.jobs);
    let kinds: BTreeSet<&str> = jobs.clone().map(NewJob::kind).collect();
    for kind in kinds {
        engine.notifier.send(Signal::Queued(kind.to_owned()));
    }
    // After the commit: what is refused, or no longer as it was read, replaces nothing.
    for turn in &turns {
        if let Some(replaced) = turn.replaced
            && let Err(error) = cancel(engine, &turn.tenant, replaced).await
        {
            let error: &(dyn Error + 'static) = &error;
            let (tenant, schedule) = (turn.tenant.id, turn.schedule());
            tracing::warn!(%tenant, %schedule, error, "a run that is replaced goes on");
        }
    }
    Ok(jobs.count())
}

/// Counts what was decided, and how late.
fn count_runs(engine: &Engine, turn: &Turn) {
    for run in &turn.runs {
        let late = (turn.decided_at - run.due).to_std().unwrap_or_default();
        engine.meter().schedules().decided(run.state.as_str(), late);
    }
}

/// Locks the rows of those that are as they were read; the others have been changed, fired or removed since.
async fn lock(tx: &mut EngineTx, turns: &[Turn]) -> Result<BTreeSet<(TenantId, ScheduleId)>, DatabaseError> {
    let rows = sqlx::query!(
        "select s.tenant_id, s.schedule_id from esteira.schedules as s
         join unnest($1::integer[], $2::uuid[], $3::bigint[]) as known (tenant_id, schedule_id, revision)
           on known.tenant_id = s.tenant_id and known.schedule_id = s.schedule_id
         where s.revision = known.revision
         order by s.tenant_id, s.schedule_id for no key update of s",
        &turns.iter().map(|turn| turn.tenant.id.0).collect::<Vec<_>>(),
        &turns.iter().map(|turn| turn.schedule().0).collect::<Vec<_>>(),
        &turns.iter().map(|turn| turn.found.revision).collect::<Vec<_>>()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.tenant_id), ScheduleId(row.schedule_id))).collect())
}

/// Sets when schedules are due next, and which jobs are their last.
async fn move_on(
    tx: &mut EngineTx,
    turns: &[&Turn],
    last_jobs: &[Option<Uuid>],
) -> Result<(), DatabaseError> {
    sqlx::query!(
        "update esteira.schedules as s
         set due_at = case when new.is_due then new.due_at else s.due_at end,
             fire_at = case when new.is_due then new.fire_at else s.fire_at end,
             last_job = coalesce(new.last_job, s.last_job), waiting = new.waiting, revision = s.revision + 1
         from unnest($1::integer[], $2::uuid[], $3::boolean[], $4::timestamptz[], $5::timestamptz[], $6::uuid[],
                     $7::integer[])
             as new (tenant_id, schedule_id, is_due, due_at, fire_at, last_job, waiting)
         where s.tenant_id = new.tenant_id and s.schedule_id = new.schedule_id",
        &turns.iter().map(|turn| turn.tenant.id.0).collect::<Vec<_>>(),
        &turns.iter().map(|turn| turn.schedule().0).collect::<Vec<_>>(),
        &turns.iter().map(|turn| turn.found.due.is_some()).collect::<Vec<_>>(),
        &turns.iter().map(|turn| turn.next).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &turns.iter().map(|turn| turn.fire_at).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        last_jobs as &[Option<Uuid>],
        &turns.iter().map(|turn| turn.waiting).collect::<Vec<_>>()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Lets a schedule be looked at again later, so that it does not stand in the way of others: its due instant stays, and the
/// run that waits.
async fn put_off(db: &Db, options: &ScheduleOptions, found: &Found) -> Result<(), DatabaseError> {
    sqlx::query!(
        "update esteira.schedules
         set fire_at = case when fire_at is not null
                            then greatest(fire_at, esteira.now() + make_interval(secs => $4)) end,
             put_off_until = esteira.now() + make_interval(secs => $4), revision = revision + 1
         where tenant_id = $1 and schedule_id = $2 and revision = $3",
        found.tenant.0,
        found.schedule.0,
        found.revision,
        options.put_off.as_secs_f64()
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

fn warn(found: &Found, error: &(dyn Error + 'static)) {
    tracing::warn!(tenant = %found.tenant, schedule = %found.schedule, error, "a schedule is put off");
}
