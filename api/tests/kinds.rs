//! The manuals of kinds.

use serde_json::json;

use crate::support::{Esteira, KIND};

#[tokio::test]
async fn a_kind_shows_its_manual_and_nothing_of_the_host() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let expected = json!({
        "name": KIND, "title": "Echo", "description": "Says what it is told.",
        "input_schema": {
            "type": "object", "required": ["say"], "properties": {"password": {"type": "string", "writeOnly": true}},
        },
        "output_schema": {"type": "object"},
        "example": {"say": "hello"},
        "defaults": {"max_attempts": 3, "timeout_seconds": 60, "stall_seconds": 30},
    });
    let reply = esteira.get(&key, &format!("/v1/kinds/{KIND}")).await;
    assert_eq!((reply.status.as_u16(), reply.json()), (200, expected.clone()));
    let all = esteira.get(&esteira.operator, "/v1/kinds").await;
    assert_eq!(all.json(), json!({"items": [expected], "next_cursor": null}));
    esteira.get(&key, "/v1/kinds/no.such").await.problem(404, "not_found");
}

#[tokio::test]
async fn a_tenant_sees_the_kinds_that_it_may_use() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    esteira.patch(&esteira.operator, "/v1/tenants/acme", json!({"limits": {"kinds": []}})).await;
    assert_eq!(esteira.get(&key, "/v1/kinds").await.json()["items"], json!([]));
    esteira.get(&key, &format!("/v1/kinds/{KIND}")).await.problem(404, "not_found");
    let body = json!({"kind": KIND, "input": {"say": "x"}});
    esteira.post(&key, "/v1/jobs", body).await.problem(403, "kind_not_allowed");
}
