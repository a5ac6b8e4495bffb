//! `Idempotency-Key`: the same request twice is one, and answered the same.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Esteira, KIND, Reply, request};

async fn post(esteira: &Esteira, token: &str, path: &str, keys: &[&str], body: &Value) -> Reply {
    let mut builder = request(Method::POST, token, path).header("content-type", "application/json");
    for key in keys {
        builder = builder.header("idempotency-key", *key);
    }
    esteira.send(builder.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn the_first_answer_is_given_again_whatever_became_of_the_job() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let body = json!({"kind": KIND, "input": {"say": "x"}});
    let first = post(&esteira, &key, "/v1/jobs", &["k"], &body).await;
    assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (202, ""));
    let id = first.json()["id"].as_str().unwrap().to_owned();
    esteira.post(&key, &format!("/v1/jobs/{id}/cancel"), Value::Null).await;
    let again = post(&esteira, &key, "/v1/jobs", &["k"], &body).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (202, "true"));
    assert_eq!((&again.body, again.header("location")), (&first.body, first.header("location")));
    assert_eq!(again.header("content-type"), "application/json");
    assert_eq!(esteira.sql("select count(*) from tenant_acme_schema.jobs"), "1");
}

#[tokio::test]
async fn requests_that_race_are_one() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let body =
        json!({"jobs": [{"kind": KIND, "input": {"say": "x"}}, {"kind": KIND, "input": {"say": "y"}}]});
    let send = || post(&esteira, &key, "/v1/jobs/batch", &["k"], &body);
    let (one, two, three) = tokio::join!(send(), send(), send());
    assert_eq!((&one.body, &one.body), (&two.body, &three.body));
    let replayed = [&one, &two, &three].iter().filter(|r| r.header("idempotency-replayed") == "true").count();
    assert_eq!((one.status.as_u16(), replayed), (202, 2));
    assert_eq!(esteira.sql("select count(*) from tenant_acme_schema.jobs"), "2");
}

#[tokio::test]
async fn a_key_with_another_body_or_path_or_form_is_refused() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let job = json!({"kind": KIND, "input": {"say": "x"}});
    let other = json!({"kind": KIND, "input": {"say": "y"}});
    assert_eq!(post(&esteira, &key, "/v1/jobs", &["k"], &job).await.status, 202);
    post(&esteira, &key, "/v1/jobs", &["k"], &other).await.problem(422, "idempotency_key_reused");
    let batch = json!({"jobs": [job]});
    post(&esteira, &key, "/v1/jobs/batch", &["k"], &batch).await.problem(422, "idempotency_key_reused");
    for keys in [&["a", "b"][..], &[""]] {
        post(&esteira, &key, "/v1/jobs", keys, &job).await.problem(400, "invalid_idempotency_key");
    }
    assert_eq!(esteira.sql("select count(*) from tenant_acme_schema.jobs"), "1");
}

#[tokio::test]
async fn a_refusal_and_a_dry_run_are_not_kept() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let bad = json!({"kind": KIND, "input": {}});
    post(&esteira, &key, "/v1/jobs", &["k"], &bad).await.problem(422, "invalid_input");
    let good = json!({"kind": KIND, "input": {"say": "x"}});
    assert_eq!(post(&esteira, &key, "/v1/jobs?dry_run=true", &["k"], &good).await.status, 200);
    let taken = post(&esteira, &key, "/v1/jobs", &["k"], &good).await;
    assert_eq!((taken.status.as_u16(), taken.header("idempotency-replayed")), (202, ""));
}
