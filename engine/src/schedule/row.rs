//! How does a schedule stand in its table? Its columns, and what they mean.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::definition::{Definition, Schedule};
use crate::db::DatabaseError;
use crate::id::ScheduleId;

/// The columns of `schedules`, as they are read.
pub(super) struct Row {
    pub id: Uuid,
    pub name: String,
    pub cron: String,
    pub timezone: String,
    pub kind: String,
    pub input: Value,
    pub priority: i16,
    pub max_attempts: Option<i16>,
    pub timeout_seconds: Option<i32>,
    pub metadata: Value,
    pub overlap: String,
    pub catch_up: String,
    pub jitter_seconds: i32,
    pub enabled: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

impl TryFrom<Row> for Schedule {
    type Error = DatabaseError;

    fn try_from(row: Row) -> Result<Self, DatabaseError> {
        let word = |error: &'static str| sqlx::Error::Decode(error.into());
        let definition = Definition {
            name: row.name,
            cron: row.cron,
            timezone: row.timezone,
            kind: row.kind,
            input: row.input,
            priority: row.priority,
            max_attempts: row.max_attempts.map(i16::unsigned_abs),
            timeout: row.timeout_seconds.map(|seconds| Duration::from_secs(seconds.unsigned_abs().into())),
            metadata: object(row.metadata),
            overlap: row.overlap.parse().map_err(word)?,
            catch_up: row.catch_up.parse().map_err(word)?,
            jitter_seconds: row.jitter_seconds.unsigned_abs(),
            enabled: row.enabled,
        };
        Ok(Self {
            id: ScheduleId(row.id),
            next_runs: definition.next_runs(row.now),
            definition,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The fields of a column that holds an object.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
