//! Roles that may submit by SQL, as an operator handles them.

use axum::body::Body;
use axum::http::Method;

use crate::support::{Esteira, Reply, request};

async fn put(esteira: &Esteira, token: &str, path: &str) -> Reply {
    esteira.send(request(Method::PUT, token, path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_role_is_named_for_one_tenant_or_for_all_and_taken_back() {
    let esteira = Esteira::start().await;
    esteira.tenant("acme").await;
    esteira.sql("create role \"shop backend\"");
    let granted =
        || esteira.sql("select coalesce(tenant_id::text, 'all') from esteira.submitters order by 1");
    for (tenant, seen) in [("acme", "1"), ("*", "all")] {
        let path = format!("/v1/tenants/{tenant}/submitters/shop%20backend");
        // Twice is harmless.
        for _ in 0..2 {
            assert_eq!(put(&esteira, &esteira.operator, &path).await.status, 204);
        }
        assert_eq!(granted(), seen);
        assert_eq!(esteira.delete(&esteira.operator, &path).await.status, 204);
        assert_eq!(granted(), "");
        esteira.delete(&esteira.operator, &path).await.problem(404, "not_found");
    }
    esteira.sql("drop role \"shop backend\"");
}

#[tokio::test]
async fn only_an_operator_names_them_and_only_what_there_is() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    put(&esteira, &key, "/v1/tenants/acme/submitters/postgres").await.problem(403, "insufficient_scope");
    for path in [
        "/v1/tenants/nobody/submitters/postgres",
        "/v1/tenants/Acme/submitters/postgres",
        "/v1/tenants/acme/submitters/no_such_role",
        "/v1/tenants/acme/submitters/a%00b",
        "/v1/tenants/acme/submitters/public",
    ] {
        put(&esteira, &esteira.operator, path).await.problem(404, "not_found");
    }
}
