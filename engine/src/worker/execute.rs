//! How is one attempt made? Load, stage, run, publish, settle.
//!
//! What most attempts in the worker itself never come to is boxed: an attempt is moved several times on its way to
//! its slot, and the store's calls alone are tens of kilobytes.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;

use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::Shared;
use super::backend::{Assigned, Loaded};
use super::checkpoints::{self, Keeper};
use super::count::Count;
use super::document;
use super::handover::{Asked, ask};
use super::outcome::{of_breakdown, of_ending, of_failure, of_step, of_stop, usage};
use super::patience::until_answered;
use super::publish::publish;
use super::reports::{Reports, write_reports};
use super::roster::{Entry, StopReason};
use super::settler::Finished;
use super::stage::{RESULT_MISSING, StageError, stage};
use super::survey::survey;
use crate::artifact::{lease_prefix, room_left};
use crate::child::protocol::{Assignment, LogLevel, Progress, Report};
use crate::child::{AttemptDir, Ended, KEPT, Limits, supervise};
use crate::db::{DatabaseError, answered};
use crate::job::{CatalogEntry, Decision, KindError, RetryPolicy, Step};
use crate::queue::{self, Lease, News, Outcome, Settled, Signal, Usage};
use crate::service;
use crate::tenant::{Tenant, by_id};

/// How often an attempt whose result is being stored looks whether it is still this worker's.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// What the upload of a finished result may take beyond the attempt's own time.
const PUBLISH_GRACE: Duration = Duration::from_secs(300);

/// What an attempt came to, before its settle.
struct Made {
    outcome: Outcome,
    /// Whether there are objects, and perhaps a document, that count with the settle alone.
    published: bool,
    /// Whether there may be checkpoints, which go with the job's end.
    checkpoints: bool,
    /// Whether a service may know the job, which goes as well.
    served: bool,
}

impl From<Outcome> for Made {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, published: false, checkpoints: false, served: false }
    }
}

/// Makes one attempt. What comes of it is in the database when this returns, or was dropped because
/// somebody else has the job now.
pub(super) async fn execute(shared: Arc<Shared>, assigned: Assigned) {
    let Assigned { lease, loaded, claimed_at, entry, slot } = assigned;
    let span = tracing::info_span!(
        "attempt",
        job.id = %lease.job, job.kind = lease.kind, tenant.id = %lease.tenant, attempt = lease.counters.attempt,
        tenant = tracing::field::Empty, trace = tracing::field::Empty
    );
    if let Some(trace) = lease.trace {
        trace.adopt(&span);
        span.record("trace", format!("{:032x}", trace.trace_id()));
    }
    async {
        let made =
            AssertUnwindSafe(attempt(&shared, &lease, loaded, &entry, claimed_at)).catch_unwind().await;
        let broken = match made {
            Ok(Ok(())) => false,
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the attempt broke");
                true
            }
            Err(_) => {
                tracing::error!("the attempt panicked");
                true
            }
        };
        if broken && entry.reason() != Some(StopReason::LeaseLost) {
            Box::pin(give_up(&shared, &lease)).await;
        }
    }
    .instrument(span)
    .await;
    drop(entry);
    drop(slot);
}

/// The worker itself failed: that counts as a crash, so that a job which brings it about ends some time.
async fn give_up(shared: &Shared, lease: &Arc<Lease>) {
    let given_up = async {
        let tenant = answered(by_id(shared.engine.db.pool(), lease.tenant)).await?;
        let Some(tenant) = tenant else { return Ok(()) };
        let outcome = of_breakdown(lease, &policy(shared, lease));
        let finished =
            Finished { tenant: Arc::new(tenant), lease: Arc::clone(lease), outcome: Arc::new(outcome) };
        if let Settled::As(Decision::Fail | Decision::Cancel) = shared.settler.settle(finished).await? {
            shared.engine.notifier.send(Signal::Final(lease.job));
        }
        Ok::<(), DatabaseError>(())
    };
    if let Err(error) = given_up.await {
        tracing::error!(error = &error as &dyn std::error::Error, "the attempt could not even be given up");
    }
}

