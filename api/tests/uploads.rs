//! Files that tenants bring straight to the object store.

use esteira_api::ApiOptions;
use esteira_engine::artifact::UploadTerms;
use futures::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Esteira, KIND, Reply, pointers};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
/// Of `hello`.
const SHA256: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

async fn announce(esteira: &Esteira, key: &str, media_type: &str, bytes: usize) -> Value {
    let body = json!({"file_name": "a.bin", "media_type": media_type, "bytes": bytes});
    let reply = esteira.post(key, "/v1/uploads", body).await;
    assert_eq!(reply.status, 201, "{:?}", reply.body);
    reply.json()
}

/// Sends a part as any client would, without a token; gives the status and the `ETag`.
async fn put(part: &Value, body: &[u8]) -> (u16, String) {
    let url = part["url"].as_str().unwrap().strip_prefix("http://").unwrap();
    let (host, path) = url.split_once('/').unwrap();
    let mut socket = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "PUT /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    // A server that refuses need not read the body.
    let _refused_early = socket.write_all(body).await;
    let mut answer = Vec::new();
    let _reset = socket.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let etag = answer.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap_or("\"none\"");
    (status, etag.trim().to_owned())
}

/// Sends every part of a file.
async fn bring(upload: &Value, body: &[u8]) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut rest = body;
    for part in upload["parts"].as_array().unwrap() {
        let (this, next) = rest.split_at(part["bytes"].as_u64().unwrap() as usize);
        let (status, etag) = put(part, this).await;
        assert_eq!(status, 200);
        parts.push(json!({"number": part["number"], "etag": etag}));
        rest = next;
    }
    parts
}

async fn complete(esteira: &Esteira, key: &str, upload: &Value, parts: &[Value]) -> Reply {
    let path = format!("/v1/uploads/{}/complete", upload["id"].as_str().unwrap());
    esteira.post(key, &path, json!({"parts": parts})).await
}

#[tokio::test]
async fn an_announced_file_is_brought_by_its_link_and_named_by_its_uri() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let body = json!({"file_name": "férias.txt", "media_type": "Text/Plain", "bytes": 5, "sha256": SHA256});
    let upload = esteira.post(&key, "/v1/uploads", body).await.json();
    assert_eq!(upload["parts"][0]["number"], 1);
    assert_eq!((upload["parts"].as_array().unwrap().len(), &upload["parts"][0]["bytes"]), (1, &json!(5)));
    let uri = format!("upload://{}", upload["id"].as_str().unwrap());
    let named = json!({"kind": KIND, "input": {"say": "x", "source": uri}});
    esteira.post(&key, "/v1/jobs", named.clone()).await.problem(422, "invalid_input");

    let parts = bring(&upload, b"hello").await;
    let reply = complete(&esteira, &key, &upload, &parts).await;
    assert_eq!(reply.status, 200, "{:?}", reply.body);
    let file = reply.json();
    assert_eq!((&file["id"], &file["uri"]), (&upload["id"], &json!(uri)));
    assert_eq!((&file["file_name"], &file["media_type"]), (&json!("férias.txt"), &json!("text/plain")));
    assert_eq!((&file["bytes"], &file["sha256"]), (&json!(5), &json!(SHA256)));
    let again = complete(&esteira, &key, &upload, &parts).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, file));
    assert_eq!(esteira.post(&key, "/v1/jobs", named).await.status, 202);
}

#[tokio::test]
async fn the_links_of_an_upload_lead_to_where_clients_reach_the_object_store() {
    let mut esteira = Esteira::start().await;
    let public = esteira.tell_another_store_address().await;
    let (_, key) = esteira.tenant("acme").await;
    let upload = announce(&esteira, &key, "text/plain", 5).await;
    let link = upload["parts"][0]["url"].as_str().unwrap();
    assert!(link.starts_with(&format!("{public}/")), "{link}");
    let parts = bring(&upload, b"hello").await;
    assert_eq!(complete(&esteira, &key, &upload, &parts).await.status, 200);
}

#[tokio::test]
async fn a_large_file_comes_in_parts_and_is_complete_when_all_are_there() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let whole: Vec<u8> = (0..(64 << 20) + 5_u32).map(|n| (n >> 3) as u8).collect();
    let upload = announce(&esteira, &key, "application/octet-stream", whole.len()).await;
    let sizes: Vec<&Value> = upload["parts"].as_array().unwrap().iter().map(|part| &part["bytes"]).collect();
    assert_eq!(sizes, [&json!(64 << 20), &json!(5)]);
    let nothing = [json!({"number": 1, "etag": "x"}), json!({"number": 2, "etag": "x"})];
    let none = complete(&esteira, &key, &upload, &nothing).await.problem(409, "upload_incomplete");
    assert!(none["detail"].as_str().unwrap().contains("part 1, 2"), "{none}");
    let (status, second) = put(&upload["parts"][1], &whole[64 << 20..]).await;
    assert_eq!(status, 200);
    let half = complete(&esteira, &key, &upload, &nothing).await.problem(409, "upload_incomplete");
    assert!(half["detail"].as_str().unwrap().contains("part 1."), "{half}");
    let (status, first) = put(&upload["parts"][0], &whole[..64 << 20]).await;
    assert_eq!(status, 200);
    let parts = [json!({"number": 2, "etag": second}), json!({"number": 1, "etag": first})];
    let reply = complete(&esteira, &key, &upload, &parts).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["bytes"]), (200, &json!(whole.len())));
}

