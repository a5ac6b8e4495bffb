//! Files that tenants bring.

use axum::body::Body;
use axum::http::Method;
use bytes::Bytes;
use esteira_api::ApiOptions;
use futures::{StreamExt as _, stream};
use serde_json::json;

use crate::support::{Esteira, Reply, pointers, request};

async fn bring(esteira: &Esteira, key: &str, query: &str, media_type: &str, body: Body) -> Reply {
    let mut request = request(Method::POST, key, &format!("/v1/files{query}"));
    if !media_type.is_empty() {
        request = request.header("content-type", media_type);
    }
    esteira.send(request.body(body).unwrap()).await
}

#[tokio::test]
async fn a_file_is_kept_and_named_by_its_uri() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let reply = bring(&esteira, &key, "?file_name=f%C3%A9rias.txt", "text/plain", Body::from("abc")).await;
    assert_eq!(reply.status, 201);
    let file = reply.json();
    assert_eq!(file["uri"], format!("upload://{}", file["id"].as_str().unwrap()));
    assert_eq!((&file["file_name"], &file["media_type"]), (&json!("férias.txt"), &json!("text/plain")));
    assert_eq!(file["bytes"], 3);
    assert_eq!(file["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[tokio::test]
async fn the_first_bytes_of_a_file_tell_more_than_its_sender() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let png = Bytes::from_static(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    for (media_type, body, expected) in [
        ("text/plain", png.clone(), "image/png"),
        ("application/x-www-form-urlencoded", Bytes::from_static(b"?"), "application/octet-stream"),
        ("", Bytes::new(), "application/octet-stream"),
        ("Video/MP4; x=y", Bytes::from_static(b"?"), "video/mp4"),
    ] {
        let reply = bring(&esteira, &key, "?file_name=a", media_type, Body::from(body)).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json()["media_type"]),
            (201, &json!(expected)),
            "{media_type}"
        );
    }
    for form in ["multipart/form-data; boundary=x", "nonsense"] {
        let reply = bring(&esteira, &key, "?file_name=a", form, Body::from("x")).await;
        reply.problem(415, "unsupported_media_type");
    }
}

#[tokio::test]
async fn a_file_beyond_the_limit_is_refused_whether_it_says_so_or_not() {
    let esteira = Esteira::with(ApiOptions { file_bytes: 10, ..ApiOptions::default() }).await;
    let (_, key) = esteira.tenant("acme").await;
    let announced = request(Method::POST, &key, "/v1/files?file_name=a").header("content-length", "11");
    esteira.send(announced.body(Body::from("x")).unwrap()).await.problem(413, "body_too_large");
    let pieces = stream::iter(["12345", "67890", "1"]).map(std::io::Result::Ok);
    let reply = bring(&esteira, &key, "?file_name=a", "", Body::from_stream(pieces)).await;
    reply.problem(413, "body_too_large");
    let reply = bring(&esteira, &key, "?file_name=a", "", Body::from("1234567890")).await;
    assert_eq!(reply.status, 201);
}

#[tokio::test]
async fn a_full_storage_takes_no_more() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let limits = json!({"limits": {"max_storage_bytes": 10}});
    esteira.patch(&esteira.operator, "/v1/tenants/acme", limits).await;
    assert_eq!(bring(&esteira, &key, "?file_name=a", "", Body::from("1234567")).await.status, 201);
    let reply = bring(&esteira, &key, "?file_name=b", "", Body::from("1234567")).await;
    reply.problem(413, "storage_full");
}

#[tokio::test]
async fn a_file_needs_a_name_that_is_one() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    for query in
        ["", "?file_name=", "?file_name=a%2Fb", "?file_name=..", "?file_name=a%00", "?file_name=a%0A"]
    {
        let problem =
            bring(&esteira, &key, query, "", Body::from("x")).await.problem(400, "invalid_parameter");
        assert!(pointers(&problem).contains(&"/file_name"), "{query}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_kept() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let pieces = stream::iter([Ok("123"), Err(std::io::Error::other("gone"))]);
    let reply = bring(&esteira, &key, "?file_name=a", "", Body::from_stream(pieces)).await;
    reply.problem(400, "incomplete_body");
    assert_eq!(esteira.sql("select count(*) from tenant_acme_schema.uploads"), "0");
}
