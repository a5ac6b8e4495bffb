//! Links to the files that a job made, and their beginnings.

use axum::body::Body;
use axum::http::Method;
use esteira_api::ApiOptions;
use esteira_engine::artifact::NewFile;
use serde_json::json;
use tower::ServiceExt as _;

use crate::support::{Esteira, pointers, request};

/// A job with an artifact `hls/720p.m3u8`, whose bytes are those of an upload.
async fn job_with_artifact(esteira: &Esteira) -> (String, String) {
    let (tenant, key) = esteira.tenant("acme").await;
    let job = esteira.submit(&key, "x").await;
    let file = NewFile { file_name: "a".into(), media_type: None, limit: 100 };
    let upload = esteira.engine.put_file(&tenant, &file, &b"#EXTM3U"[..]).await.unwrap();
    esteira.sql(&format!(
        "delete from esteira.queue;
         insert into tenant_acme_schema.outcomes (job_id, state, attempt) values ('{job}', 'succeeded', 1);
         insert into tenant_acme_schema.artifacts
         select '{job}', 'hls/720p.m3u8', 0, 'application/vnd.apple.mpegurl', bytes, sha256, object_key
         from tenant_acme_schema.uploads where id = '{}'",
        upload.id
    ));
    (key, format!("/v1/jobs/{job}"))
}

/// What an HTTP GET of a presigned link answers.
async fn fetch(url: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut socket = tokio::net::TcpStream::connect(host).await.unwrap();
    let head = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn the_href_of_an_artifact_leads_to_its_bytes() {
    let esteira = Esteira::start().await;
    let (key, job) = job_with_artifact(&esteira).await;
    let artifact = esteira.get(&key, &job).await.json()["artifacts"][0].clone();
    assert_eq!((&artifact["name"], &artifact["bytes"]), (&json!("hls/720p.m3u8"), &json!(7)));
    let href = artifact["href"].as_str().unwrap();
    assert_eq!(href, format!("{job}/artifacts/hls/720p.m3u8"));
    let reply = esteira.get(&key, href).await;
    assert_eq!((reply.status.as_u16(), reply.header("cache-control")), (302, "no-store"));
    let answer = fetch(reply.header("location")).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("#EXTM3U"), "{answer}");
}

#[tokio::test]
async fn a_link_leads_to_where_clients_reach_the_object_store() {
    let mut esteira = Esteira::start().await;
    let public = esteira.tell_another_store_address().await;
    let (key, job) = job_with_artifact(&esteira).await;
    let reply = esteira.get(&key, &format!("{job}/artifacts/hls/720p.m3u8")).await;
    let link = reply.header("location");
    assert!(link.starts_with(&format!("{public}/")), "{link}");
    let answer = fetch(link).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("#EXTM3U"), "{answer}");
}

#[tokio::test]
async fn without_a_redirect_the_link_and_its_end_are_told() {
    let esteira = Esteira::start().await;
    let (key, job) = job_with_artifact(&esteira).await;
    let reply = esteira.get(&key, &format!("{job}/artifacts/hls/720p.m3u8?redirect=false")).await;
    assert_eq!(reply.status, 200);
    let link = reply.json();
    assert!(link["url"].as_str().unwrap().contains("X-Amz-Expires=900"), "{link}");
    assert!(link["expires_at"].as_str().unwrap().ends_with('Z'), "{link}");
    let reply = esteira.get(&key, &format!("{job}/artifacts/hls/720p.m3u8?redirect=no")).await;
    assert_eq!(pointers(&reply.problem(400, "invalid_parameter")), ["/redirect"]);
}

#[tokio::test]
async fn names_that_no_artifact_can_have_are_not_found() {
    let esteira = Esteira::start().await;
    let (key, job) = job_with_artifact(&esteira).await;
    for name in ["x", "hls", "hls/", "../a", "%2e%2e/a", "a%00", "a%2Fb%FF", "%ff", ".hidden"] {
        esteira.get(&key, &format!("{job}/artifacts/{name}")).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_preview_is_the_beginning_of_a_file_as_nothing_but_bytes() {
    let esteira = Esteira::with(ApiOptions { preview_bytes: 4, ..ApiOptions::default() }).await;
    let (key, job) = job_with_artifact(&esteira).await;
    let reply = esteira.get(&key, &format!("{job}/previews/hls/720p.m3u8")).await;
    assert_eq!((reply.status.as_u16(), &reply.body[..]), (200, &b"#EXT"[..]));
    // What is inside must never be a page, a script or a style to a browser.
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(reply.header(name), value, "{name}");
    }
    esteira.get(&key, &format!("{job}/previews/x")).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_preview_takes_one_of_the_tenants_places_until_it_is_sent() {
    let esteira = Esteira::with(ApiOptions { max_previews_per_tenant: 1, ..ApiOptions::default() }).await;
    let (key, job) = job_with_artifact(&esteira).await;
    let path = format!("{job}/previews/hls/720p.m3u8");
    let reading = request(Method::GET, &key, &path).body(Body::empty()).unwrap();
    let reading = esteira.router.clone().oneshot(reading).await.unwrap();
    esteira.get(&key, &path).await.problem(429, "too_many_at_once");
    drop(reading);
    assert_eq!(esteira.get(&key, &path).await.status, 200);
}