#[tokio::test]
async fn a_list_of_parts_that_cannot_be_is_refused_and_nothing_is_lost() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let upload = announce(&esteira, &key, "text/plain", 5).await;
    let good = bring(&upload, b"hello").await;
    let part = |number: i64, etag: &str| json!({"number": number, "etag": etag});
    for (parts, pointer) in [
        (vec![], "/parts"),
        (vec![good[0].clone(), part(2, "x")], "/parts"),
        (vec![good[0].clone(), good[0].clone()], "/parts"),
        (vec![part(1, "")], "/parts/0/etag"),
        (vec![part(1, "a\nb")], "/parts/0/etag"),
        (vec![part(1, "0123456789abcdef0123456789abcdef")], "/parts"),
    ] {
        let problem = complete(&esteira, &key, &upload, &parts).await.problem(422, "invalid_value");
        assert_eq!(pointers(&problem), [pointer]);
    }
    assert_eq!(complete(&esteira, &key, &upload, &good).await.status, 200);
}

#[tokio::test]
async fn a_link_takes_exactly_its_bytes_and_none_after_the_completion() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let upload = announce(&esteira, &key, "text/plain", 5).await;
    for body in [b"hello!".as_slice(), b"hell", b""] {
        assert_eq!(put(&upload["parts"][0], body).await.0, 403);
    }
    let parts = bring(&upload, b"hello").await;
    assert_eq!(complete(&esteira, &key, &upload, &parts).await.status, 200);
    assert_ne!(put(&upload["parts"][0], b"HELLO").await.0, 200);
    let again = complete(&esteira, &key, &upload, &parts).await;
    assert_eq!(again.json()["sha256"], SHA256);
}

#[tokio::test]
async fn a_file_that_is_another_than_was_announced_is_refused_field_by_field_and_gone() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let body = json!({"file_name": "a", "media_type": "video/mp4", "bytes": PNG.len(), "sha256": SHA256});
    let upload = esteira.post(&key, "/v1/uploads", body).await.json();
    let parts = bring(&upload, PNG).await;
    let problem = complete(&esteira, &key, &upload, &parts).await.problem(422, "upload_mismatch");
    assert_eq!(pointers(&problem), ["/sha256", "/media_type"]);
    let said = problem["errors"].to_string();
    assert!(said.contains("video/mp4") && said.contains("image/png") && said.contains(SHA256), "{said}");
    complete(&esteira, &key, &upload, &parts).await.problem(404, "not_found");
    assert_eq!(esteira.get(&key, "/v1/usage").await.json()["storage"]["announced_bytes"], 0);
}

#[tokio::test]
async fn the_first_bytes_tell_what_a_sender_does_not_know() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let upload = announce(&esteira, &key, "application/octet-stream", PNG.len()).await;
    let parts = bring(&upload, PNG).await;
    assert_eq!(complete(&esteira, &key, &upload, &parts).await.json()["media_type"], "image/png");
}

#[tokio::test]
async fn what_is_announced_counts_for_the_storage_limit_whoever_comes_at_once() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let limits = json!({"limits": {"max_storage_bytes": 10}});
    esteira.patch(&esteira.operator, "/v1/tenants/acme", limits).await;
    let ask = || {
        let body = json!({"file_name": "a", "media_type": "text/plain", "bytes": 3});
        esteira.post(&key, "/v1/uploads", body)
    };
    let replies = join_all((0..12).map(|_| ask())).await;
    let taken: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 201).collect();
    assert_eq!(taken.len(), 3, "three of three bytes fit into ten");
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.problem(413, "storage_full");
    }
    let storage = esteira.get(&key, "/v1/usage").await.json()["storage"].clone();
    assert_eq!(storage, json!({"bytes": 0, "announced_bytes": 9, "limit_bytes": 10}));
    let upload = taken[0].json();
    let parts = bring(&upload, b"abc").await;
    assert_eq!(complete(&esteira, &key, &upload, &parts).await.status, 200);
    ask().await.problem(413, "storage_full");
    // What expires is room again.
    esteira.sql("update tenant_acme_schema.unfinished_uploads set expires_at = now() - interval '1 s'");
    assert_eq!(ask().await.status, 201);
}

