//! Who may call what: no token, a wrong scope, an operator, another tenant.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::{Method, Request};
use esteira_engine::id::{JobId, KeyId};
use esteira_engine::tenant::Scope;
use futures::stream;
use serde_json::{Value, json};

use crate::support::{Esteira, KIND, Reply, pointers, request};

const NIL: &str = "00000000-0000-7000-8000-000000000000";

/// Every route with a token: its method, its path, and the scope that it needs.
fn routes() -> Vec<(Method, String, &'static str)> {
    let (get, post, delete) = (Method::GET, Method::POST, Method::DELETE);
    vec![
        (post.clone(), "/v1/jobs".into(), "jobs:write"),
        (post.clone(), "/v1/jobs/batch".into(), "jobs:write"),
        (get.clone(), format!("/v1/batches/{NIL}"), "jobs:read"),
        (get.clone(), "/v1/jobs".into(), "jobs:read"),
        (get.clone(), format!("/v1/jobs/{NIL}"), "jobs:read"),
        (get.clone(), format!("/v1/jobs/{NIL}/why"), "jobs:read"),
        (get.clone(), format!("/v1/jobs/{NIL}/events"), "jobs:read"),
        (post.clone(), format!("/v1/jobs/{NIL}/cancel"), "jobs:write"),
        (post.clone(), format!("/v1/jobs/{NIL}/retry"), "jobs:write"),
        (get.clone(), format!("/v1/jobs/{NIL}/artifacts/a/b"), "jobs:read"),
        (post.clone(), "/v1/files?file_name=a".into(), "jobs:write"),
        (post.clone(), "/v1/uploads".into(), "jobs:write"),
        (post.clone(), format!("/v1/uploads/{NIL}/complete"), "jobs:write"),
        (get.clone(), "/v1/usage".into(), "jobs:read"),
        (get.clone(), "/v1/documents".into(), "jobs:read"),
        (get.clone(), format!("/v1/documents/{NIL}"), "jobs:read"),
        (get.clone(), "/v1/search?q=a".into(), "jobs:read"),
        (get.clone(), "/v1/tenants/acme/usage".into(), "operator"),
        (get.clone(), "/v1/kinds".into(), ""),
        (get.clone(), format!("/v1/kinds/{KIND}"), ""),
        (post.clone(), "/v1/tenants".into(), "operator"),
        (get.clone(), "/v1/tenants".into(), "operator"),
        (get.clone(), "/v1/tenants/acme".into(), "operator"),
        (Method::PATCH, "/v1/tenants/acme".into(), "operator"),
        (delete.clone(), "/v1/tenants/acme?confirm=acme".into(), "operator"),
        (get.clone(), "/v1/operator-keys".into(), "operator"),
        (delete.clone(), format!("/v1/operator-keys/{NIL}"), "operator"),
        (get.clone(), "/v1/queues".into(), "operator"),
        (post.clone(), "/v1/queues/pause".into(), "operator"),
        (post.clone(), "/v1/queues/resume".into(), "operator"),
        (get.clone(), "/v1/workers".into(), "operator"),
        (post.clone(), format!("/v1/workers/{NIL}/drain"), "operator"),
        (post.clone(), format!("/v1/workers/{NIL}/resume"), "operator"),
        (post.clone(), "/v1/webhooks".into(), "webhooks:write"),
        (get.clone(), "/v1/webhooks".into(), "webhooks:write"),
        (get.clone(), format!("/v1/webhooks/{NIL}"), "webhooks:write"),
        (Method::PATCH, format!("/v1/webhooks/{NIL}"), "webhooks:write"),
        (delete.clone(), format!("/v1/webhooks/{NIL}"), "webhooks:write"),
        (get.clone(), format!("/v1/webhooks/{NIL}/deliveries"), "webhooks:write"),
        (get.clone(), format!("/v1/webhooks/{NIL}/deliveries/{NIL}"), "webhooks:write"),
        (post.clone(), format!("/v1/webhooks/{NIL}/deliveries/{NIL}/redeliver"), "webhooks:write"),
        (post.clone(), format!("/v1/webhooks/{NIL}/test"), "webhooks:write"),
        (post, "/v1/tenants/acme/keys".into(), "tenant:admin"),
        (get, "/v1/tenants/acme/keys".into(), "tenant:admin"),
        (delete, format!("/v1/tenants/acme/keys/{NIL}"), "tenant:admin"),
    ]
}

