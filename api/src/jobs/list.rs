//! `GET /v1/jobs`: a tenant's jobs, newest first, a page at a time.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use esteira_engine::id::{BatchId, JobId};
use esteira_engine::job::JobState;
use esteira_engine::queue::JobFilter;
use serde_json::Value;
use utoipa::IntoParams;

use crate::cursor;
use crate::extract::{FromParams, JobsRead, PageParams, Params, Query, TenantCaller, Timestamp};
use crate::options::ApiOptions;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::{JobView, Page};

/// The list, as cursors name it.
const LIST: &str = "jobs";

/// Which jobs are wanted, as the description shows them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only describes what JobsWanted takes")]
pub(crate) struct FilterParams {
    /// In this state.
    #[param(schema_with = crate::view::state_schema, required = false)]
    state: Option<String>,
    /// Of this kind.
    kind: Option<String>,
    /// Of this batch.
    batch_id: Option<uuid::Uuid>,
    /// Submitted after this instant (RFC 3339).
    created_after: Option<DateTime<Utc>>,
    /// Submitted before this instant (RFC 3339).
    created_before: Option<DateTime<Utc>>,
    /// Whose metadata have this text under `KEY`; may be given for several keys.
    #[param(rename = "metadata.KEY")]
    metadata: Option<String>,
}

/// Which jobs are wanted.
pub(crate) struct JobsWanted {
    filter: JobFilter,
    after: Option<JobId>,
    limit: u16,
}

impl FromParams for JobsWanted {
    fn from_params(params: &mut Params, options: &ApiOptions) -> Self {
        let page = PageParams::from_params(params, options);
        let instant = |timestamp: Timestamp| timestamp.0;
        let filter = JobFilter {
            state: params.parsed::<JobState>("state"),
            kind: params.text("kind"),
            batch: params.parsed::<BatchId>("batch_id"),
            created_after: params.parsed("created_after").map(instant),
            created_before: params.parsed("created_before").map(instant),
            metadata: params
                .below("metadata.")
                .into_iter()
                .map(|(key, value)| (key, Value::String(value)))
                .collect(),
        };
        Self { filter, after: page.after(LIST, params), limit: page.limit }
    }
}

/// List jobs
///
/// Newest first. Every filter that is given must hold. Follow `next_cursor` until it is null: where many jobs had to be
/// passed over, a page before the last one may have fewer items than `limit`, or none.
#[utoipa::path(
    get, path = "/v1/jobs", tag = "jobs", params(FilterParams, PageParams),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "A page of jobs.", body = Page<JobView>),
        (status = 400, description = "A parameter is wrong."),
    ),
)]
pub(crate) async fn list_jobs(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    Query(JobsWanted { filter, after, limit }): Query<JobsWanted>,
) -> Result<Json<Page<JobView>>, Problem> {
    let page = state.engine.jobs(&tenant, &filter, after, limit).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(JobView::from).collect(),
        next_cursor: page.next.map(|last| cursor::encode(LIST, &last)),
    }))
}
