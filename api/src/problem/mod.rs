//! What does a caller read when something is wrong? One RFC 9457 problem, whatever it was.

mod body;
mod cap;
mod code;
mod engine;

use std::fmt::Display;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

pub(crate) use body::{FieldError, ProblemBody};
pub(crate) use code::Code;

/// How soon another try makes sense when a part that we need is away, or one of many requests under way has to end first.
const RETRY: Duration = Duration::from_secs(5);

/// Characters of a wrong kind that are quoted.
const LONGEST_KIND: usize = 100;

/// An answer that says what is wrong.
///
/// It travels to the outermost layer as an extension of the response, and gets its bytes there, where
/// the request's id is known. It is boxed, since it is the `Err` of every handler.
#[derive(Debug, Clone)]
pub(crate) struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    headers: HeaderMap,
}

impl Problem {
    /// A problem with its sentence for the person who reads it. What passes by itself says when to come again, whoever
    /// tells it.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let inner = Inner { code, detail: detail.into(), errors: Vec::new(), headers: HeaderMap::new() };
        let problem = Self(Box::new(inner));
        match code.status() {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                problem.with_retry_after(RETRY)
            }
            _ => problem,
        }
    }

    /// Nothing is there, or it is another tenant's: the same bytes for both, on every route.
    pub(crate) fn not_found() -> Self {
        Self::new(Code::NotFound, "There is no such resource.")
    }

    /// There is no kind of the name that `/kind` gives.
    pub(crate) fn unknown_kind(kind: &str) -> Self {
        let kind: String = kind.chars().take(LONGEST_KIND).collect();
        Self::new(Code::UnknownKind, format!("There is no kind {kind:?}. GET /v1/kinds lists the kinds."))
            .with_errors([FieldError::new("/kind", "there is no such kind")])
    }

    /// The value of one field is refused.
    pub(crate) fn value(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Code::InvalidValue, "A value of the request is refused.")
            .with_errors([FieldError::new(pointer, message)])
    }

    /// The tenant has as many requests of this sort under way as it may.
    pub(crate) fn too_many_at_once(what: &str, limit: usize) -> Self {
        Self::new(Code::TooManyAtOnce, format!("This tenant may have {limit} {what} at the same time."))
            .with_limit(what, limit)
    }

    /// Something failed that the caller cannot mend. The cause is logged, here and once.
    pub(crate) fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = cause, "a request failed");
        Self::bare_internal()
    }

    /// The same, when there is no cause to log.
    pub(crate) fn bare_internal() -> Self {
        Self::new(Code::Internal, "Something failed on our side. The request id helps to find out what.")
    }

    /// Names the fields that are wrong, as many as an answer has room for.
    pub(crate) fn with_errors(mut self, errors: impl IntoIterator<Item = FieldError>) -> Self {
        cap::add(&mut self.0.errors, errors);
        self
    }

    /// Names the fields that other problems say are wrong as well.
    pub(crate) fn with_errors_of(self, others: impl Iterator<Item = Self>) -> Self {
        self.with_errors(others.flat_map(|other| other.0.errors))
    }

    /// The same of something that lies below `prefix`; a problem of the whole is one of that place.
    pub(crate) fn below(mut self, prefix: &str) -> Self {
        for error in &mut self.0.errors {
            error.pointer.insert_str(0, prefix);
        }
        if self.0.errors.is_empty() {
            let detail = self.0.detail.clone();
            return self.with_errors([FieldError::new(prefix, detail)]);
        }
        self
    }

    /// Adds a field to the head of the answer.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// Names a limit of which nothing is left, in the fields of draft-ietf-httpapi-ratelimit-headers.
    pub(crate) fn with_limit(mut self, name: &str, most: impl Display) -> Self {
        let fields =
            [("ratelimit-policy", format!("\"{name}\";q={most}")), ("ratelimit", format!("\"{name}\";r=0"))];
        for (field, value) in fields {
            if let Ok(value) = HeaderValue::from_str(&value) {
                self = self.with_header(HeaderName::from_static(field), value);
            }
        }
        self
    }

    /// Says when another try makes sense.
    pub(crate) fn with_retry_after(self, wait: Duration) -> Self {
        self.with_header(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)))
    }

    /// The body for a request of this id.
    pub(crate) fn body(&self, request_id: &str) -> ProblemBody {
        ProblemBody {
            r#type: format!("/docs#{}", self.0.code.as_str()),
            title: self.0.code.title(),
            status: self.0.code.status().as_u16(),
            detail: self.0.detail.clone(),
            code: self.0.code,
            request_id: request_id.to_owned(),
            errors: self.0.errors.clone(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.code.status().into_response();
        response.headers_mut().extend(self.0.headers.clone());
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_says_when_to_come_again_and_nothing_else_does() {
        for code in Code::ALL {
            let answer = Problem::new(*code, "").into_response();
            let passes = matches!(code.status().as_u16(), 429 | 503);
            assert_eq!(answer.headers().contains_key(header::RETRY_AFTER), passes, "{}", code.as_str());
        }
    }
}
