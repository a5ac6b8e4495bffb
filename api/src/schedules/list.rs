//! `GET /v1/schedules`: a tenant's schedules, the oldest first.

use axum::Json;
use axum::extract::State;
use esteira_engine::id::ScheduleId;

use crate::cursor;
use crate::extract::{FromParams, PageParams, Params, Query, ScheduleReader};
use crate::options::ApiOptions;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::{Page, ScheduleView};

/// The list, as cursors name it.
const LIST: &str = "schedules";

/// Which schedules are wanted.
pub(crate) struct SchedulesWanted {
    after: Option<ScheduleId>,
    limit: u16,
}

impl FromParams for SchedulesWanted {
    fn from_params(params: &mut Params, options: &ApiOptions) -> Self {
        let page = PageParams::from_params(params, options);
        Self { after: page.after(LIST, params), limit: page.limit }
    }
}

/// List schedules
///
/// The oldest first. Follow `next_cursor` until it is null.
#[utoipa::path(
    get, path = "/v1/schedules", tag = "schedules", params(PageParams),
    security(("token" = ["schedules:write"]), ("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "A page of schedules.", body = Page<ScheduleView>),
        (status = 400, description = "A parameter is wrong."),
    ),
)]
pub(crate) async fn list_schedules(
    ScheduleReader(tenant): ScheduleReader,
    State(state): State<ApiState>,
    Query(SchedulesWanted { after, limit }): Query<SchedulesWanted>,
) -> Result<Json<Page<ScheduleView>>, Problem> {
    let page = state.engine.schedules(&tenant, after, limit).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(ScheduleView::from).collect(),
        next_cursor: page.next.map(|last| cursor::encode(LIST, &last)),
    }))
}
