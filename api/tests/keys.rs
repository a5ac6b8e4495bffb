//! API keys, as an operator or the tenant's own administrator handles them.

use esteira_engine::tenant::Scope;
use serde_json::json;

use crate::support::{Esteira, pointers};

#[tokio::test]
async fn a_key_is_shown_once_works_at_once_and_ends_when_it_is_revoked() {
    let esteira = Esteira::start().await;
    esteira.tenant("acme").await;
    let body =
        json!({"name": "shop", "scopes": ["jobs:write", "jobs:read"], "expires_at": "2126-01-01T00:00:00Z"});
    let made = esteira.post(&esteira.operator, "/v1/tenants/acme/keys", body).await;
    assert_eq!(made.status, 201);
    let made = made.json();
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("est_") && key.len() >= 47, "{key}");
    assert_eq!((&made["name"], &made["scopes"]), (&json!("shop"), &json!(["jobs:read", "jobs:write"])));
    assert_eq!((&made["expires_at"], &made["revoked_at"]), (&json!("2126-01-01T00:00:00Z"), &json!(null)));
    esteira.submit(key, "x").await;

    let list = esteira.get(&esteira.operator, "/v1/tenants/acme/keys").await;
    assert!(!String::from_utf8_lossy(&list.body).contains(key));
    assert_eq!(list.json()["items"][0]["id"], made["id"]);
    assert_eq!(list.json()["items"][0].get("key"), None);

    let path = format!("/v1/tenants/acme/keys/{}", made["id"].as_str().unwrap());
    assert_eq!(esteira.delete(&esteira.operator, &path).await.status, 204);
    esteira.get(key, "/v1/jobs").await.problem(401, "unauthenticated");
    esteira.delete(&esteira.operator, &path).await.problem(404, "not_found");
    let list = esteira.get(&esteira.operator, "/v1/tenants/acme/keys").await.json();
    assert!(list["items"][0]["revoked_at"].is_string());
}

#[tokio::test]
async fn an_administrator_handles_the_keys_of_its_own_tenant_alone() {
    let esteira = Esteira::start().await;
    let (acme, _) = esteira.tenant("acme").await;
    esteira.tenant("other").await;
    let admin = esteira.key(&acme, &[Scope::TenantAdmin]).await;
    let body = json!({"name": "shop", "scopes": ["jobs:read"]});
    let made = esteira.post(&admin, "/v1/tenants/acme/keys", body.clone()).await;
    assert_eq!(made.status, 201);
    assert_eq!(esteira.get(&admin, "/v1/tenants/acme/keys").await.status, 200);
    let path = format!("/v1/tenants/acme/keys/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(esteira.delete(&admin, &path).await.status, 204);
    for slug in ["other", "nobody", "NOT-A-SLUG"] {
        esteira
            .post(&admin, &format!("/v1/tenants/{slug}/keys"), body.clone())
            .await
            .problem(404, "not_found");
        esteira.get(&admin, &format!("/v1/tenants/{slug}/keys")).await.problem(404, "not_found");
    }
    esteira.get(&admin, "/v1/tenants/acme").await.problem(403, "insufficient_scope");
    esteira.get(&esteira.operator, "/v1/tenants/nobody/keys").await.problem(404, "not_found");
}

#[tokio::test]
async fn keys_that_cannot_be_are_refused() {
    let esteira = Esteira::start().await;
    esteira.tenant("acme").await;
    for (change, status, code, pointer) in [
        (json!({"scopes": ["jobs:read", "operator"]}), 422, "invalid_value", "/scopes/1"),
        (json!({"scopes": []}), 422, "invalid_value", "/scopes"),
        (json!({"scopes": ["jobs:everything"]}), 400, "invalid_field", "/scopes/0"),
        (json!({"name": ""}), 422, "invalid_value", "/name"),
        (json!({"name": "a\u{0}"}), 422, "invalid_value", "/name"),
        (json!({"expires_at": "2020-01-01T00:00:00Z"}), 422, "invalid_value", "/expires_at"),
        (json!({"expires_at": "soon"}), 400, "invalid_field", "/expires_at"),
        (json!({"tenant": "other"}), 400, "unknown_field", "/tenant"),
    ] {
        let mut body = json!({"name": "shop", "scopes": ["jobs:read"]});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let reply = esteira.post(&esteira.operator, "/v1/tenants/acme/keys", body).await;
        assert_eq!(pointers(&reply.problem(status, code)), [pointer], "{change}");
    }
}

#[tokio::test]
async fn a_suspended_tenant_revokes_keys_but_makes_none() {
    let esteira = Esteira::start().await;
    let (_, admin) = esteira.tenant("acme").await;
    let body = json!({"name": "shop", "scopes": ["jobs:read"]});
    let made = esteira.post(&admin, "/v1/tenants/acme/keys", body.clone()).await.json();
    let change = esteira.patch(&esteira.operator, "/v1/tenants/acme", json!({"state": "suspended"})).await;
    assert_eq!(change.status, 200, "{:?}", change.body);
    esteira.post(&admin, "/v1/tenants/acme/keys", body.clone()).await.problem(403, "tenant_suspended");
    let path = format!("/v1/tenants/acme/keys/{}", made["id"].as_str().unwrap());
    assert_eq!(esteira.delete(&admin, &path).await.status, 204);
    assert_eq!(esteira.post(&esteira.operator, "/v1/tenants/acme/keys", body).await.status, 201);
}

#[tokio::test]
async fn a_tenant_has_only_so_many_keys() {
    let esteira = Esteira::start().await;
    let (_, admin) = esteira.tenant("acme").await;
    let body = json!({"name": "shop", "scopes": ["jobs:read"]});
    for _ in 1..100 {
        assert_eq!(esteira.post(&admin, "/v1/tenants/acme/keys", body.clone()).await.status, 201);
    }
    esteira.post(&admin, "/v1/tenants/acme/keys", body).await.problem(409, "too_many_keys");
}

#[tokio::test]
async fn operators_list_their_keys_and_revoke_old_ones_but_never_the_last() {
    let esteira = Esteira::start().await;
    let new = esteira.engine.create_key(None, "new", &[Scope::Operator], None).await.unwrap().text;
    let list = esteira.get(&new, "/v1/operator-keys").await.json();
    let names: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|k| k["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["new", "operator"]);
    let path = |at: usize| format!("/v1/operator-keys/{}", list["items"][at]["id"].as_str().unwrap());
    assert_eq!(esteira.delete(&new, &path(1)).await.status, 204);
    esteira.get(&esteira.operator, "/v1/tenants").await.problem(401, "unauthenticated");
    esteira.delete(&new, &path(1)).await.problem(404, "not_found");
    esteira.delete(&new, &path(0)).await.problem(409, "last_operator_key");
    assert_eq!(esteira.get(&new, "/v1/tenants").await.status, 200);

    let (_, key) = esteira.tenant("acme").await;
    esteira.get(&key, "/v1/operator-keys").await.problem(403, "insufficient_scope");
    esteira.delete(&key, &path(0)).await.problem(403, "insufficient_scope");
}
