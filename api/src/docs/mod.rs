//! `GET /docs`: the API for people, made of `/openapi.json` by a page of our own.
//!
//! Nothing is fetched from elsewhere, so it works without the internet, and the policy allows no script
//! but the one that is served here.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;

use crate::state::ApiState;

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");
const STYLE: &str = include_str!("page.css");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page, its parts, and the description that it shows.
pub(crate) fn routes(description: Bytes) -> Router<ApiState> {
    Router::new()
        .route("/docs", get(async || asset("text/html; charset=utf-8", PAGE)))
        .route("/docs/page.js", get(async || asset("text/javascript; charset=utf-8", SCRIPT)))
        .route("/docs/page.css", get(async || asset("text/css; charset=utf-8", STYLE)))
        .route("/openapi.json", get(async move || ([json()], description)))
}

fn asset(media_type: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // Short, because the next version of the program comes with another page under the same name.
        (header::CACHE_CONTROL, "max-age=60"),
    ];
    (headers, text)
}

fn json() -> (HeaderName, HeaderValue) {
    (header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
}
