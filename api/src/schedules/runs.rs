//! `GET /v1/schedules/{id}/runs`: what became of a schedule's due times, newest first.

use axum::Json;
use axum::extract::State;
use esteira_engine::id::RunId;
use esteira_engine::schedule::RunState;
use utoipa::IntoParams;

use crate::cursor;
use crate::extract::{FromParams, PageParams, Params, Query, SchedulePath, ScheduleReader};
use crate::options::ApiOptions;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::{Page, RunView};

/// The list, as cursors name it.
const LIST: &str = "runs";

/// Which runs are wanted, as the description shows it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only describes what RunsWanted takes")]
pub(crate) struct FilterParams {
    /// In this state.
    #[param(schema_with = crate::view::run_state_schema, required = false)]
    state: Option<String>,
}

/// Which runs are wanted.
pub(crate) struct RunsWanted {
    state: Option<RunState>,
    after: Option<RunId>,
    limit: u16,
}

impl FromParams for RunsWanted {
    fn from_params(params: &mut Params, options: &ApiOptions) -> Self {
        let page = PageParams::from_params(params, options);
        Self { state: params.parsed("state"), after: page.after(LIST, params), limit: page.limit }
    }
}

/// List runs
///
/// Newest first: each due time with its job, or with the reason why there is none. Follow `next_cursor` until it is null.
#[utoipa::path(
    get, path = "/v1/schedules/{id}/runs", tag = "schedules",
    params(("id" = uuid::Uuid, Path, description = "The schedule"), FilterParams, PageParams),
    security(("token" = ["schedules:write"]), ("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "A page of runs.", body = Page<RunView>),
        (status = 400, description = "A parameter is wrong."),
        (status = 404, description = "The tenant has no such schedule."),
    ),
)]
pub(crate) async fn list_schedule_runs(
    ScheduleReader(tenant): ScheduleReader,
    State(api): State<ApiState>,
    SchedulePath(id): SchedulePath,
    Query(RunsWanted { state, after, limit }): Query<RunsWanted>,
) -> Result<Json<Page<RunView>>, Problem> {
    let page = api.engine.schedule_runs(&tenant, id, state, after, limit).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(RunView::from).collect(),
        next_cursor: page.next.map(|last| cursor::encode(LIST, &last)),
    }))
}