#[tokio::test]
async fn files_that_come_at_once_do_not_pass_the_storage_limit_together() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let limits = json!({"limits": {"max_storage_bytes": 10}});
    esteira.patch(&esteira.operator, "/v1/tenants/acme", limits).await;
    let ask = || {
        let request = crate::support::request(axum::http::Method::POST, &key, "/v1/files?file_name=a");
        esteira.send(request.body(axum::body::Body::from("abcd")).unwrap())
    };
    let replies = join_all((0..8).map(|_| ask())).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 2);
    assert_eq!(esteira.sql("select sum(bytes) from tenant_acme_schema.uploads"), "8");
}

#[tokio::test]
async fn an_upload_whose_time_is_over_is_not_completed() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let upload = announce(&esteira, &key, "text/plain", 5).await;
    let parts = bring(&upload, b"hello").await;
    esteira.sql("update tenant_acme_schema.unfinished_uploads set expires_at = now() - interval '1 s'");
    complete(&esteira, &key, &upload, &parts).await.problem(409, "upload_expired");
}

#[tokio::test]
async fn of_completions_at_once_all_answer_the_same() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let upload = announce(&esteira, &key, "text/plain", 5).await;
    let parts = bring(&upload, b"hello").await;
    let replies = join_all((0..4).map(|_| complete(&esteira, &key, &upload, &parts))).await;
    for reply in &replies {
        assert_eq!((reply.status.as_u16(), reply.json()), (200, replies[0].json()));
    }
}

#[tokio::test]
async fn of_completions_at_once_one_looks_at_the_file_at_a_time() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let upload = announce(&esteira, &key, "text/plain", 5).await;
    let parts = bring(&upload, b"hello").await;
    // Whoever begins to look keeps the upload from expiring.
    esteira.sql(
        "create table begun (id uuid);
         create function note_begun() returns trigger language plpgsql security definer as
             'begin insert into public.begun values (new.id); return null; end';
         create trigger begun after update on tenant_acme_schema.unfinished_uploads
             for each row execute function note_begun()",
    );
    for reply in join_all((0..4).map(|_| complete(&esteira, &key, &upload, &parts))).await {
        assert_eq!(reply.status, 200);
    }
    assert_eq!(esteira.sql("select count(*) from begun").trim(), "1");
}

#[tokio::test]
async fn an_upload_belongs_to_its_tenant() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    let upload = announce(&esteira, &key, "text/plain", 5).await;
    let parts = bring(&upload, b"hello").await;
    complete(&esteira, &other, &upload, &parts).await.problem(404, "not_found");
    let suspended = json!({"state": "suspended"});
    esteira.patch(&esteira.operator, "/v1/tenants/acme", suspended).await;
    complete(&esteira, &key, &upload, &parts).await.problem(403, "tenant_suspended");
    let body = json!({"file_name": "a", "media_type": "text/plain", "bytes": 1});
    esteira.post(&key, "/v1/uploads", body).await.problem(403, "tenant_suspended");
}

#[tokio::test]
async fn an_announcement_names_every_field_that_cannot_be() {
    let esteira = Esteira::with(ApiOptions { upload_bytes: 10, ..ApiOptions::default() }).await;
    let (_, key) = esteira.tenant("acme").await;
    let body = json!({"file_name": "a/b", "media_type": "png", "bytes": 0, "sha256": "abc"});
    let problem = esteira.post(&key, "/v1/uploads", body).await.problem(422, "invalid_value");
    assert_eq!(pointers(&problem), ["/file_name", "/media_type", "/bytes", "/sha256"]);
    let body = json!({"file_name": "a", "media_type": "image/png", "bytes": 11});
    esteira.post(&key, "/v1/uploads", body).await.problem(413, "body_too_large");
    let body = json!({"file_name": "a", "media_type": "image/png"});
    let problem = esteira.post(&key, "/v1/uploads", body).await.problem(400, "invalid_field");
    assert!(problem["errors"].to_string().contains("bytes"), "{problem}");
}

#[tokio::test]
async fn a_tenant_announces_so_many_uploads_and_no_more() {
    let terms = UploadTerms { most: 2, ..ApiOptions::default().upload_terms };
    let esteira = Esteira::with(ApiOptions { upload_terms: terms, ..ApiOptions::default() }).await;
    let (_, key) = esteira.tenant("acme").await;
    let first = announce(&esteira, &key, "text/plain", 5).await;
    announce(&esteira, &key, "text/plain", 5).await;
    let body = json!({"file_name": "a", "media_type": "text/plain", "bytes": 5});
    esteira.post(&key, "/v1/uploads", body).await.problem(429, "too_many_at_once");
    let parts = bring(&first, b"hello").await;
    assert_eq!(complete(&esteira, &key, &first, &parts).await.status, 200);
    announce(&esteira, &key, "text/plain", 5).await;
}
