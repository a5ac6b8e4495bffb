//! What does a caller see when a handler panics? A 500 without a word of the cause.

use std::any::Any;

use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::{CatchPanicLayer, ResponseForPanic};

use crate::problem::Problem;

/// Makes a 500 of a panic, and goes on.
pub(crate) fn catch_panics() -> CatchPanicLayer<Quiet> {
    CatchPanicLayer::custom(Quiet)
}

/// Tells the log, not the caller.
#[derive(Clone)]
pub(crate) struct Quiet;

impl ResponseForPanic for Quiet {
    type ResponseBody = axum::body::Body;

    fn response_for_panic(&mut self, panic: Box<dyn Any + Send + 'static>) -> Response {
        let message = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        tracing::error!(message, "a handler panicked");
        Problem::bare_internal().into_response()
    }
}
