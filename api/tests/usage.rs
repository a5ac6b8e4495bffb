//! What a tenant used, as it and an operator read it.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Esteira, pointers, request};

#[tokio::test]
async fn usage_is_told_by_day_and_kind_to_the_tenant_and_to_the_operator() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    let file = request(Method::POST, &key, "/v1/files?file_name=a").body(Body::from("12345")).unwrap();
    assert_eq!(esteira.send(file).await.status, 201);
    let job = esteira.submit(&key, "x").await;
    esteira.post(&key, &format!("/v1/jobs/{job}/cancel"), json!({})).await;
    let own = esteira.get(&key, "/v1/usage").await.json();
    let items = own["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["kind"], &items[1]["kind"]), (2, &Value::Null, &json!("test.echo")));
    assert_eq!((&items[0]["bytes_stored"], &items[0]["bytes_moved"]), (&json!(5), &json!(5)));
    assert_eq!(
        (&items[1]["jobs"], &items[1]["cancelled"], &items[1]["attempts"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert_eq!((&own["totals"]["jobs"], &own["totals"]["bytes_stored"]), (&json!(1), &json!(5)));
    assert_eq!(own["storage"], json!({"bytes": 5, "announced_bytes": 0, "limit_bytes": null}));
    assert_eq!(esteira.get(&esteira.operator, "/v1/tenants/acme/usage").await.json(), own);
    assert_eq!(esteira.get(&other, "/v1/usage").await.json()["items"], json!([]));
    esteira.get(&esteira.operator, "/v1/tenants/nobody/usage").await.problem(404, "not_found");
}

#[tokio::test]
async fn days_are_asked_for_by_their_names() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let usage = esteira.get(&key, "/v1/usage?from=2026-01-01&to=2026-12-31&timezone=UTC").await.json();
    assert_eq!((&usage["from"], &usage["to"]), (&json!("2026-01-01"), &json!("2026-12-31")));
    for (query, pointer) in [
        ("from=2026-1-1", "/from"),
        ("to=tomorrow", "/to"),
        ("from=2026-02-02&to=2026-02-01", "/from"),
        ("from=2020-01-01&to=2026-01-01", "/from"),
        ("timezone=America/Sao_Paulo", "/timezone"),
        ("day=2026-01-01", "/day"),
    ] {
        let problem =
            esteira.get(&key, &format!("/v1/usage?{query}")).await.problem(400, "invalid_parameter");
        assert_eq!(pointers(&problem), [pointer], "{query}");
    }
}
