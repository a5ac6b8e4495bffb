//! Health, description, documentation, and what every answer has.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use esteira_api::ApiOptions;
use serde_json::{Value, json};

use crate::support::{Esteira, KIND, request};

#[tokio::test]
async fn readiness_names_each_part_and_needs_no_token() {
    let options = ApiOptions { readiness_age: Duration::ZERO, ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    assert_eq!(esteira.get("", "/healthz").await.json(), json!({"status": "ok"}));
    let ready = esteira.get("", "/readyz").await;
    let fit = json!({"ready": true, "draining": false, "database": "ok", "store": "ok", "migrations": "ok"});
    assert_eq!((ready.status.as_u16(), ready.json()), (200, fit));
    esteira.engine.close().await;
    let unready = esteira.get("", "/readyz").await;
    let unfit = json!({"ready": false, "draining": false, "database": "failing", "store": "ok", "migrations": "unknown"});
    assert_eq!((unready.status.as_u16(), unready.json()), (503, unfit));
    assert_eq!(esteira.get("", "/healthz").await.status, 200);
}

#[tokio::test]
async fn who_asks_for_readiness_again_and_again_does_not_reach_the_database() {
    let options = ApiOptions { readiness_age: Duration::from_secs(3600), ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let first = esteira.get("", "/readyz").await;
    esteira.engine.close().await;
    let again = esteira.get("", "/readyz").await;
    assert_eq!((again.status.as_u16(), again.json()), (200, first.json()));
}

#[tokio::test]
async fn while_the_database_is_away_the_answer_says_when_to_come_back() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    esteira.engine.close().await;
    let reply = esteira.get(&key, "/v1/jobs").await;
    reply.problem(503, "unavailable");
    assert_eq!(reply.header("retry-after"), "5");
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_nothing() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let reply = esteira.post(&key, "/v1/jobs", json!({"kind": KIND, "input": {"say": "panic"}})).await;
    reply.problem(500, "internal");
    assert!(!String::from_utf8_lossy(&reply.body).contains("secret"));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let esteira =
        Esteira::with(ApiOptions { request_timeout: Duration::ZERO, ..ApiOptions::default() }).await;
    let (_, key) = esteira.tenant("acme").await;
    let reply = esteira.get(&key, "/v1/jobs").await;
    reply.problem(503, "timeout");
    assert_eq!(reply.header("retry-after"), "5");
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_too() {
    let esteira = Esteira::start().await;
    for path in ["/", "/v1", "/v1/jobs/", "/v2/jobs", "/v1/jobs/x/y"] {
        esteira.get("", path).await.problem(404, "unknown_route");
    }
    for (path, allow) in [
        ("/v1/jobs", "GET,HEAD,POST"),
        ("/v1/jobs/x/cancel", "POST"),
        ("/v1/tenants/acme", "DELETE,GET,HEAD,PATCH"),
        ("/docs", "GET,HEAD"),
        ("/healthz", "GET,HEAD"),
    ] {
        let reply = esteira.send(request(Method::PUT, "", path).body(Body::empty()).unwrap()).await;
        reply.problem(405, "method_not_allowed");
        let mut methods: Vec<&str> = reply.header("allow").split(',').collect();
        methods.sort_unstable();
        assert_eq!(methods.join(","), allow, "{path}");
    }
}

#[tokio::test]
async fn a_sane_request_id_is_kept_and_another_is_replaced() {
    let esteira = Esteira::start().await;
    for (sent, kept) in [("abc-123", true), ("a b", false), ("", false), ("\"x", false)] {
        let request = Request::get("/healthz").header("x-request-id", sent).body(Body::empty()).unwrap();
        let reply = esteira.send(request).await;
        assert_eq!(reply.header("x-request-id") == sent, kept, "{sent:?}");
        assert!(!reply.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn every_answer_has_the_safe_headers() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    for reply in [
        esteira.get(&key, "/v1/jobs").await,
        esteira.get("", "/v1/jobs").await,
        esteira.get("", "/nowhere").await,
        esteira.get("", "/healthz").await,
    ] {
        assert_eq!(
            (reply.header("x-content-type-options"), reply.header("cache-control")),
            ("nosniff", "no-store")
        );
        assert!(reply.header("content-security-policy").contains("default-src 'none'"));
    }
}

#[tokio::test]
async fn the_documentation_runs_no_foreign_script() {
    let esteira = Esteira::start().await;
    for (path, media_type) in
        [("/docs", "text/html"), ("/docs/page.js", "text/javascript"), ("/docs/page.css", "text/css")]
    {
        let reply = esteira.get("", path).await;
        assert_eq!(reply.status, 200);
        assert!(reply.header("content-type").starts_with(media_type), "{path}");
        let policy = reply.header("content-security-policy");
        assert!(policy.contains("default-src 'none'; script-src 'self'"), "{policy}");
        let text = String::from_utf8_lossy(&reply.body);
        assert!(!text.contains("http://") && !text.contains("https://"), "{path}");
    }
}

#[tokio::test]
async fn the_description_lists_every_route_and_leads_nowhere_empty() {
    let esteira = Esteira::start().await;
    let reply = esteira.get("", "/openapi.json").await;
    assert_eq!(reply.header("content-type"), "application/json");
    let api = reply.json();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut routes: Vec<String> = Vec::new();
    let mut ids = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            routes.push(format!("{} {path}", method.to_uppercase()));
            ids.push(operation["operationId"].as_str().unwrap());
            assert!(operation["summary"].is_string(), "{method} {path}");
        }
    }
    routes.sort_unstable();
    let expected = [
        "DELETE /v1/operator-keys/{id}",
        "DELETE /v1/schedules/{id}",
        "DELETE /v1/tenants/{slug}",
        "DELETE /v1/tenants/{slug}/keys/{id}",
        "DELETE /v1/tenants/{slug}/submitters/{role}",
        "DELETE /v1/webhooks/{id}",
        "GET /healthz",
        "GET /readyz",
        "GET /v1/batches/{id}",
        "GET /v1/documents",
        "GET /v1/documents/{id}",
        "GET /v1/jobs",
        "GET /v1/jobs/{id}",
        "GET /v1/jobs/{id}/artifacts/{name}",
        "GET /v1/jobs/{id}/events",
        "GET /v1/jobs/{id}/previews/{name}",
        "GET /v1/jobs/{id}/why",
        "GET /v1/kinds",
        "GET /v1/kinds/{kind}",
        "GET /v1/me",
        "GET /v1/operator-keys",
        "GET /v1/queue",
        "GET /v1/queues",
        "GET /v1/schedules",
        "GET /v1/schedules/{id}",
        "GET /v1/schedules/{id}/runs",
        "GET /v1/search",
        "GET /v1/tenants",
        "GET /v1/tenants/{slug}",
        "GET /v1/tenants/{slug}/keys",
        "GET /v1/tenants/{slug}/usage",
        "GET /v1/uploads/{id}/content",
        "GET /v1/usage",
        "GET /v1/webhooks",
        "GET /v1/webhooks/{id}",
        "GET /v1/webhooks/{id}/deliveries",
        "GET /v1/webhooks/{id}/deliveries/{delivery}",
        "GET /v1/workers",
        "PATCH /v1/schedules/{id}",
        "PATCH /v1/tenants/{slug}",
        "PATCH /v1/webhooks/{id}",
        "POST /v1/files",
        "POST /v1/jobs",
        "POST /v1/jobs/batch",
        "POST /v1/jobs/{id}/cancel",
        "POST /v1/jobs/{id}/retry",
        "POST /v1/queues/pause",
        "POST /v1/queues/resume",
        "POST /v1/schedules",
        "POST /v1/schedules/{id}/run",
        "POST /v1/tenants",
        "POST /v1/tenants/{slug}/keys",
        "POST /v1/uploads",
        "POST /v1/uploads/{id}/complete",
        "POST /v1/webhooks",
        "POST /v1/webhooks/{id}/deliveries/{delivery}/redeliver",
        "POST /v1/webhooks/{id}/test",
        "POST /v1/workers/{id}/drain",
        "POST /v1/workers/{id}/resume",
        "PUT /v1/tenants/{slug}/submitters/{role}",
    ];
    assert_eq!(routes, expected);
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "an operationId is used twice");
    let mut references = Vec::new();
    collect_references(&api, &mut references);
    for reference in references {
        assert!(api.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    let file =
        &api["paths"]["/v1/files"]["post"]["requestBody"]["content"]["application/octet-stream"]["schema"];
    let schema = file.get("$ref").map_or(Some(file), |at| api.pointer(at.as_str()?.trim_start_matches('#')));
    let binary =
        json!({"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"});
    assert_eq!(schema, Some(&binary));
    let submit = &api["paths"]["/v1/jobs"]["post"]["responses"];
    for status in ["202", "200", "400", "401", "403", "413", "415", "422", "429", "503"] {
        assert!(submit[status].is_object(), "{status}");
    }
    assert!(submit["422"]["content"]["application/problem+json"].is_object());
}

fn collect_references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| collect_references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_references(value, found)),
        _ => {}
    }
}
