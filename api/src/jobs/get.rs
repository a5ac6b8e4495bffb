//! `GET /v1/jobs/{id}`: one job, at once or as soon as it is final.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use esteira_engine::job::Job;
use utoipa::IntoParams;

use crate::extract::{FromParams, JobPath, JobsRead, Params, Query, TenantCaller};
use crate::options::ApiOptions;
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::JobView;

/// The job, or the answer that there is none.
pub(super) fn found(job: Option<Job>) -> Result<JobView, Problem> {
    job.map(JobView::from).ok_or_else(Problem::not_found)
}

/// How long the answer may take.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WaitParams {
    /// Hold the answer until the job is final, at most this many seconds.
    #[param(required = false, value_type = u64, minimum = 0, maximum = 60, default = 0)]
    wait: Duration,
}

impl FromParams for WaitParams {
    fn from_params(params: &mut Params, options: &ApiOptions) -> Self {
        let most = options.max_wait.as_secs();
        let seconds = params.text("wait").map_or(Some(0), |text| text.parse().ok().filter(|s| *s <= most));
        if seconds.is_none() {
            params.fault("wait", format!("must be a whole number of seconds, at most {most}"));
        }
        Self { wait: Duration::from_secs(seconds.unwrap_or(0)) }
    }
}

/// Get a job
///
/// With `wait` the answer comes as soon as the job is final, or with its state when the time is over.
#[utoipa::path(
    get, path = "/v1/jobs/{id}", tag = "jobs",
    params(("id" = uuid::Uuid, Path, description = "The job"), WaitParams),
    security(("token" = ["jobs:read"])),
    extensions(("x-codes" = json!([Code::TooManyAtOnce]))),
    responses(
        (status = 200, description = "The job.", body = JobView),
        (status = 400, description = "A parameter is wrong."),
        (status = 404, description = "The tenant has no such job."),
        (status = 429, description = "Too many requests, or too many of the tenant's requests wait already."),
    ),
)]
pub(crate) async fn get_job(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    JobPath(id): JobPath,
    Query(WaitParams { wait }): Query<WaitParams>,
) -> Result<Json<JobView>, Problem> {
    if wait.is_zero() {
        return found(state.engine.job(&tenant, id).await?).map(Json);
    }
    let most = state.options.max_waits_per_tenant;
    let Some(_place) = state.waits.take(tenant.id, most) else {
        return Err(Problem::too_many_at_once("waits", most));
    };
    let job = tokio::select! {
        job = state.engine.wait(&tenant, id, wait) => job?,
        // The server stops: the caller learns the state now, and asks another process next.
        () = state.closing.cancelled() => state.engine.job(&tenant, id).await?,
    };
    found(job).map(Json)
}
