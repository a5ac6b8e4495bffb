//! How long may a handler take? As long as its group of routes is given, then the answer is a 503.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use crate::problem::{Code, Problem};

/// Ends a handler that takes longer than its group of routes is given. Its transaction is rolled back.
pub(crate) async fn within(State(longest): State<Duration>, request: Request, next: Next) -> Response {
    match timeout(longest, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Code::Timeout, "The answer took too long. Try again.").into_response(),
    }
}
