//! What does every answer get? Its request id, its problem's bytes, safe headers, a line in the log, and to be counted.

use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use esteira_engine::trace::{Caller, TraceContext};
use tracing::Instrument as _;

use super::RequestContext;
use super::request_id::{X_REQUEST_ID, request_id};
use crate::problem::Problem;
use crate::state::ApiState;

/// The route of a job, and under which name it is counted where its caller waits.
const JOB: &str = "/v1/jobs/{id}";
const WAITED_JOB: &str = "/v1/jobs/{id}?wait";

/// The outermost layer.
pub(crate) async fn edge(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let context = RequestContext::new(request_id(request.headers()));
    let method = request.method().clone();
    // The template, not the path: ids would make a label of every job, and a path may hold anything.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let counted = counted_as(route.as_deref().unwrap_or("unmatched"), request.uri().query()).to_owned();
    let named = format!("{method} {}", route.as_deref().unwrap_or("unmatched"));
    request.extensions_mut().insert(context.clone());

    let span = tracing::info_span!(
        "request",
        id = context.id(),
        otel.name = named,
        otel.kind = "server",
        http.response.status_code = tracing::field::Empty,
        trace = tracing::field::Empty
    );
    if let Some(caller) = caller_of(request.headers()) {
        if state.options.trust_traces {
            caller.adopt(&span);
        } else {
            caller.link(&span);
        }
    }
    if let Some(trace) = TraceContext::of(&span) {
        span.record("trace", format!("{:032x}", trace.trace_id()));
    }
    let mut response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());

    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        write_problem(&mut response, &problem, context.id());
    }
    write_headers(response.headers_mut(), &context);
    let (route, status, took) =
        (route.as_deref().unwrap_or("unmatched"), response.status().as_u16(), began.elapsed());
    state.engine.meter().api().answered(&counted, method.as_str(), status, took);
    tracing::info!(
        target: "esteira::access",
        %method,
        route,
        status,
        ms = took.as_secs_f64() * 1000.0,
        tenant = context.tenant.get().map(esteira_engine::tenant::Slug::as_str),
        request_id = context.id(),
        "answered"
    );
    response
}

/// The span from which the request comes, as its caller says.
fn caller_of(headers: &HeaderMap) -> Option<Caller> {
    headers.get("traceparent")?.to_str().ok()?.parse().ok()
}

/// Under which route an answer is counted. How long a wait takes is its caller's wish, and says nothing of how fast we are.
fn counted_as<'a>(route: &'a str, query: Option<&str>) -> &'a str {
    let waits = |query: &str| query.split('&').any(|pair| pair == "wait" || pair.starts_with("wait="));
    if route == JOB && query.is_some_and(waits) { WAITED_JOB } else { route }
}

fn write_problem(response: &mut Response, problem: &Problem, request_id: &str) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.remove(header::CONTENT_LENGTH);
    // Strings and numbers alone cannot fail to be written; an empty body would still have its status.
    let bytes = serde_json::to_vec(&problem.body(request_id)).unwrap_or_default();
    *response.body_mut() = Body::from(bytes);
}

fn write_headers(headers: &mut HeaderMap, context: &RequestContext) {
    headers.insert(X_REQUEST_ID, context.id.clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // What a handler said itself stands: the documentation page has a policy and a cache of its own.
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Some(standing) = context.standing.get() {
        for (name, value) in [("ratelimit-policy", standing.policy()), ("ratelimit", standing.state())] {
            if let Some(value) = value {
                headers.entry(HeaderName::from_static(name)).or_insert(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_a_job_is_counted_apart() {
        for query in ["wait=30", "x=1&wait=1", "wait"] {
            assert_eq!(counted_as(JOB, Some(query)), WAITED_JOB, "{query}");
        }
        for query in [None, Some(""), Some("awaits=1")] {
            assert_eq!(counted_as(JOB, query), JOB, "{query:?}");
        }
        assert_eq!(counted_as("/v1/jobs", Some("wait=1")), "/v1/jobs");
    }
}
