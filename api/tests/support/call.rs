//! Calls of the API, and what came back.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use esteira_engine::id::JobId;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{Esteira, KIND};

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The body of a problem of this status and code, as every problem must be.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{:?}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let body = self.json();
        assert_eq!((&body["code"], &body["status"]), (&json!(code), &json!(status)), "{body}");
        assert_eq!(body["request_id"], self.header("x-request-id"));
        assert_eq!(body["type"], format!("/docs#{code}"));
        assert!(body["title"].is_string() && body["detail"].is_string(), "{body}");
        body
    }
}

/// The pointers that a problem names.
pub fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

impl Esteira {
    pub async fn send(&self, request: Request<Body>) -> Reply {
        self.answer(&self.router, request).await
    }

    /// Sends a request without a body to another process.
    pub async fn send_to(&self, process: &Router, request: axum::http::request::Builder) -> Reply {
        self.answer(process, request.body(Body::empty()).unwrap()).await
    }

    async fn answer(&self, process: &Router, request: Request<Body>) -> Reply {
        let response = process.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, token: &str, path: &str) -> Reply {
        self.send(request(Method::GET, token, path).body(Body::empty()).unwrap()).await
    }

    pub async fn delete(&self, token: &str, path: &str) -> Reply {
        self.send(request(Method::DELETE, token, path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> Reply {
        self.send(with_json(Method::POST, token, path, body.to_string())).await
    }

    pub async fn patch(&self, token: &str, path: &str, body: Value) -> Reply {
        self.send(with_json(Method::PATCH, token, path, body.to_string())).await
    }

    /// A text that is sent as JSON, whatever it is.
    pub async fn post_text(&self, token: &str, path: &str, body: &str) -> Reply {
        self.send(with_json(Method::POST, token, path, body.to_owned())).await
    }

    /// A queued job.
    pub async fn submit(&self, token: &str, say: &str) -> JobId {
        let body = json!({"kind": KIND, "input": {"say": say}, "metadata": {"say": say}});
        let reply = self.post(token, "/v1/jobs", body).await;
        assert_eq!(reply.status, 202, "{:?}", reply.body);
        reply.json()["id"].as_str().unwrap().parse().unwrap()
    }
}

/// A request with a token; an empty one is not sent.
pub fn request(method: Method, token: &str, path: &str) -> axum::http::request::Builder {
    let builder = Request::builder().method(method).uri(path).header("x-request-id", "test");
    if token.is_empty() { builder } else { builder.header("authorization", format!("Bearer {token}")) }
}

fn with_json(method: Method, token: &str, path: &str, body: String) -> Request<Body> {
    let builder = request(method, token, path).header("content-type", "application/json");
    builder.body(Body::from(body)).unwrap()
}
