//! What is to be done about a schedule that is due? Decided, and checked as a submit is, before anything is written.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use esteira_scheduler::{CronError, Decision, Overlap, Standing, Verdict, decide};

use super::ScheduleOptions;
use super::definition::{Definition, delay};
use super::history::RunState;
use super::keep::Kept;
use super::look::{Found, Text};
use super::row::object;
use crate::db::DatabaseError;
use crate::engine::Engine;
use crate::id::{JobId, RunId, ScheduleId};
use crate::queue::{NewJob, SubmitError, preflight};
use crate::tenant::Tenant;

/// What is to be written about one schedule.
#[derive(Debug)]
pub(super) struct Turn {
    pub tenant: Tenant,
    pub found: Found,
    /// By the database's clock, when it was looked at.
    pub decided_at: DateTime<Utc>,
    /// A line of history for each instant, and the jobs of those that are fired, in the same order.
    pub runs: Vec<Kept>,
    pub jobs: Vec<NewJob>,
    /// The run that these replace.
    pub replaced: Option<JobId>,
    /// When it is due next, and looked at.
    pub next: Option<DateTime<Utc>>,
    pub fire_at: Option<DateTime<Utc>>,
    /// Runs that wait from now on.
    pub waiting: i32,
}

/// Nothing can be decided about a schedule.
#[derive(Debug, thiserror::Error)]
pub(super) enum PrepareError {
    /// Its text cannot be understood any more.
    #[error("its cron text or time zone is not understood")]
    Cron(#[from] CronError),
    /// Its row has a word that this program does not know.
    #[error("its row is of a newer version: {0}")]
    Word(&'static str),
    /// The database is away.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Prepares what is to be written about a schedule.
pub(super) async fn prepare(
    engine: &Engine,
    options: &ScheduleOptions,
    now: DateTime<Utc>,
    tenant: Tenant,
    found: Found,
    text: Text,
) -> Result<Turn, PrepareError> {
    let waits = text.waiting_run.zip(text.waiting_due);
    let by_hand = text.waiting_by_hand.unwrap_or_default();
    let definition = definition(text)?;
    let cron = definition.parse_cron()?;
    let delay = delay(found.schedule, definition.jitter_seconds);
    let mut turn = Turn {
        waiting: if waits.is_some() { found.waiting } else { 0 },
        next: None,
        fire_at: None,
        replaced: None,
        runs: Vec::new(),
        jobs: Vec::new(),
        decided_at: now,
        tenant,
        found,
    };
    // First whoever waits longest.
    let mut fired_now = false;
    if let Some((id, due)) = waits.filter(|_| !turn.found.is_running) {
        turn.waiting -= 1;
        fired_now = turn.fire(engine, &definition, RunId(id), due, by_hand).await?;
    }
    if let Some(due) = turn.found.due {
        let until = now - delay;
        let standing = Standing {
            due,
            until,
            grace: TimeDelta::from_std(options.grace).unwrap_or(TimeDelta::MAX),
            is_running: turn.found.is_running,
            fired_now,
            waiting: usize::try_from(turn.waiting).unwrap_or_default(),
            most_waiting: options.most_waiting,
        };
        for decision in decide(&cron, definition.overlap, definition.catch_up, &standing) {
            turn.follow(engine, &definition, decision).await?;
        }
        turn.next = cron.after(until).next();
        turn.fire_at = turn.next.map(|next| next + delay);
    }
    let fires = !turn.jobs.is_empty() && definition.overlap == Overlap::Replace;
    turn.replaced = turn.found.last_job.filter(|_| fires && turn.found.is_running);
    Ok(turn)
}

/// The definition of a row; it is enabled, or it would not have been read.
fn definition(text: Text) -> Result<Definition, PrepareError> {
    Ok(Definition {
        overlap: text.overlap.parse().map_err(PrepareError::Word)?,
        catch_up: text.catch_up.parse().map_err(PrepareError::Word)?,
        name: text.name,
        cron: text.cron,
        timezone: text.timezone,
        kind: text.kind,
        input: text.input,
        priority: text.priority,
        max_attempts: text.max_attempts.map(i16::unsigned_abs),
        timeout: text.timeout_seconds.map(|seconds| Duration::from_secs(seconds.unsigned_abs().into())),
        metadata: object(text.metadata),
        jitter_seconds: text.jitter_seconds.unsigned_abs(),
        enabled: true,
    })
}

impl Turn {
    async fn follow(
        &mut self,
        engine: &Engine,
        definition: &Definition,
        decision: Decision,
    ) -> Result<(), PrepareError> {
        let id = RunId::new();
        match decision.verdict {
            Verdict::Fire => {
                self.fire(engine, definition, id, decision.due, false).await?;
            }
            Verdict::Wait => {
                self.waiting += 1;
                let run = self.line(id, decision.due, RunState::Waiting);
                self.runs.push(run);
            }
            Verdict::Skip(reason) => {
                let run = self.line(id, decision.due, RunState::Skipped);
                self.runs.push(Kept { through: decision.through, reason: Some(reason.as_str()), ..run });
            }
        }
        Ok(())
    }

    /// A job for an instant, if it would be taken; tells whether it is.
    async fn fire(
        &mut self,
        engine: &Engine,
        definition: &Definition,
        id: RunId,
        due: DateTime<Utc>,
        by_hand: bool,
    ) -> Result<bool, PrepareError> {
        let submission = definition.submission(self.found.schedule, due);
        let checked = preflight(&engine.db, &engine.store, &engine.catalog, &self.tenant, &submission).await;
        let run = Kept { by_hand, ..self.line(id, due, RunState::Fired) };
        match checked {
            Ok(checked) => {
                let job = NewJob::new(checked.entry, &submission, checked.needs);
                self.jobs.push(job.reading(checked.input.files));
                self.runs.push(run);
                Ok(true)
            }
            Err(SubmitError::Database(error)) => Err(error.into()),
            Err(refusal) => {
                self.runs.push(refused(&run, &refusal));
                Ok(false)
            }
        }
    }

    fn line(&self, id: RunId, due: DateTime<Utc>, state: RunState) -> Kept {
        Kept {
            tenant: self.tenant.id,
            schedule: self.schedule(),
            id,
            due,
            through: None,
            by_hand: false,
            state,
            reason: None,
            message: None,
            job: None,
        }
    }

    pub fn schedule(&self) -> ScheduleId {
        self.found.schedule
    }

    /// The same without its jobs, which are refused.
    pub fn refused(mut self, refusal: &SubmitError) -> Self {
        self.jobs.clear();
        self.replaced = None;
        let runs = std::mem::take(&mut self.runs).into_iter();
        let is_fired = |run: &Kept| run.state == RunState::Fired;
        self.runs = runs.map(|run| if is_fired(&run) { refused(&run, refusal) } else { run }).collect();
        self
    }
}

/// The line of an instant whose job is refused, with the sentence that a submit would have got.
fn refused(run: &Kept, refusal: &SubmitError) -> Kept {
    let message = match refusal {
        SubmitError::BadInput(faults) => faults.first().map(|fault| {
            format!("the input does not fit any more: /input{}: {}", fault.pointer, fault.message)
        }),
        SubmitError::BadFields(faults) => {
            faults.first().map(|fault| format!("{}: {}", fault.field, fault.message))
        }
        _ => None,
    };
    Kept {
        state: RunState::Skipped,
        reason: Some("refused"),
        message: Some(message.unwrap_or_else(|| refusal.to_string())),
        job: None,
        ..run.clone()
    }
}
