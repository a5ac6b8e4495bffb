//! `GET /v1/jobs/{id}/events`: what happens to a job, as it happens or so far.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use esteira_engine::id::JobId;
use esteira_engine::queue::EventPlace;
use esteira_engine::tenant::Tenant;
use tokio::time::Instant;

use super::stream::Open;
use crate::extract::{JobPath, JobsRead, LastEvent, Query, TenantCaller, Wants};
use crate::limit::UntilSent;
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::{SentEventView, TimelineView};

/// Watch a job
///
/// Server-sent events `state`, `progress` and `log`, from the first on or from the one after `Last-Event-ID`, which any
/// process of the API understands. The stream ends after the final state; who asks for more then is answered 204, so that
/// an `EventSource` stops. It also ends, with a `retry` field, after some minutes and when the server stops: come again
/// with the last `id`. With `Accept: application/json` the answer is the timeline so far.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/events", tag = "jobs",
    params(
        ("id" = uuid::Uuid, Path, description = "The job"),
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event that was seen",
         example = "1.1.12"),
    ),
    security(("token" = ["jobs:read"])),
    extensions(("x-codes" = json!([Code::InvalidEventId, Code::TooManyAtOnce, Code::Unavailable]))),
    responses(
        (status = 200, description = "What happens. Each `data` of the stream is an `Event` of the timeline.",
         content((SentEventView = "text/event-stream"), (TimelineView = "application/json"))),
        (status = 204, description = "The job is over, and all of its events were seen."),
        (status = 400, description = "`Last-Event-ID` is of no event."),
        (status = 404, description = "The tenant has no such job."),
        (status = 429, description = "Too many requests, or too many open streams or timelines of the tenant."),
        (status = 503, description = "The database is away, or this process has as many open streams as it may."),
    ),
)]
pub(crate) async fn watch_job(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    JobPath(id): JobPath,
    LastEvent(after): LastEvent,
    wants: Wants,
    Query(()): Query<()>,
) -> Result<Response, Problem> {
    match wants {
        Wants::Timeline => so_far(&state, tenant, id, after).await,
        Wants::Stream => stream(&state, tenant, id, after).await,
    }
}

async fn so_far(
    state: &ApiState,
    tenant: Tenant,
    job: JobId,
    after: EventPlace,
) -> Result<Response, Problem> {
    let most = state.options.max_timelines_per_tenant;
    let Some(place) = state.timelines.take(tenant.id, most) else {
        return Err(Problem::too_many_at_once("timelines", most));
    };
    let timeline = state.engine.timeline(tenant, job, after).await?.ok_or_else(Problem::not_found)?;
    let answer = Json(TimelineView::new(job, timeline)).into_response();
    Ok(answer.map(|body| UntilSent::body(body, place)))
}

async fn stream(
    state: &ApiState,
    tenant: Tenant,
    job: JobId,
    after: EventPlace,
) -> Result<Response, Problem> {
    let options = &state.options;
    let most = options.max_streams_per_tenant;
    let Some(of_tenant) = state.streams.take(tenant.id, most) else {
        return Err(Problem::too_many_at_once("open streams", most));
    };
    let Some(of_process) = state.all_streams.take((), options.max_streams) else {
        let detail = "This process has as many open streams as it may. Try again.";
        return Err(Problem::new(Code::Unavailable, detail));
    };
    let follow = state.engine.follow(tenant, job, after).await?.ok_or_else(Problem::not_found)?;
    if follow.is_over() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let open = Open {
        follow,
        job,
        until: Instant::now() + options.stream_time,
        closing: state.closing.clone(),
        _places: (of_tenant, of_process),
    };
    let keep_alive = KeepAlive::new().interval(options.stream_keep_alive);
    let head = [
        // Proxies that gather answers would hold events back.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((head, Sse::new(open.events()).keep_alive(keep_alive)).into_response())
}
