//! The console: its page and parts, what its policy lets it do, and the routes that are there for it.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Method;
use esteira_api::{ApiOptions, ConsoleSignIn};
use esteira_engine::tenant::Scope;
use serde_json::{Value, json};

use crate::support::{Esteira, request};

const PARTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/console/page");

/// The parts that lie in the folder, with their texts.
fn parts() -> Vec<(String, String)> {
    let files = std::fs::read_dir(PARTS).unwrap().map(|file| file.unwrap().path());
    files
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// What a policy allows for one sort of thing.
fn allowed<'p>(policy: &'p str, directive: &str) -> Vec<&'p str> {
    let mut parts = policy.split(';').map(|part| part.split_whitespace().collect::<Vec<_>>());
    let found = parts.find(|part| part.first() == Some(&directive));
    found.unwrap_or_else(|| panic!("no {directive} in {policy}"))[1..].to_vec()
}

#[tokio::test]
async fn every_part_of_the_page_is_served_and_names_no_other_place() {
    let esteira = Esteira::start().await;
    for (name, text) in parts() {
        let path = if name == "index.html" { "/console".to_owned() } else { format!("/console/{name}") };
        let reply = esteira.get("", &path).await;
        assert_eq!((reply.status.as_u16(), reply.body), (200, text.clone().into()), "{path}");
        let end = name.rsplit('.').next().unwrap();
        let media_type = match end {
            "js" => "text/javascript",
            "css" => "text/css",
            "svg" => "image/svg+xml",
            _ => "text/html",
        };
        let headers = &reply.headers;
        assert!(headers["content-type"].to_str().unwrap().starts_with(media_type), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        let text = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!text.contains("http://") && !text.contains("https://"), "{path}");
    }
}

