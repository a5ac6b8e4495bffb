//! What is sent: no JSON, a field too many, a value of the wrong type, too much, the wrong media type.

use axum::body::Body;
use esteira_api::ApiOptions;
use serde_json::{Value, json};

use super::{Operation, Things, operations};
use crate::support::{Esteira, pointers};

/// The largest body that these tests allow, of whatever sort.
const MOST: u64 = 4096;

async fn start() -> Esteira {
    let options =
        ApiOptions { json_bytes: MOST, batch_bytes: MOST, file_bytes: MOST, ..ApiOptions::default() };
    Esteira::with(options).await
}

/// The operations that take JSON, and the schema of what they take, looked up.
async fn taking_json(esteira: &Esteira) -> Vec<(Operation, Value)> {
    let api = esteira.get("", "/openapi.json").await.json();
    let schema = |operation: &Operation| {
        let schema = &operation.said["requestBody"]["content"]["application/json"]["schema"];
        schema.get("$ref").map_or(schema, |at| found(&api, at)).clone()
    };
    let all = operations(esteira).await.into_iter().filter(Operation::takes_json);
    let all: Vec<_> = all.map(|operation| (schema(&operation), operation)).collect();
    assert!(all.len() >= 11, "{}", all.len());
    all.into_iter().map(|(schema, operation)| (operation, schema)).collect()
}

fn found<'v>(api: &'v Value, at: &Value) -> &'v Value {
    api.pointer(at.as_str().unwrap().trim_start_matches('#')).unwrap()
}

#[tokio::test]
async fn what_is_no_json_or_not_whole_is_refused() {
    let esteira = start().await;
    let (things, key) = Things::of_tenant(&esteira, "acme").await;
    for (operation, _) in taking_json(&esteira).await {
        let token = operation.token(&esteira, &key);
        for (body, code) in [
            ("", "malformed_body"),
            ("{", "malformed_body"),
            ("{\"", "malformed_body"),
            ("\u{feff}{}", "malformed_body"),
            ("[]", "invalid_field"),
            ("3", "invalid_field"),
            ("null", "invalid_field"),
            ("\"{}\"", "invalid_field"),
        ] {
            let reply = operation.send(&esteira, token, &things, Some("application/json"), body).await;
            operation.refuses(&reply, 400, code);
        }
        let broken = futures::stream::iter([Ok("{"), Err(std::io::Error::other("gone"))]);
        let request = crate::support::request(operation.method.clone(), token, &operation.uri(&things));
        let request = request.header("content-type", "application/json").body(Body::from_stream(broken));
        operation.refuses(&esteira.send(request.unwrap()).await, 400, "incomplete_body");
    }
}

#[tokio::test]
async fn a_field_that_is_not_known_is_named() {
    let esteira = start().await;
    let (things, key) = Things::of_tenant(&esteira, "acme").await;
    for (operation, _) in taking_json(&esteira).await {
        let mut body: Value = serde_json::from_str(&operation.example()).unwrap();
        body["tpyo"] = json!(1);
        let token = operation.token(&esteira, &key);
        let media_type = Some("application/json; charset=utf-8");
        let reply = operation.send(&esteira, token, &things, media_type, &body.to_string()).await;
        let problem = operation.refuses(&reply, 400, "unknown_field");
        assert_eq!(pointers(&problem), ["/tpyo"], "{}", operation.id());
    }
}

#[tokio::test]
async fn a_field_of_the_wrong_type_is_named_and_so_is_one_that_lacks() {
    let esteira = start().await;
    let (things, key) = Things::of_tenant(&esteira, "acme").await;
    for (operation, schema) in taking_json(&esteira).await {
        let token = operation.token(&esteira, &key).to_owned();
        let example: Value = serde_json::from_str(&operation.example()).unwrap();
        let send = async |body: Value| {
            let media_type = Some("application/json");
            operation.send(&esteira, &token, &things, media_type, &body.to_string()).await
        };
        for (name, field) in schema["properties"].as_object().unwrap() {
            // What a kind's input is made of is the kind's to say, with a 422.
            if name == "input" {
                continue;
            }
            let mut body = example.clone();
            let may_be_true = field["type"].to_string().contains("boolean");
            body[name] = if may_be_true { json!("x") } else { json!(true) };
            let problem = operation.refuses(&send(body).await, 400, "invalid_field");
            let pointers = pointers(&problem);
            assert!(pointers[0].starts_with(&format!("/{name}")), "{} {name}: {pointers:?}", operation.id());
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap();
            let mut body = example.clone();
            body.as_object_mut().unwrap().remove(name);
            let problem = operation.refuses(&send(body).await, 400, "invalid_field");
            assert!(problem.to_string().contains(name), "{} {name}: {problem}", operation.id());
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_a_413() {
    let esteira = start().await;
    let (things, key) = Things::of_tenant(&esteira, "acme").await;
    let large = json!({"x": "x".repeat(MOST as usize)}).to_string();
    for operation in operations(&esteira).await.iter().filter(|operation| operation.takes().is_some()) {
        let token = operation.token(&esteira, &key);
        let reply = operation.send(&esteira, token, &things, operation.takes(), &large).await;
        operation.refuses(&reply, 413, "body_too_large");
    }
}

#[tokio::test]
async fn a_body_of_another_media_type_is_a_415() {
    let esteira = start().await;
    let (things, key) = Things::of_tenant(&esteira, "acme").await;
    for operation in operations(&esteira).await.iter().filter(|operation| operation.takes().is_some()) {
        let token = operation.token(&esteira, &key);
        let others: &[Option<&str>] = match operation.takes_json() {
            true => &[None, Some("text/plain"), Some("application/xml"), Some("json"), Some("")],
            // A file may be of any type; what is no type, and a form, are refused.
            false => &[Some("multipart/form-data; boundary=x"), Some("json")],
        };
        for media_type in others {
            let reply = operation.send(&esteira, token, &things, *media_type, &operation.example()).await;
            operation.refuses(&reply, 415, "unsupported_media_type");
        }
    }
}

#[tokio::test]
async fn the_body_that_the_description_shows_can_be_read() {
    let esteira = start().await;
    let (things, key) = Things::of_tenant(&esteira, "acme").await;
    for operation in operations(&esteira).await.iter().filter(|operation| operation.takes().is_some()) {
        let (reply, read) = operation.call(&esteira, operation.token(&esteira, &key), &things).await;
        let can_be_read = reply.status.is_success() || matches!(reply.status.as_u16(), 404 | 409 | 422);
        assert!(can_be_read && read, "{}: {} {:?}", operation.id(), reply.status, reply.body);
    }
}

#[tokio::test]
async fn where_no_body_belongs_none_is_read() {
    let esteira = start().await;
    let (things, key) = Things::of_tenant(&esteira, "acme").await;
    for operation in operations(&esteira).await.iter().filter(|operation| operation.takes().is_none()) {
        let (reply, read) = operation.call(&esteira, operation.token(&esteira, &key), &things).await;
        assert!(!read && !reply.status.is_server_error(), "{}: {:?}", operation.id(), reply.body);
    }
}
