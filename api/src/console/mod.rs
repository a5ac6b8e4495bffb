//! `GET /console`: jobs, schedules, tenants and workers for people, as a page of our own that calls the API.
//!
//! It is a handful of modules that browsers run as they stand, so nobody builds anything. The page holds no right of its
//! own: whatever it shows, it asks of the API with the token of whoever uses it. See `docs/console.md`.

mod page;
mod policy;
mod sign_in;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::state::ApiState;

pub use sign_in::ConsoleSignIn;

/// The page, its parts, and where its users may sign in.
pub(crate) fn routes() -> Router<ApiState> {
    let router =
        Router::new().route("/console", get(index)).route("/console/settings.json", get(sign_in::settings));
    page::FILES.iter().fold(router, |router, file| router.route(file.path, get(async move || part(file))))
}

async fn index(State(state): State<ApiState>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy::of(&state).await),
        // Asked again each time: the policy holds addresses of the settings, and the parts those of this version.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, page::INDEX)
}

fn part(file: &'static page::File) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, file.media_type),
        // Short, because the next version of the program comes with another file under the same name.
        (header::CACHE_CONTROL, "max-age=60"),
    ];
    (headers, file.text)
}
