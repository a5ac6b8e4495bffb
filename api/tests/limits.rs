//! Limits that turn a tenant away for a while.

use serde_json::json;

use crate::support::{Esteira, KIND};

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
