//! What is a schedule? When it is due, and the job that is submitted then.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use esteira_scheduler::{CatchUp, Cron, CronError, Overlap};
use serde_json::{Map, Value, json};

use crate::db::DatabaseError;
use crate::id::ScheduleId;
use crate::queue::{Submission, SubmitError};
use crate::tenant::Tenant;

/// The version of a tenant's schema that brought schedules.
pub(crate) const SINCE_VERSION: i32 = 9;

/// How many of the next due instants are shown.
const SHOWN: usize = 5;
const LONGEST_NAME: usize = 200;
const LONGEST_CRON: usize = 200;
/// The longest spread: a day.
const MOST_JITTER: u32 = 24 * 3600;

/// What its owner says of a schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// For people.
    pub name: String,
    /// Five fields, six with seconds first, or `@daily` and its like.
    pub cron: String,
    /// The IANA name of the zone in which the fields are meant.
    pub timezone: String,
    /// The kind of the jobs.
    pub kind: String,
    /// Their input.
    pub input: Value,
    /// Their priority.
    pub priority: i16,
    /// Their attempts, if not as many as the kind gives.
    pub max_attempts: Option<u16>,
    /// The time for one attempt, if not what the kind gives.
    pub timeout: Option<Duration>,
    /// Their metadata, to which `schedule_id` and `due_at` are added.
    pub metadata: Map<String, Value>,
    /// What becomes of a due instant while the run before is not over.
    pub overlap: Overlap,
    /// What becomes of instants that nobody looked at in time.
    pub catch_up: CatchUp,
    /// It is fired up to so many seconds later, always by the same delay, so that many schedules of one text spread.
    pub jitter_seconds: u32,
    /// Whether it is due at all.
    pub enabled: bool,
}

/// A schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// What its owner says.
    pub definition: Definition,
    /// The next five due instants; none while it is paused.
    pub next_runs: Vec<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// A page of schedules.
#[derive(Debug)]
pub struct SchedulePage {
    /// The schedules, the oldest first.
    pub items: Vec<Schedule>,
    /// Where the next page begins: after this one; `None` at the end.
    pub next: Option<ScheduleId>,
}

/// New values; what is absent stays, and a limit that is `Some(None)` is taken back. See [`Definition`].
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "see Definition")]
pub struct ScheduleChange {
    pub name: Option<String>,
    pub cron: Option<String>,
    pub timezone: Option<String>,
    pub kind: Option<String>,
    pub input: Option<Value>,
    pub priority: Option<i16>,
    pub max_attempts: Option<Option<u16>>,
    pub timeout: Option<Option<Duration>>,
    pub metadata: Option<Map<String, Value>>,
    pub overlap: Option<Overlap>,
    pub catch_up: Option<CatchUp>,
    pub jitter_seconds: Option<u32>,
    pub enabled: Option<bool>,
}