fn policy(shared: &Shared, lease: &Lease) -> RetryPolicy {
    shared.engine.catalog.get(&lease.kind).map_or(RetryPolicy::default(), |entry| entry.info.defaults.retry)
}

async fn attempt(
    shared: &Shared,
    lease: &Arc<Lease>,
    loaded: Loaded,
    entry: &Entry,
    claimed_at: Instant,
) -> Result<(), DatabaseError> {
    let db = &shared.engine.db;
    let tenant = match loaded.tenant {
        Some(tenant) => tenant,
        None => match Box::pin(until_answered(&entry.stop, || by_id(db.pool(), lease.tenant))).await? {
            Some(tenant) => Arc::new(tenant),
            // A tenant that is gone took its queue rows along: there is nothing to settle.
            None => return Ok(()),
        },
    };
    tracing::Span::current().record("tenant", tenant.slug.as_str());
    let policy = policy(shared, lease);
    let count = Count::begin(db.meter(), &tenant, lease, claimed_at);
    let began = Instant::now();
    let made = make(shared, &tenant, lease, loaded.input, entry, claimed_at, &policy).await;
    // Without the settle, whose time under load is that of the commit it shares.
    shared.costs.learn(&lease.kind, began.elapsed());
    let Made { outcome, published, checkpoints, served } = match made {
        Ok(made) => made,
        Err(StageError::Database(error)) if error.is_unavailable() => {
            let gone = KindError::retry("database_unavailable", "the database was away");
            of_failure(gone, lease, &policy, Usage::default()).into()
        }
        Err(StageError::Database(error)) => return Err(error),
        Err(StageError::Job(error)) => Made {
            checkpoints: checkpoints::may_have_row(shared, &tenant, lease),
            ..of_failure(error, lease, &policy, Usage::default()).into()
        },
    };
    let outcome = Arc::new(outcome);
    let finished =
        Finished { tenant: Arc::clone(&tenant), lease: Arc::clone(lease), outcome: Arc::clone(&outcome) };
    let (run, settling) = (count.so_far(), Instant::now());
    let settled = settle(shared, entry, &finished).instrument(tracing::info_span!("settle")).await?;
    count.end(&outcome, settled, run, settling.elapsed());
    if published && settled != Settled::As(Decision::Succeed) {
        // Nobody will ever know of these objects. Where the settle gave no answer they stay: it may have counted.
        let prefix = lease_prefix(lease.tenant, lease.job, lease.lease);
        if let Err(error) = Box::pin(shared.engine.store.delete_prefix(&prefix)).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a dropped result was left in the store"
            );
        }
        document::drop_staged(&shared.engine.db, &tenant, lease).await;
    }
    match settled {
        Settled::LeaseLost => tracing::warn!("the lease was lost; the result is dropped"),
        Settled::As(decision) => {
            log_settled(decision, &outcome);
            match decision {
                Decision::Release => shared.engine.notifier.send(Signal::Queued(lease.kind.clone())),
                Decision::Succeed | Decision::Fail | Decision::Cancel => {
                    shared.engine.notifier.send(Signal::Final(lease.job));
                }
                // It is scheduled; promotion tells when its time has come.
                Decision::Retry(_) | Decision::Snooze(_) => {}
            }
            if !goes_on(decision) {
                let kind = shared.engine.catalog.get(&lease.kind).into_iter();
                // A row that stays tells whoever prunes to ask the service again.
                let forgotten =
                    !served || Box::pin(service::forget(&shared.engine, lease.tenant, lease.job, kind)).await;
                if checkpoints && forgotten {
                    Box::pin(checkpoints::forget(shared, &tenant, lease)).await;
                }
            }
        }
    }
    Ok(())
}

fn log_settled(decision: Decision, outcome: &Outcome) {
    let code = outcome.error.as_ref().map(|error| error.code.as_str());
    tracing::info!(?decision, code, cpu_seconds = outcome.usage.cpu_seconds, "settled");
}

