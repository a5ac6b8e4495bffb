//! `GET /v1/workers`: every worker that is registered.

use axum::Json;
use axum::extract::State;

use crate::extract::{Operator, Query};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::{Page, WorkerView};

/// List workers
///
/// All of them at once, the oldest first; `next_cursor` is always null.
#[utoipa::path(
    get, path = "/v1/workers", tag = "workers",
    security(("token" = ["operator"])),
    responses((status = 200, description = "The workers.", body = Page<WorkerView>)),
)]
pub(crate) async fn list_workers(
    _: Operator,
    State(state): State<ApiState>,
    Query(()): Query<()>,
) -> Result<Json<Page<WorkerView>>, Problem> {
    let workers = state.engine.workers().await?;
    Ok(Json(Page { items: workers.into_iter().map(WorkerView::from).collect(), next_cursor: None }))
}
