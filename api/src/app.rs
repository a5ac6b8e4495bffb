//! Which routes are there, and what surrounds them?

use axum::Router;
use axum::middleware::from_fn_with_state;
use bytes::Bytes;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::layer::{catch_panics, cors, edge, hsts};
use crate::options::ApiOptions;
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::{
    around, batches, console, docs, documents, files, jobs, keys, kinds, openapi, operator_keys, queues,
    schedules, submitters, tenants, usage, webhooks, workers,
};

/// The whole API as a service; tests call it without a socket.
pub fn app(state: ApiState) -> Router {
    let (router, description) = routes(&state.options).split_for_parts();
    let router = router
        .merge(docs::routes(Bytes::from(written(description))))
        .merge(console::routes())
        .fallback(async || {
            Problem::new(Code::UnknownRoute, "There is no such route. GET /openapi.json lists them.")
        })
        .method_not_allowed_fallback(async || {
            Problem::new(Code::MethodNotAllowed, "The route does not take this method; see `Allow`.")
        })
        .layer(catch_panics());
    let router = match cors(&state.options.cors_origins) {
        Some(cors) => router.layer(cors),
        None => router,
    };
    let router = match state.options.tls.as_ref().and_then(|_| hsts(state.options.hsts)) {
        Some(hsts) => router.layer(hsts),
        None => router,
    };
    router.layer(from_fn_with_state(state.clone(), edge)).with_state(state)
}

/// What `GET /openapi.json` answers, without a server.
pub fn description() -> String {
    written(routes(&ApiOptions::default()).into_openapi())
}

/// A description that cannot be written is a bug that its own test finds; the API works without.
fn written(description: OpenApi) -> String {
    openapi::completed(description).to_json().unwrap_or_default()
}

/// The routes that the description lists.
pub(crate) fn routes(options: &ApiOptions) -> OpenApiRouter<ApiState> {
    OpenApiRouter::with_openapi(openapi::skeleton())
        .merge(jobs::routes(options))
        .merge(batches::routes(options))
        .merge(files::routes(options))
        .merge(kinds::routes(options))
        .merge(tenants::routes(options))
        .merge(usage::routes(options))
        .merge(keys::routes(options))
        .merge(operator_keys::routes(options))
        .merge(queues::routes(options))
        .merge(workers::routes(options))
        .merge(submitters::routes(options))
        .merge(schedules::routes(options))
        .merge(webhooks::routes(options))
        .merge(documents::routes(options))
        .merge(around::routes(options))
}
