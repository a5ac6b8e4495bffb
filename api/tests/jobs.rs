//! Submit, get, wait, cancel and retry.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Esteira, KIND, pointers, request};

#[tokio::test]
async fn a_submitted_job_is_answered_with_every_key_of_the_contract() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let body = json!({
        "kind": KIND, "input": {"say": "é 🎞"}, "priority": -7, "run_at": "2126-12-01T02:00:00-03:00",
        "max_attempts": 2, "timeout_seconds": 9, "metadata": {"customer": "77", "n": 1.5},
    });
    let reply = esteira.post(&key, "/v1/jobs", body).await;
    assert_eq!(reply.status, 202);
    let mut job = reply.json();
    let id = job["id"].as_str().unwrap().to_owned();
    assert_eq!(reply.header("location"), format!("/v1/jobs/{id}"));
    let created_at = job["created_at"].take();
    assert!(created_at.as_str().unwrap().ends_with('Z'), "{created_at}");
    let expected = json!({
        "id": id, "kind": KIND, "state": "scheduled", "priority": -7, "attempt": 0, "max_attempts": 2,
        "timeout_seconds": 9, "progress": null, "input": {"say": "é 🎞"}, "output": null, "error": null,
        "metadata": {"customer": "77", "n": 1.5}, "batch_id": null, "artifacts": [], "created_at": null,
        "run_at": "2126-12-01T05:00:00Z", "started_at": null, "finished_at": null,
        "cancel_requested_at": null, "waited_ms": null,
    });
    assert_eq!(job, expected);
    let mut read = esteira.get(&key, &format!("/v1/jobs/{id}")).await.json();
    assert_eq!(read["created_at"].take(), created_at);
    assert_eq!(read, expected);
}

#[tokio::test]
async fn what_the_schema_of_a_kind_marks_as_write_only_is_never_shown_again() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let body = json!({"kind": KIND, "input": {"say": "x", "password": "senha secreta"}});
    let submitted = esteira.post(&key, "/v1/jobs", body.clone()).await;
    let id = submitted.json()["id"].as_str().unwrap().to_owned();
    let mut shown = vec![submitted.json()];
    for _ in 0..2 {
        let keyed = request(Method::POST, &key, "/v1/jobs").header("idempotency-key", "once");
        let keyed = keyed.header("content-type", "application/json").body(Body::from(body.to_string()));
        shown.push(esteira.send(keyed.unwrap()).await.json());
    }
    for path in [format!("/v1/jobs/{id}"), format!("/v1/jobs/{id}?wait=0")] {
        shown.push(esteira.get(&key, &path).await.json());
    }
    shown.extend(esteira.get(&key, "/v1/jobs").await.json()["items"].as_array().unwrap().iter().cloned());
    shown.push(esteira.post(&key, &format!("/v1/jobs/{id}/cancel"), json!({})).await.json());
    assert_eq!(shown.len(), 8);
    for job in shown {
        assert_eq!(job["input"], json!({"say": "x", "password": "***"}), "{job}");
    }
}

#[tokio::test]
async fn every_field_that_cannot_be_is_named_at_once() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let body = json!({"kind": KIND, "input": {"say": "x"}, "max_attempts": 0, "timeout_seconds": 0});
    let problem = esteira.post(&key, "/v1/jobs", body).await.problem(422, "invalid_value");
    assert_eq!(pointers(&problem), ["/max_attempts", "/timeout_seconds"]);
}

#[tokio::test]
async fn only_kind_and_input_are_required_and_the_kind_gives_the_rest() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let reply = esteira.post(&key, "/v1/jobs", json!({"kind": KIND, "input": {"say": "x"}})).await;
    let job = reply.json();
    let given =
        [&job["state"], &job["priority"], &job["max_attempts"], &job["timeout_seconds"], &job["metadata"]];
    assert_eq!(given, [&json!("queued"), &json!(0), &json!(3), &json!(60), &json!({})]);
}

#[tokio::test]
async fn a_dry_run_says_what_a_submit_would_and_writes_nothing() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let good = json!({"kind": KIND, "input": {"say": ""}, "timeout_seconds": 5});
    let reply = esteira.post(&key, "/v1/jobs?dry_run=true", good).await;
    assert_eq!(reply.status, 200);
    let estimate = json!({
        "files": 0, "max_attempts": 3, "timeout_seconds": 5, "cpu_seconds": 2.5, "output_seconds": null,
    });
    let costly = "it will likely need 2 CPU seconds; an attempt may use 1";
    let warnings = json!(["says nothing", "guessed", costly]);
    assert_eq!(reply.json(), json!({"valid": true, "warnings": warnings, "estimate": estimate}));
    let bad = esteira.post(&key, "/v1/jobs?dry_run=true", json!({"kind": KIND, "input": {}})).await;
    assert_eq!(pointers(&bad.problem(422, "invalid_input")), ["/input/say"]);
    assert_eq!(esteira.get(&key, "/v1/jobs").await.json()["items"], json!([]));
}