/// Whether the job will have another attempt that can make use of what this one has done.
fn goes_on(decision: Decision) -> bool {
    match decision {
        Decision::Retry(_) | Decision::Snooze(_) | Decision::Release => true,
        Decision::Succeed | Decision::Fail | Decision::Cancel => false,
    }
}

/// Everything up to the settle.
async fn make(
    shared: &Shared,
    tenant: &Tenant,
    lease: &Lease,
    input: Option<Value>,
    entry: &Entry,
    claimed_at: Instant,
    policy: &RetryPolicy,
) -> Result<Made, StageError> {
    let Some(kind) = shared.engine.catalog.get(&lease.kind) else {
        return Err(KindError::retry("unknown_kind", "this worker does not know the kind").into());
    };
    let input = match input {
        Some(input) => input,
        None => {
            let read = || queue::input(&shared.engine.db, tenant, lease.job);
            Box::pin(until_answered(&entry.stop, read)).await?
        }
    };
    if let Some(work) = kind.kind().in_worker() {
        let working = work.run(&input, &kind.info.settings);
        let outcome = tokio::select! {
            step = timeout_at(deadline(lease, claimed_at), working) => {
                let step = step.unwrap_or_else(|_| Err(too_late("the attempt took too long")));
                step.map_or_else(
                    |error| of_failure(error, lease, policy, Usage::default()),
                    |step| of_step(step, lease, policy),
                )
            }
            () = entry.stop.cancelled() => {
                of_stop(entry.reason().unwrap_or(StopReason::Shutdown), lease, policy)
            }
        };
        return Ok(outcome.into());
    }
    if service::needed(kind, &input).is_some() {
        return Box::pin(make_with_service(shared, tenant, lease, input, entry, claimed_at, policy, kind))
            .await;
    }
    Box::pin(make_in_child(shared, tenant, lease, input, entry, claimed_at, policy, kind, false)).await
}

/// The same for a job that a service works for: its child runs when the service is done.
#[expect(clippy::too_many_arguments, reason = "the parts of one attempt, named where they are made")]
async fn make_with_service(
    shared: &Shared,
    tenant: &Tenant,
    lease: &Lease,
    input: Value,
    entry: &Entry,
    claimed_at: Instant,
    policy: &RetryPolicy,
    kind: &CatalogEntry,
) -> Result<Made, StageError> {
    let made = match ask(shared, tenant, lease, &input, entry, claimed_at, kind).await {
        Ok(Asked::Snoozed(delay)) => {
            let mut reports = Reports::since(claimed_at);
            reports.progress(waiting());
            let News { progress, .. } = reports.after(0);
            Ok(Outcome { progress, ..of_step(Step::Snooze(delay), lease, policy) }.into())
        }
        Ok(Asked::Stopped(reason)) => Ok(of_stop(reason, lease, policy).into()),
        Ok(Asked::Ready) => {
            make_in_child(shared, tenant, lease, input, entry, claimed_at, policy, kind, true).await
        }
        Err(error) => Err(error),
    };
    let made: Made = match made {
        Err(StageError::Job(error)) => {
            if error.code == RESULT_MISSING {
                // So that the next attempt begins anew.
                service::forget(&shared.engine, lease.tenant, lease.job, std::iter::once(kind)).await;
            }
            of_failure(error, lease, policy, Usage::default()).into()
        }
        made => made?,
    };
    Ok(Made { checkpoints: true, served: true, ..made })
}

