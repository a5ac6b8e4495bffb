//! Jobs: submit, one or many, get, watch, explain, list, cancel, retry, and the files that they make.

mod answer;
mod artifact;
mod batch;
mod batch_request;
mod cancel;
mod events;
mod get;
mod list;
mod preview;
mod request;
mod retry;
mod stream;
mod submit;
mod why;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

pub(crate) use artifact::{ArtifactParams, Link, leading_to};

/// The routes below `/v1/jobs`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    let quick = OpenApiRouter::new()
        .routes(routes!(submit::submit_job, list::list_jobs))
        .routes(routes!(batch::submit_batch))
        .routes(routes!(cancel::cancel_job))
        .routes(routes!(retry::retry_job))
        .routes(routes!(why::explain_job))
        .routes(routes!(events::watch_job))
        .routes(routes!(artifact::get_artifact))
        .routes(routes!(preview::preview_artifact))
        .layer(from_fn_with_state(options.request_timeout, within));
    let waiting = OpenApiRouter::new()
        .routes(routes!(get::get_job))
        .layer(from_fn_with_state(options.request_timeout + options.max_wait, within));
    quick.merge(waiting)
}
