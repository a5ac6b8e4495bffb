//! `POST /v1/schedules`: let a job be submitted at the times of a cron text.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use esteira_engine::schedule::Definition;
use serde::Deserialize;
use utoipa::ToSchema;

use super::fields;
use crate::extract::{Distinct, Json, Metadata, Query, ScheduleOwner};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::{ScheduleView, asked_catch_up_schema, asked_overlap_schema};

/// A schedule to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "nightly-usage", "cron": "0 2 * * *", "timezone": "America/Sao_Paulo", "kind": "document.extract",
    "input": {"source": "upload://0192f0c1-2345-7abc-8def-0123456789ab"}, "overlap": "skip", "catch_up": "latest",
}))]
pub(crate) struct NewScheduleRequest {
    /// What its owner calls it.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Five fields as in crontab(5), six with seconds first, or `@yearly`, `@monthly`, `@weekly`, `@daily`, `@hourly`.
    #[schema(max_length = 200, example = "0 2 * * *")]
    cron: String,
    /// The IANA name of the zone in which that is meant; without it, UTC.
    #[schema(example = "America/Sao_Paulo")]
    timezone: Option<String>,
    /// The kind of its jobs.
    #[schema(example = "document.extract")]
    kind: String,
    /// Their input; its schema is at `GET /v1/kinds/{kind}`.
    #[schema(value_type = Object)]
    input: Distinct,
    /// −100 to 100, higher first, within the tenant.
    #[schema(minimum = -100, maximum = 100, default = 0)]
    priority: Option<i64>,
    /// How many attempts a job may have, if not as many as the kind gives.
    #[schema(minimum = 1, maximum = 100)]
    max_attempts: Option<i64>,
    /// Seconds that one attempt may take, if not as many as the kind gives.
    #[schema(minimum = 1, maximum = 86_400)]
    timeout_seconds: Option<i64>,
    /// For the submitter's own use, as that of a job; `schedule_id` and `due_at` are added.
    #[serde(default)]
    #[schema(value_type = Object, required = false)]
    metadata: Metadata,
    /// What becomes of a due time while the run before is not over; without it, `skip`.
    #[schema(schema_with = asked_overlap_schema, required = false)]
    overlap: Option<String>,
    /// What becomes of due times after an outage; without it, `latest`.
    #[schema(schema_with = asked_catch_up_schema, required = false)]
    catch_up: Option<String>,
    /// It is run up to so many seconds later, always by the same delay, so that many schedules of one text spread.
    #[schema(minimum = 0, maximum = 86_400, default = 0)]
    jitter_seconds: Option<i64>,
    /// Whether it is due at all; without it, true.
    enabled: Option<bool>,
}

impl NewScheduleRequest {
    fn checked(self) -> Result<Definition, Problem> {
        Ok(Definition {
            name: self.name,
            cron: self.cron,
            timezone: self.timezone.unwrap_or_else(|| "UTC".to_owned()),
            kind: self.kind,
            input: self.input.0,
            priority: self.priority.map_or(0, fields::priority),
            max_attempts: self.max_attempts.map(fields::attempts),
            timeout: self.timeout_seconds.map(fields::timeout),
            metadata: self.metadata.0,
            overlap: fields::word("/overlap", self.overlap.as_deref().unwrap_or("skip"))?,
            catch_up: fields::word("/catch_up", self.catch_up.as_deref().unwrap_or("latest"))?,
            jitter_seconds: self.jitter_seconds.map_or(0, fields::jitter),
            enabled: self.enabled.unwrap_or(true),
        })
    }
}

/// Make a schedule
///
/// Its job is checked as a submit would be. A local time that a clock change skips or repeats is due once.
#[utoipa::path(
    post, path = "/v1/schedules", tag = "schedules", request_body = NewScheduleRequest,
    security(("token" = ["schedules:write"])),
    extensions(("x-codes" = json!([
        Code::TooManySchedules, Code::InvalidInput, Code::InvalidValue, Code::UnknownKind, Code::KindNotAllowed,
        Code::TenantSuspended,
    ]))),
    responses(
        (status = 201, description = "The schedule is made.", body = ScheduleView,
         headers(("Location" = String, description = "Where the schedule is"))),
        (status = 400, description = "The body is not JSON, or a field is unknown, missing or of the wrong type."),
        (status = 409, description = "The tenant has as many schedules as it may."),
        (status = 422, description = "The input does not fit the kind, or another value cannot be."),
    ),
)]
pub(crate) async fn create_schedule(
    ScheduleOwner(tenant): ScheduleOwner,
    State(state): State<ApiState>,
    Query(()): Query<()>,
    Json(request): Json<NewScheduleRequest>,
) -> Result<Response, Problem> {
    let new = request.checked()?;
    let limit = state.options.max_schedules_per_tenant;
    let made = state.engine.create_schedule(&tenant, &new, limit).await?;
    let location = HeaderValue::from_str(&format!("/v1/schedules/{}", made.id));
    let mut response = (StatusCode::CREATED, axum::Json(ScheduleView::from(made))).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}