#[expect(clippy::too_many_arguments, reason = "the parts of one attempt, named where they are made")]
async fn make_in_child(
    shared: &Shared,
    tenant: &Tenant,
    lease: &Lease,
    input: Value,
    entry: &Entry,
    claimed_at: Instant,
    policy: &RetryPolicy,
    kind: &CatalogEntry,
    served: bool,
) -> Result<Made, StageError> {
    let dir = shared.dirs.create().map_err(|error| {
        KindError::retry("work_dir_unwritable", format!("no work directory could be made: {}", error.kind()))
    })?;
    let staging = async {
        // What is staged is sealed together, so the checkpoints and what is surveyed come first.
        let keeper = Keeper::begin(shared, tenant, lease, entry, kind, &dir).await?;
        let surveyed = survey(shared, tenant, lease.job, kind, &input, &dir).await?;
        let staging =
            stage(shared, tenant, lease, &input, served, &dir).instrument(tracing::info_span!("stage"));
        let mut staged = staging.await?;
        staged.files.extend(surveyed);
        Ok::<_, StageError>((keeper, staged))
    };
    let (mut keeper, staged) = tokio::select! {
        staged = timeout_at(deadline(lease, claimed_at), staging) => {
            staged.unwrap_or_else(|_| Err(too_late("the files did not arrive in time").into()))?
        }
        () = entry.stop.cancelled() => {
            let reason = entry.reason().unwrap_or(StopReason::Shutdown);
            return Ok(of_stop(reason, lease, policy).into());
        }
    };
    // Without it the ledger knows a little less; no reason to give the attempt up.
    if let Err(error) = answered(queue::note_staged(&shared.engine.db, tenant, lease, staged.bytes)).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "what was fetched is not written down");
    }
    let assignment = Assignment {
        kind: lease.kind.clone(),
        input,
        settings: kind.info.settings.clone(),
        work_dir: dir.path().to_owned(),
        files: staged.files,
        file_names: staged.file_names,
        checkpoints: keeper.is_some().then(|| KEPT.into()),
        resources: kind.info.resources.clone(),
        parallelism: shared.options.parallelism,
    };
    let running =
        run(shared, tenant, lease, entry, claimed_at, policy, kind, &assignment, &dir, keeper.as_mut());
    let mut made = running.await?;
    if let Some(keeper) = &mut keeper {
        if goes_on(made.outcome.decision) && entry.reason() != Some(StopReason::LeaseLost) {
            keeper.finish().await;
        }
        made.checkpoints = keeper.has_row();
    }
    remove(dir).await;
    Ok(made)
}

