//! Batches over HTTP.

use serde_json::{Value, json};

use crate::support::{Esteira, KIND, pointers};

fn job(say: &str) -> Value {
    json!({"kind": KIND, "input": {"say": say}})
}

#[tokio::test]
async fn a_batch_is_taken_shown_and_listed() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    let mut second = job("b");
    second["depends_on"] = json!(["ref:first"]);
    let mut first = job("a");
    first["ref"] = json!("first");
    let reply = esteira.post(&key, "/v1/jobs/batch", json!({"jobs": [second, first]})).await;
    assert_eq!(reply.status, 202, "{:?}", reply.body);
    let taken = reply.json();
    let (id, ids) = (taken["batch_id"].as_str().unwrap(), taken["job_ids"].as_array().unwrap());
    let path = format!("/v1/batches/{id}");
    assert_eq!(reply.header("location"), path);
    let batch = esteira.get(&key, &path).await.json();
    let counts = json!({"blocked": 1, "scheduled": 0, "queued": 1, "running": 0, "succeeded": 0, "failed": 0,
                        "cancelled": 0});
    assert_eq!((&batch["id"], &batch["counts"], &batch["finished_at"]), (&json!(id), &counts, &Value::Null));
    assert_eq!(batch["progress"], json!({"fraction": 0.0, "done": 0, "total": 2}));
    let listed = esteira.get(&key, &format!("/v1/jobs?batch_id={id}")).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(listed["items"][0]["batch_id"], json!(id));
    for id in ids {
        let cancel = format!("/v1/jobs/{}/cancel", id.as_str().unwrap());
        esteira.post(&key, &cancel, Value::Null).await;
    }
    let batch = esteira.get(&key, &path).await.json();
    assert!(batch["finished_at"].is_string() && batch["progress"]["fraction"] == json!(1.0), "{batch}");
    esteira.get(&other, &path).await.problem(404, "not_found");
    esteira.get(&key, "/v1/batches/x").await.problem(404, "not_found");
}

#[tokio::test]
async fn faults_name_their_jobs_and_nothing_is_written() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let with = |name: &str, value: Value| {
        let mut job = job("x");
        job[name] = value;
        job
    };
    for (jobs, status, code, expected) in [
        (json!([]), 422, "invalid_value", "/jobs"),
        (json!([job("a"), {"kind": KIND, "input": {}}]), 422, "invalid_input", "/jobs/1/input/say"),
        (json!([job("a"), with("kind", json!("no.such"))]), 422, "unknown_kind", "/jobs/1/kind"),
        (json!([with("priority", json!(101))]), 422, "invalid_value", "/jobs/0/priority"),
        (json!([with("depends_on", json!(["ref:no"]))]), 422, "invalid_value", "/jobs/0/depends_on"),
        (json!([with("depends_on", json!(["no"]))]), 400, "invalid_field", "/jobs/0/depends_on/0"),
        (json!([job("a"), with("tpyo", json!(1))]), 400, "unknown_field", "/jobs/1/tpyo"),
        (
            json!([{"kind": KIND, "input": {"say": "x"}, "ref": "a", "depends_on": ["ref:a"]}]),
            422,
            "invalid_value",
            "/jobs/0/depends_on",
        ),
    ] {
        let reply = esteira.post(&key, "/v1/jobs/batch", json!({"jobs": jobs})).await;
        assert_eq!(pointers(&reply.problem(status, code)), [expected], "{jobs}");
    }
    assert_eq!(esteira.get(&key, "/v1/jobs").await.json()["items"], json!([]));
    assert_eq!(esteira.sql("select count(*) from tenant_acme_schema.batches"), "0");
}

#[tokio::test]
async fn ten_thousand_refused_jobs_make_a_short_answer() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let bad: Vec<Value> = (0..10_000).map(|_| json!({"kind": KIND, "input": {}})).collect();
    let reply = esteira.post(&key, "/v1/jobs/batch", json!({"jobs": bad})).await;
    let problem = reply.problem(422, "invalid_input");
    let errors = problem["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 101);
    assert_eq!(errors[100]["message"], "has 9900 more faults, which are not listed");
    let more: Vec<Value> = (0..10_001).map(|_| job("x")).collect();
    let reply = esteira.post(&key, "/v1/jobs/batch", json!({"jobs": more})).await;
    assert_eq!(pointers(&reply.problem(422, "invalid_value")), ["/jobs"]);
}

#[tokio::test]
async fn ten_thousand_jobs_are_taken_in_one_transaction() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let jobs: Vec<Value> = (0..10_000).map(|n| job(&n.to_string())).collect();
    let reply = esteira.post(&key, "/v1/jobs/batch", json!({"jobs": jobs})).await;
    assert_eq!(reply.status, 202);
    assert_eq!(reply.json()["job_ids"].as_array().unwrap().len(), 10_000);
    assert_eq!(
        esteira.sql("select count(distinct xmin::text) || ' ' || count(*) from esteira.queue"),
        "1 10000"
    );
}
