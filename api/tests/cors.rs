//! Web pages of other origins: none may call, but those that the settings list.

use axum::body::Body;
use axum::http::{Method, Request};
use esteira_api::ApiOptions;

use crate::support::{Esteira, Reply};

const APP: &str = "https://app.example.com";

async fn from(esteira: &Esteira, method: Method, origin: &str) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri("/v1/jobs")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,idempotency-key");
    esteira.send(request.body(Body::empty()).unwrap()).await
}

fn allowed(reply: &Reply) -> &str {
    reply.header("access-control-allow-origin")
}

#[tokio::test]
async fn without_a_setting_no_page_of_another_origin_is_answered() {
    let esteira = Esteira::start().await;
    let preflight = from(&esteira, Method::OPTIONS, APP).await;
    preflight.problem(405, "method_not_allowed");
    for reply in [preflight, from(&esteira, Method::GET, APP).await] {
        assert!(reply.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
    }
}

#[tokio::test]
async fn a_listed_origin_may_call_and_read_refusals_and_no_other_may() {
    let options = ApiOptions { cors_origins: vec![APP.to_owned()], ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    // A browser sends no token with it.
    let preflight = from(&esteira, Method::OPTIONS, APP).await;
    assert_eq!((preflight.status.as_u16(), allowed(&preflight)), (200, APP));
    assert!(preflight.header("access-control-allow-methods").contains("POST"));
    assert!(preflight.header("access-control-allow-headers").contains("idempotency-key"));
    let refused = from(&esteira, Method::GET, APP).await;
    refused.problem(401, "unauthenticated");
    assert_eq!(allowed(&refused), APP);
    assert!(refused.header("access-control-expose-headers").contains("x-request-id"));
    for reply in [&preflight, &refused] {
        assert_eq!(reply.header("access-control-allow-credentials"), "");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
    }
    for other in
        ["https://evil.example", "https://app.example.com.evil.example", "http://app.example.com", "null"]
    {
        for method in [Method::OPTIONS, Method::GET] {
            assert_eq!(allowed(&from(&esteira, method, other).await), "", "{other}");
        }
    }
}

#[tokio::test]
async fn a_star_lets_every_page_call() {
    let options = ApiOptions { cors_origins: vec!["*".to_owned()], ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    assert_eq!(allowed(&from(&esteira, Method::GET, "https://any.example").await), "*");
}
