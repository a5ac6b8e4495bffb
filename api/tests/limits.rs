//! Limits that turn a tenant away for a while.

use std::pin::pin;

use axum::body::{Body, Bytes};
use axum::http::Method;
use esteira_api::ApiOptions;
use futures::poll;
use futures::stream;
use serde_json::json;

use crate::support::{Esteira, KIND, request};

#[tokio::test]
async fn a_tenant_that_calls_too_often_is_turned_away_before_anything_is_written() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    esteira.patch(&esteira.operator, "/v1/tenants/acme", json!({"limits": {"requests_per_minute": 2}})).await;
    let body = json!({"kind": KIND, "input": {"say": "x"}});
    for left in [1, 0] {
        let reply = esteira.post(&key, "/v1/jobs", body.clone()).await;
        assert_eq!(reply.status, 202);
        assert_eq!(reply.header("ratelimit-policy"), "\"requests\";q=2;w=60");
        assert!(reply.header("ratelimit").starts_with(&format!("\"requests\";r={left};")));
    }
    let reply = esteira.post(&key, "/v1/jobs", body.clone()).await;
    reply.problem(429, "rate_limited");
    let wait: u64 = reply.header("retry-after").parse().unwrap();
    assert!((1..=31).contains(&wait), "{wait}");
    assert!(reply.header("ratelimit").starts_with("\"requests\";r=0;"));
    assert_eq!(esteira.sql("select count(*) from tenant_acme_schema.jobs"), "2");
    assert_eq!(esteira.post(&other, "/v1/jobs", body).await.status, 202);
}

#[tokio::test]
async fn processes_share_a_tenants_minute() {
    let one = Esteira::start().await;
    let two = one.another_process();
    let (_, key) = one.tenant("acme").await;
    one.patch(&one.operator, "/v1/tenants/acme", json!({"limits": {"requests_per_minute": 40}})).await;
    // Within less than the second and a half in which there would be one request more.
    let began = std::time::Instant::now();
    let mut passed = 0;
    for _ in 0..40 {
        for process in [&one.router, &two] {
            let reply = one.send_to(process, request(Method::GET, &key, "/v1/jobs")).await;
            passed += u64::from(reply.status == 200);
            if reply.status != 200 {
                reply.problem(429, "rate_limited");
                assert_eq!(reply.header("ratelimit-policy"), "\"requests\";q=40;w=60");
                assert!(!reply.header("retry-after").is_empty());
            }
        }
    }
    let refilled = began.elapsed().as_secs() * 40 / 60 + 1;
    assert!((40..=40 + refilled).contains(&passed), "{passed}");
}

#[tokio::test]
async fn a_full_queue_takes_no_more_until_a_job_leaves_it() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    esteira.patch(&esteira.operator, "/v1/tenants/acme", json!({"limits": {"max_queued": 1}})).await;
    let job = esteira.submit(&key, "x").await;
    let body = json!({"kind": KIND, "input": {"say": "y"}});
    let reply = esteira.post(&key, "/v1/jobs", body.clone()).await;
    reply.problem(429, "queue_full");
    assert_eq!(reply.header("retry-after"), "30");
    assert_eq!(
        (reply.header("ratelimit-policy"), reply.header("ratelimit")),
        ("\"waiting\";q=1", "\"waiting\";r=0")
    );
    esteira.post(&key, "/v1/jobs?dry_run=true", body.clone()).await.problem(429, "queue_full");
    assert_eq!(esteira.sql("select count(*) from tenant_acme_schema.jobs"), "1");
    esteira.post(&key, &format!("/v1/jobs/{job}/cancel"), json!(null)).await;
    assert_eq!(esteira.post(&key, "/v1/jobs", body).await.status, 202);
}