#[tokio::test]
async fn values_that_cannot_be_are_refused_with_a_pointer_to_each() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let gone = "upload://0192f0c1-2345-7abc-8def-0123456789ab";
    for (change, code, pointer) in [
        (json!({"input": {}}), "invalid_input", "/input/say"),
        (json!({"input": {"say": "x", "source": gone}}), "invalid_input", "/input/source"),
        (json!({"input": {"say": "x", "source": "http://127.0.0.1/"}}), "invalid_input", "/input/source"),
        (json!({"input": {"say": "a\u{0}b"}}), "invalid_value", "/input"),
        (json!({"kind": "no.such"}), "unknown_kind", "/kind"),
        (json!({"kind": "no\u{0}"}), "unknown_kind", "/kind"),
        (json!({"priority": 101}), "invalid_value", "/priority"),
        (json!({"priority": -1_000_000_000_000_i64}), "invalid_value", "/priority"),
        (json!({"max_attempts": 0}), "invalid_value", "/max_attempts"),
        (json!({"max_attempts": -5}), "invalid_value", "/max_attempts"),
        (json!({"timeout_seconds": 86_401}), "invalid_value", "/timeout_seconds"),
        (json!({"metadata": {"a": "\u{0}"}}), "invalid_value", "/metadata"),
    ] {
        let mut body = json!({"kind": KIND, "input": {"say": "x"}});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let reply = esteira.post(&key, "/v1/jobs", body).await;
        assert_eq!(pointers(&reply.problem(422, code)), [pointer], "{change}");
    }
    assert_eq!(esteira.get(&key, "/v1/jobs").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_cancelled_job_is_final_and_can_be_retried_once() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let path = format!("/v1/jobs/{}", esteira.submit(&key, "x").await);
    for _ in 0..2 {
        let reply = esteira.post(&key, &format!("{path}/cancel"), Value::Null).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["state"]), (202, &json!("cancelled")));
        assert!(reply.json()["finished_at"].is_string());
    }
    let reply = esteira.post(&key, &format!("{path}/retry"), Value::Null).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["state"]), (202, &json!("queued")));
    esteira.post(&key, &format!("{path}/retry"), Value::Null).await.problem(409, "job_not_retryable");
}

#[tokio::test]
async fn a_job_that_succeeded_can_be_neither_cancelled_nor_retried() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let id = esteira.submit(&key, "x").await;
    esteira.sql(&format!(
        "delete from esteira.queue; \
         insert into tenant_acme_schema.outcomes (job_id, state, attempt) values ('{id}', 'succeeded', 1)"
    ));
    esteira.post(&key, &format!("/v1/jobs/{id}/cancel"), Value::Null).await.problem(409, "job_final");
    esteira.post(&key, &format!("/v1/jobs/{id}/retry"), Value::Null).await.problem(409, "job_not_retryable");
}

#[tokio::test]
async fn a_wait_returns_as_soon_as_the_job_is_cancelled() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let path = format!("/v1/jobs/{}", esteira.submit(&key, "x").await);
    let (waiting, cancel) = (format!("{path}?wait=60"), format!("{path}/cancel"));
    let both = async { tokio::join!(esteira.get(&key, &waiting), esteira.post(&key, &cancel, Value::Null)) };
    let (waited, _) = timeout(Duration::from_secs(30), both).await.unwrap();
    assert_eq!((waited.status.as_u16(), &waited.json()["state"]), (200, &json!("cancelled")));
}

#[tokio::test]
async fn a_wait_that_is_over_answers_with_the_state_of_then() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let id = esteira.submit(&key, "x").await;
    let reply = esteira.get(&key, &format!("/v1/jobs/{id}?wait=1")).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["state"]), (200, &json!("queued")));
    for wait in ["61", "-1", "x", ""] {
        let reply = esteira.get(&key, &format!("/v1/jobs/{id}?wait={wait}")).await;
        assert_eq!(pointers(&reply.problem(400, "invalid_parameter")), ["/wait"]);
    }
}

#[tokio::test]
async fn a_suspended_tenant_reads_but_does_not_submit() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let path = format!("/v1/jobs/{}", esteira.submit(&key, "x").await);
    esteira.patch(&esteira.operator, "/v1/tenants/acme", json!({"state": "suspended"})).await;
    let body = json!({"kind": KIND, "input": {"say": "x"}});
    esteira.post(&key, "/v1/jobs", body.clone()).await.problem(403, "tenant_suspended");
    assert_eq!(esteira.get(&key, &path).await.status, 200);
    esteira.patch(&esteira.operator, "/v1/tenants/acme", json!({"state": "active"})).await;
    assert_eq!(esteira.post(&key, "/v1/jobs", body).await.status, 202);
}