/// What was asked of a schedule is not done.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The tenant has no such schedule.
    #[error("there is no such schedule")]
    Unknown,
    /// The tenant has as many as it may.
    #[error("the tenant has {limit} schedules already")]
    TooMany {
        /// How many it may have.
        limit: i64,
    },
    /// Its text or its zone cannot be understood.
    #[error(transparent)]
    Cron(#[from] CronError),
    /// Another field cannot be as it is.
    #[error("{field}: {message}")]
    BadField {
        /// Its name.
        field: &'static str,
        /// Why.
        message: String,
    },
    /// The run before is not over, and its overlap says that nothing runs meanwhile, or as many wait as may.
    #[error("the run before is not over")]
    Busy,
    /// Its job would not be taken.
    #[error("its job would not be taken")]
    Submit(#[from] SubmitError),
    /// The tenant's schema is older than schedules.
    #[error("the tenant's schema is older than schedules: run `esteira migrate`")]
    Behind,
    /// The database is away.
    #[error("failed to read or write schedules")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for ScheduleError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Refuses a tenant whose schema has no schedules yet.
pub(super) fn check_version(tenant: &Tenant) -> Result<(), ScheduleError> {
    if tenant.schema_version >= SINCE_VERSION { Ok(()) } else { Err(ScheduleError::Behind) }
}

impl Definition {
    /// Its text and zone.
    pub(super) fn parse_cron(&self) -> Result<Cron, CronError> {
        Cron::parse(&self.cron, &self.timezone)
    }

    /// Looks at every field that is not the job's.
    pub(super) fn check(&self) -> Result<Cron, ScheduleError> {
        let bad = |field, message: String| Err(ScheduleError::BadField { field, message });
        let length = self.name.chars().count();
        if length == 0 || length > LONGEST_NAME || self.name.contains(char::is_control) {
            return bad(
                "name",
                format!("must have 1 to {LONGEST_NAME} characters, none a control character"),
            );
        }
        if self.cron.len() > LONGEST_CRON {
            return bad("cron", format!("must have at most {LONGEST_CRON} bytes"));
        }
        if self.jitter_seconds > MOST_JITTER {
            return bad("jitter_seconds", format!("must be between 0 and {MOST_JITTER}"));
        }
        Ok(self.parse_cron()?)
    }

    /// The job that is submitted for a due instant.
    pub(super) fn submission(&self, id: ScheduleId, due: DateTime<Utc>) -> Submission {
        let mut metadata = self.metadata.clone();
        metadata.insert("schedule_id".to_owned(), json!(id));
        metadata.insert("due_at".to_owned(), json!(due.to_rfc3339_opts(SecondsFormat::AutoSi, true)));
        Submission {
            kind: self.kind.clone(),
            input: self.input.clone(),
            priority: self.priority,
            max_attempts: self.max_attempts,
            timeout: self.timeout,
            metadata,
            ..Submission::default()
        }
    }

    /// Takes over what changes.
    pub(super) fn apply(&mut self, change: &ScheduleChange) {
        fn set<T: Clone>(field: &mut T, new: &Option<T>) {
            if let Some(new) = new {
                field.clone_from(new);
            }
        }
        set(&mut self.name, &change.name);
        set(&mut self.cron, &change.cron);
        set(&mut self.timezone, &change.timezone);
        set(&mut self.kind, &change.kind);
        set(&mut self.input, &change.input);
        set(&mut self.priority, &change.priority);
        set(&mut self.metadata, &change.metadata);
        set(&mut self.overlap, &change.overlap);
        set(&mut self.catch_up, &change.catch_up);
        set(&mut self.jitter_seconds, &change.jitter_seconds);
        set(&mut self.enabled, &change.enabled);
        set(&mut self.max_attempts, &change.max_attempts);
        set(&mut self.timeout, &change.timeout);
    }

    /// The next due instants after `now`, as they are shown.
    pub(super) fn next_runs(&self, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        match self.parse_cron() {
            Ok(cron) if self.enabled => cron.after(now).take(SHOWN).collect(),
            // A zone that the database of zones has no more is told where it is changed or due.
            _ => Vec::new(),
        }
    }
}

/// How much later than its due instants a schedule is fired: some part of its jitter, by its id.
pub(super) fn delay(id: ScheduleId, jitter_seconds: u32) -> TimeDelta {
    // The low half of a UUIDv7 is drawn at random.
    let drawn = u64::try_from(id.0.as_u128() & u128::from(u64::MAX >> 2)).unwrap_or_default();
    let most = u64::from(jitter_seconds) * 1000;
    TimeDelta::milliseconds(i64::try_from(drawn % (most + 1)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_always_the_same_and_spreads_over_the_jitter() {
        let delays: Vec<i64> = (0..2000).map(|_| delay(ScheduleId::new(), 60).num_milliseconds()).collect();
        assert!(delays.iter().all(|delay| (0..=60_000).contains(delay)));
        for tenth in 0..10 {
            let within = delays.iter().filter(|delay| **delay / 6001 == tenth).count();
            assert!(within > 100, "{tenth}: {within}");
        }
        let id = ScheduleId::new();
        assert_eq!((delay(id, 60), delay(id, 0)), (delay(id, 60), TimeDelta::zero()));
    }
}