#[tokio::test]
async fn the_modules_name_each_other_as_they_are_served() {
    let esteira = Esteira::start().await;
    let mut named = BTreeSet::new();
    for (name, text) in parts() {
        for (at, _) in text.match_indices("\"/console/") {
            let path: String = text[at + 1..].chars().take_while(|c| *c != '"').collect();
            named.insert(path);
        }
        assert!(!text.contains(".innerHTML") && !text.contains("insertAdjacentHTML"), "{name}");
        assert!(!text.contains("eval(") && !text.contains("document.write"), "{name}");
    }
    assert!(named.len() > 15, "{named:?}");
    for path in named {
        assert_eq!(esteira.get("", &path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_policy_allows_its_own_scripts_and_the_files_of_the_bucket_and_no_more() {
    let esteira = Esteira::start().await;
    let reply = esteira.get("", "/console").await;
    let policy = reply.header("content-security-policy");
    for (directive, sources) in [
        ("default-src", vec!["'none'"]),
        ("script-src", vec!["'self'"]),
        ("style-src", vec!["'self'"]),
        ("connect-src", vec!["'self'"]),
        ("frame-src", vec!["blob:"]),
        ("base-uri", vec!["'none'"]),
        ("form-action", vec!["'none'"]),
        ("frame-ancestors", vec!["'none'"]),
        ("require-trusted-types-for", vec!["'script'"]),
        ("trusted-types", vec!["'none'"]),
    ] {
        assert_eq!(allowed(policy, directive), sources, "{policy}");
    }
    let origin = esteira.engine.link_origin().await.unwrap();
    assert!(origin.starts_with("http://127.0.0.1:"), "{origin}");
    assert_eq!(allowed(policy, "img-src"), ["'self'", "blob:", &origin]);
    assert_eq!(allowed(policy, "media-src"), ["blob:", &origin]);
    assert_eq!(reply.header("cache-control"), "no-cache");
    let page = String::from_utf8_lossy(&reply.body);
    assert!(!page.contains("<style") && !page.contains("style=") && !page.contains("onclick"), "{page}");
    assert!(page.matches("<script ").count() == page.matches("<script src=").count(), "{page}");
}

#[tokio::test]
async fn the_page_may_ask_the_issuer_for_a_token_where_one_is_set_and_is_told_how() {
    let sign_in = ConsoleSignIn {
        client_id: "console".to_owned(),
        authorize_url: "https://id.example/authorize".to_owned(),
        token_url: "https://token.example/oauth2/token".to_owned(),
        scope: "openid".to_owned(),
        token: "id".to_owned(),
    };
    let options = ApiOptions { console_sign_in: Some(sign_in), ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let policy = esteira.get("", "/console").await.header("content-security-policy").to_owned();
    assert_eq!(allowed(&policy, "connect-src"), ["'self'", "https://token.example"]);
    let settings = esteira.get("", "/console/settings.json").await.json();
    let said = json!({"client_id": "console", "authorize_url": "https://id.example/authorize",
        "token_url": "https://token.example/oauth2/token", "scope": "openid", "token": "id"});
    assert_eq!(settings["sign_in"], said);
    let without = Esteira::start().await.get("", "/console/settings.json").await.json();
    assert_eq!(without["sign_in"], Value::Null);
}

#[tokio::test]
async fn both_languages_have_the_same_words_and_every_word_that_is_asked_for() {
    let parts = parts();
    let text = |name: &str| &parts.iter().find(|(known, _)| known == name).unwrap().1;
    let words = |name: &str| -> BTreeSet<String> {
        let lines = text(name).lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": "));
        lines.map(|(word, _)| word.to_owned()).collect()
    };
    let (english, portuguese) = (words("words-en.js"), words("words-pt.js"));
    assert!(english.len() > 100, "{english:?}");
    assert_eq!(english, portuguese);
    for (name, text) in &parts {
        for rest in text.split(" t(\"").skip(1).chain(text.split("(t(\"").skip(1)) {
            let word = rest.split('"').next().unwrap();
            assert!(english.contains(word), "{name} asks for {word}");
        }
    }
}

#[tokio::test]
async fn a_token_learns_whose_it_is_and_nothing_of_others() {
    let esteira = Esteira::start().await;
    let (tenant, _) = esteira.tenant("acme").await;
    esteira.tenant("other").await;
    let key = esteira.key(&tenant, &[Scope::JobsRead]).await;
    let me = esteira.get(&key, "/v1/me").await.json();
    assert_eq!((&me["operator"], &me["scopes"]), (&json!(false), &json!(["jobs:read"])));
    assert_eq!((&me["tenant"]["slug"], &me["tenant"]["state"]), (&json!("acme"), &json!("active")));
    assert_eq!(me["tenant"]["limits"]["weight"], 1.0);
    let operator = esteira.get(&esteira.operator, "/v1/me").await.json();
    assert_eq!(operator, json!({"tenant": null, "operator": true, "scopes": ["operator"]}));
    esteira.get("", "/v1/me").await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_tenant_sees_its_own_part_of_the_queue() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    for say in ["one", "two"] {
        esteira.submit(&other, say).await;
    }
    let queued = async |key: &str| esteira.get(key, "/v1/queue").await.json()["items"][0]["queued"].clone();
    assert_eq!((queued(&key).await, queued(&other).await), (json!(0), json!(2)));
    esteira.get(&esteira.operator, "/v1/queue").await.problem(403, "no_tenant");
}

#[tokio::test]
async fn a_link_to_an_upload_gives_the_file_to_its_tenant_alone() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    let bring =
        request(Method::POST, &key, "/v1/files?file_name=a%22b.txt").body(Body::from("secret")).unwrap();
    let id = esteira.send(bring).await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/uploads/{id}/content");
    let link = esteira.get(&key, &format!("{path}?redirect=false")).await.json();
    assert!(link["url"].as_str().unwrap().contains(&format!("uploads/{id}")), "{link}");
    let followed = esteira.get(&key, &path).await;
    assert_eq!(followed.status, 302);
    esteira.get(&other, &path).await.problem(404, "not_found");
}