#[expect(clippy::too_many_arguments, reason = "the parts of one attempt, named where they are made")]
async fn run(
    shared: &Shared,
    tenant: &Tenant,
    lease: &Lease,
    entry: &Entry,
    claimed_at: Instant,
    policy: &RetryPolicy,
    kind: &CatalogEntry,
    assignment: &Assignment,
    dir: &AttemptDir,
    mut keeper: Option<&mut Keeper<'_>>,
) -> Result<Made, StageError> {
    let child = shared.children.take().await.map_err(|error| {
        KindError::retry("not_started", format!("no process could be started: {}", error.kind()))
    })?;
    let limits = Limits {
        deadline: deadline(lease, claimed_at).saturating_duration_since(tokio::time::Instant::now()),
        stall: kind.info.defaults.stall,
        grace: shared.options.kill_grace,
    };
    let (reports, told) = watch::channel(Reports::since(claimed_at));
    let found = keeper.as_ref().map_or(0, |keeper| keeper.found());
    if found > 0 {
        let message = format!("goes on from what earlier attempts have kept; checkpoints: {found}");
        reports.send_modify(|told| told.log(LogLevel::Info, message));
    }
    let reported = keeper.as_ref().map(|keeper| keeper.reported());
    let ended = CancellationToken::new();
    let writer = write_reports(shared, tenant, lease, told, ended.clone());
    let running = async {
        let ending = supervise(child, assignment, limits, &entry.stop, |report| match report {
            Report::Progress(progress) => reports.send_modify(|told| told.progress(progress)),
            Report::Log { level, message } => reports.send_modify(|told| told.log(level, message)),
            Report::Started => {
                let after_ms = claimed_at.elapsed().as_secs_f64() * 1000.0;
                tracing::info!(after_ms, "the kind begins");
            }
            Report::Checkpoint { number } => {
                if let Some(reported) = &reported {
                    reported.send_replace(number);
                }
            }
            Report::Artifact { .. } | Report::Document(_) | Report::Done { .. } | Report::Failed { .. } => {}
        })
        .await;
        ended.cancel();
        ending
    };
    let keeping = async {
        if let Some(keeper) = &mut keeper {
            keeper.follow(&ended, &reports).await;
        }
    };
    let running = running.instrument(tracing::info_span!("run"));
    let (ending, (), ()) = tokio::join!(running, writer, Box::pin(keeping));
    if !ending.stderr.is_empty() {
        tracing::debug!(stderr = ending.stderr, "the child's standard error");
    }
    let Ended::Done { output, artifacts, document } = &ending.ended else {
        if let Some(keeper) = &mut keeper
            && let Some(warning) = keeper.take().await
        {
            reports.send_modify(|told| told.log(LogLevel::Warn, warning.to_owned()));
        }
        let outcome = of_ending(&ending, lease, entry.reason(), policy);
        let News { progress, log } = reports.borrow().after(0);
        return Ok(Outcome { log, progress, ..outcome }.into());
    };
    // What is finished may take a little longer than the attempt, to be kept; an attempt that was lost may not.
    let room = until_answered(&entry.stop, || room_left(&shared.engine.db, tenant)).await?;
    let publishing = async {
        let limit = shared.options.artifact_bytes;
        let published = publish(&shared.engine.store, lease, dir, artifacts, limit, room).await?;
        let whole = match document {
            Some(head) => Box::pin(document::keep(shared, tenant, lease, entry, dir, head)).await?,
            None => true,
        };
        Ok((published, whole))
    };
    let published = tokio::select! {
        published = timeout_at(deadline(lease, claimed_at) + PUBLISH_GRACE, publishing.instrument(tracing::info_span!("publish"))) => {
            published.unwrap_or_else(|_| Err(too_late("the result could not be stored in time")))
        }
        () = lease_lost(entry) => Err(too_late("the lease was lost")),
    };
    match published {
        Ok((artifacts, whole)) => {
            if !whole {
                let message =
                    "the document is longer than a search may hold; its end is not searched".to_owned();
                reports.send_modify(|told| told.log(LogLevel::Warn, message));
            }
            let outcome = of_ending(&ending, lease, None, policy);
            reports.send_modify(Reports::whole);
            let News { progress, log } = reports.borrow().after(0);
            let outcome = Outcome { output: Some(output.clone()), artifacts, log, progress, ..outcome };
            Ok(Made { published: true, ..outcome.into() })
        }
        Err(error) => {
            let outcome = of_failure(error, lease, policy, usage(&ending));
            let News { progress, log } = reports.borrow().after(0);
            Ok(Made { published: true, ..Outcome { log, progress, ..outcome }.into() })
        }
    }
}

/// What is told of a job that a service has.
fn waiting() -> Progress {
    let message = "a service works on it".to_owned();
    Progress { fraction: 0.0, stage: "waiting".to_owned(), message }
}

/// When the attempt must be over, by this machine's monotonic clock.
pub(super) fn deadline(lease: &Lease, claimed_at: Instant) -> tokio::time::Instant {
    (claimed_at + lease.timeout).into()
}

pub(super) fn too_late(message: &str) -> KindError {
    KindError::retry("timeout", message)
}

/// Comes back when the job is somebody else's. Other reasons to stop leave a finished result alone.
async fn lease_lost(entry: &Entry) {
    loop {
        if entry.reason() == Some(StopReason::LeaseLost) {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Settles, however long the database is away, unless the lease is lost meanwhile.
async fn settle(shared: &Shared, entry: &Entry, finished: &Finished) -> Result<Settled, DatabaseError> {
    // A cancel or a shutdown is no reason to drop a result that is there. Nor is a heartbeat that misses the job: if a
    // settle has counted and its answer was lost, that looks the same, so it is asked once more.
    let lost = CancellationToken::new();
    until_answered(&lost, || async {
        if entry.reason() == Some(StopReason::LeaseLost) {
            lost.cancel();
        }
        shared.settler.settle(finished.clone()).await
    })
    .await
}

async fn remove(dir: AttemptDir) {
    let removing: JoinHandle<std::io::Result<()>> = tokio::task::spawn_blocking(move || dir.remove());
    let removed = removing.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    if let Err(error) = removed {
        tracing::warn!(error = &error as &dyn std::error::Error, "work directory left behind");
    }
}
