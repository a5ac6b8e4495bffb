//! Tenants, as an operator handles them.

use serde_json::{Value, json};

use crate::support::{Esteira, KIND, pointers};

#[tokio::test]
async fn a_tenant_is_made_shown_changed_and_removed() {
    let esteira = Esteira::start().await;
    let operator = &esteira.operator;
    let limits = json!({"weight": 2.5, "max_queued": 7, "kinds": [KIND], "retention_days": "forever"});
    let body = json!({"slug": "acme", "limits": limits});
    let reply = esteira.post(operator, "/v1/tenants", body).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (201, "/v1/tenants/acme"));
    let mut tenant = reply.json();
    assert!(tenant["created_at"].take().as_str().unwrap().ends_with('Z'));
    let limits = json!({
        "weight": 2.5, "max_running": null, "max_queued": 7, "max_storage_bytes": null,
        "requests_per_minute": null, "kinds": [KIND], "s3_buckets": [],
        "retention_days": "forever", "upload_retention_days": null,
    });
    let version = tenant["schema_version"].clone();
    let expected = json!({
        "slug": "acme", "state": "active", "limits": limits, "schema": "tenant_acme_schema",
        "schema_version": version, "created_at": null,
    });
    assert_eq!(tenant, expected);

    let change = json!({"state": "suspended", "limits": {"max_queued": null, "s3_buckets": ["my-bucket"]}});
    let changed = esteira.patch(operator, "/v1/tenants/acme", change).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["state"]), (200, &json!("suspended")));
    let shown = esteira.get(operator, "/v1/tenants/acme").await.json();
    assert_eq!(shown, changed.json());
    assert_eq!((&shown["limits"]["max_queued"], &shown["limits"]["weight"]), (&Value::Null, &json!(2.5)));

    assert_eq!(esteira.delete(operator, "/v1/tenants/acme?confirm=acme").await.status, 204);
    esteira.get(operator, "/v1/tenants/acme").await.problem(404, "not_found");
    esteira.delete(operator, "/v1/tenants/acme?confirm=acme").await.problem(404, "not_found");
}

#[tokio::test]
async fn a_removal_whose_slug_is_typed_again_in_another_way_is_refused() {
    let esteira = Esteira::start().await;
    esteira.tenant("acme").await;
    for query in ["?confirm=", "?confirm=acm", "?confirm=ACME"] {
        let reply = esteira.delete(&esteira.operator, &format!("/v1/tenants/acme{query}")).await;
        assert_eq!(pointers(&reply.problem(400, "confirmation_required")), ["/confirm"]);
    }
    assert_eq!(esteira.get(&esteira.operator, "/v1/tenants/acme").await.status, 200);
    assert_eq!(esteira.delete(&esteira.operator, "/v1/tenants/acme").await.status, 204);
    esteira.get(&esteira.operator, "/v1/tenants/acme").await.problem(404, "not_found");
}

#[tokio::test]
async fn following_the_cursor_shows_every_tenant_once() {
    let esteira = Esteira::start().await;
    for slug in ["cc", "aa", "bb"] {
        esteira.tenant(slug).await;
    }
    let first = esteira.get(&esteira.operator, "/v1/tenants?limit=2").await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = esteira.get(&esteira.operator, &format!("/v1/tenants?limit=2&cursor={cursor}")).await.json();
    let slugs: Vec<&Value> = [&first, &second]
        .into_iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .map(|tenant| &tenant["slug"])
        .collect();
    assert_eq!(
        (slugs, &second["next_cursor"]),
        (
            vec!["aa", "bb", "cc"].into_iter().map(|s| json!(s)).collect::<Vec<_>>().iter().collect(),
            &Value::Null
        )
    );
}

#[tokio::test]
async fn names_and_limits_that_cannot_be_are_refused() {
    let esteira = Esteira::start().await;
    esteira.tenant("acme").await;
    for slug in ["", "a", "Acme", "1a", "a-b", "a\u{0}", "x; drop schema esteira"] {
        let reply = esteira.post(&esteira.operator, "/v1/tenants", json!({"slug": slug})).await;
        assert_eq!(pointers(&reply.problem(422, "invalid_value")), ["/slug"]);
    }
    esteira
        .post(&esteira.operator, "/v1/tenants", json!({"slug": "acme"}))
        .await
        .problem(409, "tenant_exists");
    for (limits, pointer) in [
        (json!({"weight": 0}), "/limits/weight"),
        (json!({"weight": 1e39}), "/limits/weight"),
        (json!({"max_running": -1}), "/limits/max_running"),
        (json!({"kinds": [KIND, "no\u{0}"]}), "/limits/kinds/1"),
        (json!({"s3_buckets": ["a\u{0}b"]}), "/limits/s3_buckets/0"),
        (json!({"retention_days": 0}), "/limits/retention_days"),
        (json!({"upload_retention_days": 36_501}), "/limits/upload_retention_days"),
    ] {
        let reply = esteira.patch(&esteira.operator, "/v1/tenants/acme", json!({"limits": limits})).await;
        assert_eq!(pointers(&reply.problem(422, "invalid_value")), [pointer]);
        let body = json!({"slug": "other", "limits": limits});
        esteira.post(&esteira.operator, "/v1/tenants", body).await.problem(422, "invalid_value");
    }
    for change in [
        json!({"state": "deleting"}),
        json!({"limits": {"max_running": 1.5}}),
        json!({"limits": {"retention_days": "never"}}),
    ] {
        esteira.patch(&esteira.operator, "/v1/tenants/acme", change).await.problem(400, "invalid_field");
    }
    let change = json!({"limits": {"max_jobs": 1}});
    let problem =
        esteira.patch(&esteira.operator, "/v1/tenants/acme", change).await.problem(400, "unknown_field");
    assert_eq!(pointers(&problem), ["/limits/max_jobs"]);
    let change = json!({"state": "active"});
    esteira.patch(&esteira.operator, "/v1/tenants/nobody", change).await.problem(404, "not_found");
}
