//! `GET /console`: jobs, schedules, tenants and workers for people, as a page of our own that calls the API.
//!
//! It is a handful of modules that browsers run as they stand, so nobody builds anything. The page holds no right of its
//! own: whatever it shows, it asks of the API with the token of whoever uses it. See `docs/console.md`.

mod packed;
mod page;
mod policy;
mod sign_in;

use std::sync::LazyLock;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::state::ApiState;
use packed::Packed;

pub use sign_in::ConsoleSignIn;

/// The page, and its parts in the order of the list; compressed once.
static INDEX: LazyLock<Packed> = LazyLock::new(|| Packed::new(page::INDEX));
static PARTS: LazyLock<Vec<Packed>> =
    LazyLock::new(|| page::FILES.iter().map(|file| Packed::new(file.text)).collect());

/// The page, its parts, and where its users may sign in.
pub(crate) fn routes() -> Router<ApiState> {
    let router =
        Router::new().route("/console", get(index)).route("/console/settings.json", get(sign_in::settings));
    page::FILES.iter().zip(PARTS.iter()).fold(router, |router, (file, packed)| {
        router.route(file.path, get(async move |asked: HeaderMap| part(file, packed, &asked)))
    })
}

async fn index(State(state): State<ApiState>, asked: HeaderMap) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy::of(&state).await),
        // Asked again each time: the policy holds addresses of the settings, and the parts those of this version.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, INDEX.answer(&asked)).into_response()
}

fn part(file: &page::File, packed: &Packed, asked: &HeaderMap) -> Response {
    let headers = [
        (header::CONTENT_TYPE, file.media_type),
        // Asked again each time: the next version comes with another file under the same name, and parts of two
        // versions do not fit together.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, packed.answer_unless_known(asked)).into_response()
}
