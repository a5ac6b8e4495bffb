//! The log: a line for each request, and nothing that is the tenant's.

use serde_json::{Value, json};

use crate::support::{Esteira, KIND, log};

#[tokio::test]
async fn a_request_is_one_line_with_its_route_and_without_its_contents() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    log::take();
    let body = json!({"kind": KIND, "input": {"say": "a secret"}, "metadata": {"m": "a secret"}});
    let job = esteira.post(&key, "/v1/jobs", body).await.json()["id"].as_str().unwrap().to_owned();
    esteira.get(&key, &format!("/v1/jobs/{job}?wait=0")).await;
    esteira.get(&key, "/v1/jobs?metadata.m=a+secret").await;
    esteira.get("", "/nowhere/a-secret").await;

    let log = log::take();
    assert!(!log.contains("secret") && !log.contains(&key) && !log.contains(&job), "{log}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered = lines.iter().filter(|line| line["target"] == "esteira::access");
    let seen: Vec<Value> = answered
        .map(|line| {
            let fields = &line["fields"];
            assert!(fields["ms"].is_number());
            json!([
                fields["method"],
                fields["route"],
                fields["status"],
                fields["tenant"],
                fields["request_id"]
            ])
        })
        .collect();
    assert_eq!(
        seen,
        [
            json!(["POST", "/v1/jobs", 202, "acme", "test"]),
            json!(["GET", "/v1/jobs/{id}", 200, "acme", "test"]),
            json!(["GET", "/v1/jobs", 200, "acme", "test"]),
            json!(["GET", "unmatched", 404, null, "test"]),
        ]
    );
}
