//! Who may call what, beside the table of [`crate::surface`]: a token's form, its end, and what it may name.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::support::{Esteira, KIND, request};

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
