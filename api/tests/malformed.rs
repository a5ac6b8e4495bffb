//! Bodies that are no request: each gets a clean refusal, and nothing is written.

use axum::body::Body;
use axum::http::Method;
use esteira_api::ApiOptions;
use serde_json::json;

use crate::support::{Esteira, KIND, pointers, request};

#[tokio::test]
async fn fields_of_a_submit_that_are_not_known_are_named() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    for field in ["prioritty", "unique_keys", "a/b"] {
        let body = json!({"kind": KIND, "input": {"say": "x"}, field: "x"});
        let problem = esteira.post(&key, "/v1/jobs", body).await.problem(400, "unknown_field");
        assert_eq!(pointers(&problem), [format!("/{}", field.replace('/', "~1"))]);
    }
    assert_eq!(esteira.get(&key, "/v1/jobs").await.json()["items"], json!([]));
}

#[tokio::test]
async fn strange_json_inside_an_input_is_refused_cleanly() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let deep = "[".repeat(100_000);
    for (input, status) in [
        (r#"{"say":"x","say":"y"}"#, 400),
        (r#"{"say":"x","a":{"k":1,"k":2}}"#, 400),
        (r#"{"say":"x","n":1e999}"#, 400),
        (r#"{"say":"x","n":NaN}"#, 400),
        (r#"{"say":"\ud800"}"#, 400),
        (r#"{"say":"a\u0000"}"#, 422),
        (r#"{"say":"x","a\u0000":1}"#, 422),
        (deep.as_str(), 400),
        (r#"{"say":"x","n":123456789012345678901234567890,"m":-0.0,"t":1e-320,"h":1.7e308}"#, 202),
        (r#"{"say":"\uffff\ud83c\udf9e"}"#, 202),
    ] {
        let body = format!(r#"{{"kind":"{KIND}","input":{input}}}"#);
        let reply = esteira.post_text(&key, "/v1/jobs", &body).await;
        assert_eq!(reply.status, status, "{}: {:?}", &input[..input.len().min(80)], reply.body);
    }
    for field in [
        "\"kind\":\"x\",\"kind\":\"y\"",
        "\"priority\":1.5",
        "\"priority\":\"1\"",
        "\"run_at\":\"now\"",
        "\"run_at\":\"+262000-01-01T00:00:00Z\"",
        "\"metadata\":[]",
        "\"max_attempts\":1e3",
    ] {
        let body = format!(r#"{{"input":{{"say":"x"}},"kind":"{KIND}",{field}}}"#);
        let reply = esteira.post_text(&key, "/v1/jobs", &body).await;
        reply.problem(400, "invalid_field");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_parameter_or_a_field_is_told_in_plain_words() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let said = |problem: serde_json::Value| problem["errors"][0]["message"].as_str().unwrap().to_owned();
    let job = esteira.submit(&key, "x").await;
    let wait = esteira.get(&key, &format!("/v1/jobs/{job}?wait=abc")).await.problem(400, "invalid_parameter");
    assert_eq!(said(wait), "must be a whole number of seconds, at most 60");
    let limit = esteira.get(&key, "/v1/jobs?limit=many").await.problem(400, "invalid_parameter");
    assert_eq!(said(limit), "must be between 1 and 200");
    let body = json!({"kind": KIND, "input": {}, "max_attempts": "many"});
    let field = esteira.post(&key, "/v1/jobs", body).await.problem(400, "invalid_field");
    assert_eq!(said(field), "invalid type: string \"many\", expected a whole number");
    let nameless = request(Method::POST, &key, "/v1/files").body(Body::from("abc")).unwrap();
    let nameless = esteira.send(nameless).await.problem(400, "invalid_parameter");
    assert!(said(nameless).starts_with("is missing: the name of the file"));
    let kind = esteira.post(&key, "/v1/jobs", json!({"kind": "no.such", "input": {}})).await;
    assert!(
        kind.problem(422, "unknown_kind")["detail"]
            .as_str()
            .unwrap()
            .starts_with("There is no kind \"no.such\".")
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let esteira = Esteira::with(ApiOptions { json_bytes: 1000, ..ApiOptions::default() }).await;
    let (_, key) = esteira.tenant("acme").await;
    let body = json!({"kind": KIND, "input": {"say": "x".repeat(1000)}});
    esteira.post(&key, "/v1/jobs", body).await.problem(413, "body_too_large");
}

#[tokio::test]
async fn a_long_quotation_of_the_body_is_cut() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let reply = esteira.post(&key, "/v1/jobs", json!({"x".repeat(100_000): 1})).await;
    reply.problem(400, "unknown_field");
    assert!(reply.body.len() < 3_000, "{}", reply.body.len());
}

#[tokio::test]
async fn a_body_of_more_values_than_memory_should_hold_is_refused() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let job = |objects| {
        let many = vec![r#"{"":0}"#; objects].join(",");
        format!(r#"{{"kind":"{KIND}","input":{{"say":"x","many":[{many}]}}}}"#)
    };
    for (path, body) in [
        ("/v1/jobs", job(60_000)),
        ("/v1/jobs/batch", format!(r#"{{"jobs":[{}]}}"#, job(250_000))),
        ("/v1/uploads", format!("[{}]", job(60_000))),
    ] {
        esteira.post_text(&key, path, &body).await.problem(413, "body_too_large");
    }
    let metadata = json!({"kind": KIND, "input": {"say": "x"}, "metadata": {"a": vec![0; 1_000]}});
    let refused = esteira.post(&key, "/v1/jobs", metadata).await.problem(422, "invalid_value");
    assert_eq!(pointers(&refused), ["/metadata"]);
    assert_eq!(esteira.get(&key, "/v1/jobs").await.json()["items"], json!([]));
}