#[tokio::test]
async fn a_tenant_has_only_so_many_waits_and_gets_the_place_back() {
    let options = ApiOptions { max_waits_per_tenant: 1, ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let (_, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    let path = format!("/v1/jobs/{}?wait=1", esteira.submit(&key, "x").await);
    let others = format!("/v1/jobs/{}?wait=1", esteira.submit(&other, "x").await);
    // They end in about the same time, and only the first has the place.
    let (one, two, third) =
        tokio::join!(esteira.get(&key, &path), esteira.get(&key, &path), esteira.get(&other, &others));
    let (answered, refused) = if one.status == 200 { (one, two) } else { (two, one) };
    assert_eq!((answered.status.as_u16(), third.status.as_u16()), (200, 200));
    refused.problem(429, "too_many_at_once");
    assert_eq!(refused.header("retry-after"), "5");
    assert_eq!(
        (refused.header("ratelimit-policy"), refused.header("ratelimit")),
        ("\"waits\";q=1", "\"waits\";r=0")
    );
    assert_eq!(esteira.get(&key, &path).await.status, 200);
}

#[tokio::test]
async fn a_tenant_has_only_so_many_uploads_and_gets_the_place_back() {
    let options = ApiOptions { max_uploads_per_tenant: 1, ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let (_, key) = esteira.tenant("acme").await;
    let upload = |body| request(Method::POST, &key, "/v1/files?file_name=a").body(body).unwrap();
    let (reached, was_reached) = tokio::sync::oneshot::channel();
    let endless = stream::once(async move {
        reached.send(()).unwrap();
        Ok::<_, std::io::Error>(Bytes::from_static(b"a"))
    });
    let endless = Body::from_stream(futures::StreamExt::chain(endless, stream::pending()));
    {
        let mut first = pin!(esteira.send(upload(endless)));
        tokio::select! {
            reply = first.as_mut() => panic!("answered: {reply:?}"),
            reached = was_reached => reached.unwrap(),
        }
        let reply = esteira.send(upload(Body::from("b"))).await;
        reply.problem(429, "too_many_at_once");
        assert_eq!(reply.header("retry-after"), "5");
        assert!(poll!(first).is_pending());
    }
    // The first client went away.
    assert_eq!(esteira.send(upload(Body::from("b"))).await.status, 201);
}

#[tokio::test]
async fn a_retry_needs_room_in_the_queue_and_a_kind_that_is_still_allowed() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let job = esteira.submit(&key, "x").await;
    esteira.post(&key, &format!("/v1/jobs/{job}/cancel"), json!(null)).await;
    esteira.submit(&key, "y").await;
    esteira.patch(&esteira.operator, "/v1/tenants/acme", json!({"limits": {"max_queued": 1}})).await;
    let retry = format!("/v1/jobs/{job}/retry");
    let reply = esteira.post(&key, &retry, json!(null)).await;
    reply.problem(429, "queue_full");
    assert_eq!((reply.header("retry-after"), reply.header("ratelimit")), ("30", "\"waiting\";r=0"));
    let limits = json!({"limits": {"max_queued": 9, "kinds": []}});
    esteira.patch(&esteira.operator, "/v1/tenants/acme", limits).await;
    esteira.post(&key, &retry, json!(null)).await.problem(403, "kind_not_allowed");
}

/// A submit whose body is too large to go uncounted.
fn large(key: &str) -> axum::http::Request<Body> {
    submit_of(key, Body::from(large_text()))
}

fn large_text() -> String {
    json!({"kind": KIND, "input": {"say": "x".repeat(70_000)}}).to_string()
}

fn submit_of(key: &str, body: Body) -> axum::http::Request<Body> {
    request(Method::POST, key, "/v1/jobs").header("content-type", "application/json").body(body).unwrap()
}

#[tokio::test]
async fn large_bodies_of_a_tenant_and_of_all_have_so_much_room_and_give_it_back() {
    for (per_tenant, all) in [(1, 0), (0, 1)] {
        let options = ApiOptions {
            max_body_bytes_per_tenant: per_tenant,
            max_body_bytes: all,
            ..ApiOptions::default()
        };
        let esteira = Esteira::with(options).await;
        let (_, key) = esteira.tenant("acme").await;
        let (_, other) = esteira.tenant("other").await;
        let (reached, was_reached) = tokio::sync::oneshot::channel();
        let endless = stream::once(async move {
            reached.send(()).unwrap();
            Ok::<_, std::io::Error>(Bytes::from(large_text()))
        });
        let endless = Body::from_stream(futures::StreamExt::chain(endless, stream::pending()));
        {
            let mut first = pin!(esteira.send(submit_of(&key, endless)));
            tokio::select! {
                reply = first.as_mut() => panic!("answered: {reply:?}"),
                reached = was_reached => reached.unwrap(),
            }
            let (own, others) = (esteira.send(large(&key)).await, esteira.send(large(&other)).await);
            if all == 0 {
                own.problem(429, "too_many_at_once");
                assert_eq!(others.status, 202);
            } else {
                own.problem(503, "unavailable");
                others.problem(503, "unavailable");
            }
            assert_eq!(own.header("retry-after"), "5");
            esteira.submit(&key, "small").await;
            assert!(poll!(first).is_pending());
        }
        // The first client went away.
        assert_eq!(esteira.send(large(&key)).await.status, 202);
    }
}

#[tokio::test]
async fn a_tenant_has_only_so_many_searches_and_gets_the_place_back() {
    let options = ApiOptions { max_searches_per_tenant: 1, ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let (_, key) = esteira.tenant("acme").await;
    let path = "/v1/search?q=contrato";
    // From here on its key is known, so that both of the next ones come to the search at once.
    assert_eq!(esteira.get(&key, path).await.status, 200);
    let (answered, refused) = tokio::join!(esteira.get(&key, path), esteira.get(&key, path));
    assert_eq!(answered.status, 200);
    refused.problem(429, "too_many_at_once");
    assert_eq!(esteira.get(&key, path).await.status, 200);
}
