//! What does a caller see of a schedule? All that was said of it, and when it is due next.

use chrono::{DateTime, Utc};
use esteira_engine::id::ScheduleId;
use esteira_engine::schedule::{CatchUp, Overlap, Schedule};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

/// A schedule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Schedule, example = json!({
    "id": "0192f0c6-789a-7abc-8def-0123456789ab", "name": "nightly-usage", "cron": "0 2 * * *",
    "timezone": "America/Sao_Paulo", "kind": "document.extract",
    "input": {"source": "upload://0192f0c1-2345-7abc-8def-0123456789ab"}, "priority": 0, "max_attempts": null,
    "timeout_seconds": null, "metadata": {}, "overlap": "skip", "catch_up": "latest", "jitter_seconds": 0,
    "enabled": true, "next_runs": [
        "2026-11-25T05:00:00Z", "2026-11-26T05:00:00Z", "2026-11-27T05:00:00Z", "2026-11-28T05:00:00Z",
        "2026-11-29T05:00:00Z",
    ],
    "created_at": "2026-11-24T15:04:05Z", "updated_at": "2026-11-24T15:04:05Z",
}))]
pub(crate) struct ScheduleView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: ScheduleId,
    /// What its owner calls it.
    pub name: String,
    /// When it is due.
    #[schema(example = "0 2 * * *")]
    pub cron: String,
    /// The zone in which that is meant.
    #[schema(example = "America/Sao_Paulo")]
    pub timezone: String,
    /// The kind of its jobs.
    #[schema(example = "document.extract")]
    pub kind: String,
    /// Their input.
    #[schema(value_type = Object)]
    pub input: Value,
    /// Their priority.
    pub priority: i16,
    /// Their attempts; null: as many as the kind gives.
    #[schema(required)]
    pub max_attempts: Option<u16>,
    /// Seconds for one attempt; null: as many as the kind gives.
    #[schema(required)]
    pub timeout_seconds: Option<u64>,
    /// Their metadata, to which `schedule_id` and `due_at` are added.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// What becomes of a due time while the run before is not over.
    #[schema(schema_with = overlap_schema)]
    pub overlap: &'static str,
    /// What becomes of due times after an outage.
    #[schema(schema_with = catch_up_schema)]
    pub catch_up: &'static str,
    /// It is run up to so many seconds later, always by the same delay.
    pub jitter_seconds: u32,
    /// Whether it is due at all.
    pub enabled: bool,
    /// The next five due times; none while it is paused.
    pub next_runs: Vec<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

impl From<Schedule> for ScheduleView {
    fn from(schedule: Schedule) -> Self {
        let definition = schedule.definition;
        Self {
            id: schedule.id,
            name: definition.name,
            cron: definition.cron,
            timezone: definition.timezone,
            kind: definition.kind,
            input: definition.input,
            priority: definition.priority,
            max_attempts: definition.max_attempts,
            timeout_seconds: definition.timeout.map(|timeout| timeout.as_secs()),
            metadata: definition.metadata,
            overlap: definition.overlap.as_str(),
            catch_up: definition.catch_up.as_str(),
            jitter_seconds: definition.jitter_seconds,
            enabled: definition.enabled,
            next_runs: schedule.next_runs,
            created_at: schedule.created_at,
            updated_at: schedule.updated_at,
        }
    }
}

/// The words of `overlap`, from the engine's list.
fn overlap_schema() -> Object {
    words(
        Overlap::ALL.map(Overlap::as_str),
        "While the run before is not over: `skip` runs nothing, `queue` waits for its end, `replace` cancels it.",
    )
}

/// The words of `catch_up`, as [`overlap_schema`].
fn catch_up_schema() -> Object {
    words(
        CatchUp::ALL.map(CatchUp::as_str),
        "Due times that nobody looked at in time: `none` is run, the `latest`, or `all` (the newest 100), one after the other.",
    )
}

/// The words of `overlap`, as they are asked for: null is as good as nothing.
pub(crate) fn asked_overlap_schema() -> Object {
    asked(overlap_schema())
}

/// The words of `catch_up`, as [`asked_overlap_schema`].
pub(crate) fn asked_catch_up_schema() -> Object {
    asked(catch_up_schema())
}

fn asked(mut schema: Object) -> Object {
    schema.schema_type = SchemaType::from_iter([Type::String, Type::Null]);
    schema.enum_values.get_or_insert_default().push(serde_json::Value::Null);
    schema
}

fn words(words: [&'static str; 3], description: &'static str) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .enum_values(Some(words))
        .description(Some(description))
        .build()
}
