//! Webhooks of a tenant: made, listed, changed and removed; what they were told, and telling them again.

mod change;
mod create;
mod deliveries;
mod delivery;
mod errors;
mod fields;
mod get;
mod list;
mod redeliver;
mod remove;
mod test;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::layer::within;
use crate::options::ApiOptions;
use crate::state::ApiState;

/// The routes below `/v1/webhooks`.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(create::create_webhook, list::list_webhooks))
        .routes(routes!(get::get_webhook, change::change_webhook, remove::remove_webhook))
        .routes(routes!(deliveries::list_deliveries))
        .routes(routes!(delivery::get_delivery))
        .routes(routes!(redeliver::redeliver))
        .routes(routes!(test::test_webhook))
        .layer(from_fn_with_state(options.request_timeout, within))
}
