//! Workers, as an operator sees them and takes them out of service.

use std::collections::BTreeSet;

use esteira_engine::id::WorkerId;
use serde_json::{Value, json};

use crate::support::{Esteira, KIND};

/// Registers a worker whose lease ends after so many seconds.
fn register(esteira: &Esteira, seconds: i32) -> String {
    let id = WorkerId::new();
    esteira.sql(&format!(
        "insert into esteira.workers (id, host, pid, version, slots, lease_until) values \
         ('{id}', 'host-1', 7, '0.1.0', '{{\"{KIND}\": 3}}', now() + make_interval(secs => {seconds}))"
    ));
    id.to_string()
}

#[tokio::test]
async fn a_worker_is_listed_drained_and_resumed() {
    let esteira = Esteira::start().await;
    let id = register(&esteira, 3600);
    let list = esteira.get(&esteira.operator, "/v1/workers").await.json();
    let worker = &list["items"][0];
    let keys: BTreeSet<&str> = worker.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "draining_at",
        "host",
        "id",
        "lease_until",
        "pid",
        "running",
        "slots",
        "started_at",
        "state",
        "version",
    ];
    assert_eq!(keys, BTreeSet::from(expected));
    assert_eq!((&worker["id"], &worker["state"]), (&json!(id), &json!("live")));
    assert_eq!((&worker["slots"], &worker["draining_at"]), (&json!({KIND: 3}), &Value::Null));

    for (verb, state) in [("drain", "drained"), ("drain", "drained"), ("resume", "live"), ("resume", "live")]
    {
        let reply = esteira.post(&esteira.operator, &format!("/v1/workers/{id}/{verb}"), Value::Null).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["state"]), (200, &json!(state)), "{verb}");
        assert_eq!(reply.json()["draining_at"].is_string(), verb == "drain");
        assert_eq!(esteira.get(&esteira.operator, "/v1/workers").await.json()["items"][0], reply.json());
    }
}

#[tokio::test]
async fn a_draining_worker_that_still_runs_a_job_is_not_drained_yet() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let id = register(&esteira, 3600);
    esteira.submit(&key, "x").await;
    esteira
        .sql(&format!("update esteira.queue set state = 'running', worker_id = '{id}', started_at = now()"));
    let reply = esteira.post(&esteira.operator, &format!("/v1/workers/{id}/drain"), Value::Null).await.json();
    assert_eq!((&reply["state"], &reply["running"]), (&json!("draining"), &json!(1)));
}

#[tokio::test]
async fn a_worker_that_is_lost_or_was_never_there_cannot_be_drained() {
    let esteira = Esteira::start().await;
    let lost = register(&esteira, -1);
    assert_eq!(esteira.get(&esteira.operator, "/v1/workers").await.json()["items"][0]["state"], "lost");
    for verb in ["drain", "resume"] {
        let path = |id: &str| format!("/v1/workers/{id}/{verb}");
        let call = async |id: &str| esteira.post(&esteira.operator, &path(id), Value::Null).await;
        call(&lost).await.problem(409, "worker_lost");
        call(&WorkerId::new().to_string()).await.problem(404, "not_found");
        call("not-an-id").await.problem(404, "not_found");
    }
}
