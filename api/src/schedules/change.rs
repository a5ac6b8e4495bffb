//! `PATCH /v1/schedules/{id}`: change a schedule, pause or resume it.

use axum::extract::State;
use esteira_engine::schedule::ScheduleChange;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::fields;
use crate::extract::{Distinct, Json, Metadata, Query, ScheduleOwner, SchedulePath};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::{ScheduleView, asked_catch_up_schema, asked_overlap_schema};

/// What changes; a field that is absent stays. See `POST /v1/schedules`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"enabled": false}))]
pub(crate) struct ScheduleChangeRequest {
    /// What its owner calls it.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// When it is due from now on.
    #[schema(max_length = 200, example = "0 2 * * *")]
    cron: Option<String>,
    /// The IANA name of the zone in which that is meant.
    #[schema(example = "America/Sao_Paulo")]
    timezone: Option<String>,
    /// The kind of its jobs.
    kind: Option<String>,
    /// Their input, as a whole; a password or the like that is shown as `***` may stay so, and stays what it is.
    #[schema(value_type = Option<Object>)]
    input: Option<Distinct>,
    /// Their priority.
    #[schema(minimum = -100, maximum = 100)]
    priority: Option<i64>,
    /// Their attempts; null for as many as the kind gives.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 100)]
    max_attempts: Option<Option<i64>>,
    /// Seconds for one attempt; null for as many as the kind gives.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 86_400)]
    timeout_seconds: Option<Option<i64>>,
    /// Their metadata, as a whole.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Metadata>,
    /// What becomes of a due time while the run before is not over.
    #[schema(schema_with = asked_overlap_schema, required = false)]
    overlap: Option<String>,
    /// What becomes of due times after an outage.
    #[schema(schema_with = asked_catch_up_schema, required = false)]
    catch_up: Option<String>,
    /// The most that it is run later.
    #[schema(minimum = 0, maximum = 86_400)]
    jitter_seconds: Option<i64>,
    /// Whether it is due at all. What is due while it is false is not caught up, and what waits then is skipped.
    enabled: Option<bool>,
}

/// Tells a field that is `null` from one that is absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::<i64>::deserialize(deserializer).map(Some)
}

impl ScheduleChangeRequest {
    fn checked(self) -> Result<ScheduleChange, Problem> {
        Ok(ScheduleChange {
            name: self.name,
            cron: self.cron,
            timezone: self.timezone,
            kind: self.kind,
            input: self.input.map(|input| input.0),
            priority: self.priority.map(fields::priority),
            max_attempts: self.max_attempts.map(|attempts| attempts.map(fields::attempts)),
            timeout: self.timeout_seconds.map(|seconds| seconds.map(fields::timeout)),
            metadata: self.metadata.map(|metadata| metadata.0),
            overlap: self.overlap.map(|text| fields::word("/overlap", &text)).transpose()?,
            catch_up: self.catch_up.map(|text| fields::word("/catch_up", &text)).transpose()?,
            jitter_seconds: self.jitter_seconds.map(fields::jitter),
            enabled: self.enabled,
        })
    }
}

/// Change a schedule
///
/// With another `cron` or `timezone`, and when it is enabled, it is due anew from now on.
#[utoipa::path(
    patch, path = "/v1/schedules/{id}", tag = "schedules",
    params(("id" = uuid::Uuid, Path, description = "The schedule")), request_body = ScheduleChangeRequest,
    security(("token" = ["schedules:write"])),
    extensions(("x-codes" = json!([
        Code::InvalidInput, Code::InvalidValue, Code::UnknownKind, Code::KindNotAllowed, Code::TenantSuspended,
    ]))),
    responses(
        (status = 200, description = "The schedule, as it is now.", body = ScheduleView),
        (status = 400, description = "The body is not JSON, or a field is unknown or of the wrong type."),
        (status = 404, description = "The tenant has no such schedule."),
        (status = 422, description = "The input does not fit the kind, or another value cannot be."),
    ),
)]
pub(crate) async fn change_schedule(
    ScheduleOwner(tenant): ScheduleOwner,
    State(state): State<ApiState>,
    SchedulePath(id): SchedulePath,
    Query(()): Query<()>,
    Json(request): Json<ScheduleChangeRequest>,
) -> Result<axum::Json<ScheduleView>, Problem> {
    let change = request.checked()?;
    Ok(axum::Json(state.engine.change_schedule(&tenant, id, &change).await?.into()))
}