/// A path with one parameter more.
fn with_param(path: &str) -> String {
    format!("{path}{}tpyo=1", if path.contains('?') { '&' } else { '?' })
}

#[tokio::test]
async fn no_route_passes_over_a_parameter_that_it_does_not_know() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    for (method, path, scope) in routes() {
        let token = if scope == "operator" { &esteira.operator } else { &key };
        let (reply, read) = call(&esteira, token, method, &with_param(&path)).await;
        assert_eq!(
            (pointers(&reply.problem(400, "invalid_parameter")), read),
            (vec!["/tpyo"], false),
            "{path}"
        );
    }
}

/// A body that tells whether anybody has read of it.
fn watched_body() -> (Body, Arc<AtomicBool>) {
    let read = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&read);
    let body = stream::once(async move {
        flag.store(true, Ordering::SeqCst);
        std::io::Result::Ok("{}")
    });
    (Body::from_stream(body), read)
}

async fn call(esteira: &Esteira, token: &str, method: Method, path: &str) -> (Reply, bool) {
    let (body, read) = watched_body();
    let request = request(method, token, path).header("content-type", "application/json");
    let reply = esteira.send(request.body(body).unwrap()).await;
    (reply, read.load(Ordering::SeqCst))
}

#[tokio::test]
async fn without_a_good_token_every_route_answers_401_and_reads_no_body() {
    let esteira = Esteira::start().await;
    for (method, path, _) in routes() {
        let (reply, read) = call(&esteira, "", method.clone(), &path).await;
        reply.problem(401, "unauthenticated");
        assert_eq!((reply.header("www-authenticate"), read), ("Bearer", false), "{method} {path}");
        let (reply, read) = call(&esteira, &format!("est_{}", "x".repeat(43)), method.clone(), &path).await;
        reply.problem(401, "unauthenticated");
        let challenge = "Bearer error=\"invalid_token\"";
        assert_eq!((reply.header("www-authenticate"), read), (challenge, false), "{method} {path}");
    }
}

#[tokio::test]
async fn a_token_without_the_scope_is_told_which_one_it_lacks() {
    let esteira = Esteira::start().await;
    let (tenant, _) = esteira.tenant("acme").await;
    for (method, path, needed) in routes().into_iter().filter(|(_, _, scope)| !scope.is_empty()) {
        let others: Vec<Scope> = Scope::ALL
            .into_iter()
            .filter(|scope| scope.as_str() != needed && *scope != Scope::Operator)
            // A tenant's administrator may change its webhooks, too.
            .filter(|scope| needed != "webhooks:write" || *scope != Scope::TenantAdmin)
            .collect();
        let key = esteira.key(&tenant, &others).await;
        let (reply, read) = call(&esteira, &key, method.clone(), &path).await;
        reply.problem(403, "insufficient_scope");
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{needed}\"");
        assert_eq!((reply.header("www-authenticate"), read), (challenge.as_str(), false), "{method} {path}");
    }
}

#[tokio::test]
async fn an_operator_reaches_no_tenants_jobs() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let job = esteira.submit(&key, "secret").await;
    for path in ["/v1/jobs".to_owned(), format!("/v1/jobs/{job}"), format!("/v1/jobs/{job}/artifacts/a")] {
        esteira.get(&esteira.operator, &path).await.problem(403, "no_tenant");
    }
}

#[tokio::test]
async fn a_tenants_key_with_the_operators_scope_is_still_no_operator() {
    let esteira = Esteira::start().await;
    let (tenant, _) = esteira.tenant("acme").await;
    let key = esteira.key(&tenant, &[Scope::Operator]).await;
    esteira.get(&key, "/v1/tenants").await.problem(403, "insufficient_scope");
}

