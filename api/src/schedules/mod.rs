//! Schedules of a tenant: made, listed, changed and removed; run by hand, and what became of their due times.

mod change;
mod create;
mod errors;
mod fields;
mod get;
mod list;
mod remove;
mod run;
mod runs;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

/// The routes below `/v1/schedules`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(create::create_schedule, list::list_schedules))
        .routes(routes!(get::get_schedule, change::change_schedule, remove::remove_schedule))
        .routes(routes!(run::run_schedule))
        .routes(routes!(runs::list_schedule_runs))
        .layer(from_fn_with_state(options.request_timeout, within))
}