#[tokio::test]
async fn what_belongs_to_another_tenant_is_answered_like_what_never_existed() {
    let esteira = Esteira::start().await;
    let (acme, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    let job = esteira.submit(&key, "secret").await;
    esteira.sql(&format!(
        "insert into tenant_acme_schema.artifacts values ('{job}', 'a.txt', 0, 'text/plain', 1, '', 'k')"
    ));
    let made = esteira.engine.keys(&acme).await.unwrap()[0].id;
    for (method, theirs, never) in [
        (Method::GET, format!("/v1/jobs/{job}"), format!("/v1/jobs/{}", JobId::new())),
        (Method::GET, format!("/v1/jobs/{job}?wait=1"), "/v1/jobs/not-an-id?wait=1".into()),
        (Method::GET, format!("/v1/jobs/{job}/why"), format!("/v1/jobs/{}/why", JobId::new())),
        (Method::POST, format!("/v1/jobs/{job}/cancel"), format!("/v1/jobs/{}/cancel", JobId::new())),
        (Method::POST, format!("/v1/jobs/{job}/retry"), format!("/v1/jobs/{}/retry", JobId::new())),
        (
            Method::GET,
            format!("/v1/jobs/{job}/artifacts/a.txt"),
            format!("/v1/jobs/{}/artifacts/a.txt", JobId::new()),
        ),
        (Method::GET, "/v1/tenants/acme/keys".into(), "/v1/tenants/nobody/keys".into()),
        (
            Method::DELETE,
            format!("/v1/tenants/acme/keys/{made}"),
            format!("/v1/tenants/other/keys/{}", KeyId::new()),
        ),
        (Method::DELETE, format!("/v1/tenants/other/keys/{made}"), "/v1/tenants/other/keys/not-an-id".into()),
    ] {
        let theirs_reply = call(&esteira, &other, method.clone(), &theirs).await.0;
        let never_reply = call(&esteira, &other, method.clone(), &never).await.0;
        theirs_reply.problem(404, "not_found");
        assert_eq!(theirs_reply.body, never_reply.body, "{method} {theirs}");
        assert_eq!(theirs_reply.headers, never_reply.headers, "{method} {theirs}");
    }
    assert_eq!(esteira.get(&other, "/v1/jobs").await.json()["items"], json!([]));
    assert_eq!(esteira.get(&key, &format!("/v1/jobs/{job}")).await.json()["state"], "queued");
    assert_eq!(esteira.engine.authenticate(&key).await.unwrap().key, Some(made));
}

#[tokio::test]
async fn a_file_of_another_tenant_cannot_be_named_in_an_input() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    let bring = request(Method::POST, &key, "/v1/files?file_name=a").body(Body::from("secret")).unwrap();
    let uri = esteira.send(bring).await.json()["uri"].clone();
    let body = json!({"kind": KIND, "input": {"say": "x", "source": uri}});
    esteira.post(&other, "/v1/jobs", body.clone()).await.problem(422, "invalid_input");
    assert_eq!(esteira.post(&key, "/v1/jobs", body).await.status, 202);
}

#[tokio::test]
async fn only_one_well_formed_authorization_is_a_token() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let (bearer, basic) = (format!("bearer {key}"), format!("Basic {key}"));
    for (values, status) in [
        (vec![bearer.as_str()], 200),
        (vec![basic.as_str()], 401),
        (vec![key.as_str()], 401),
        (vec!["Bearer "], 401),
        (vec![bearer.as_str(), bearer.as_str()], 401),
    ] {
        let request = values
            .iter()
            .fold(Request::get("/v1/jobs"), |request, value| request.header("authorization", *value));
        assert_eq!(esteira.send(request.body(Body::empty()).unwrap()).await.status, status, "{values:?}");
    }
}

#[tokio::test]
async fn a_revoked_key_stops_working_at_once() {
    let esteira = Esteira::start().await;
    let (tenant, key) = esteira.tenant("acme").await;
    let id = esteira.engine.keys(&tenant).await.unwrap()[0].id;
    assert_eq!(esteira.delete(&key, &format!("/v1/tenants/acme/keys/{id}")).await.status, 204);
    esteira.post(&key, "/v1/jobs", Value::Null).await.problem(401, "unauthenticated");
}
