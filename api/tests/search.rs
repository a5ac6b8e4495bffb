//! Documents over HTTP: listed, shown and searched, by their tenant alone.

use std::collections::HashSet;
use std::time::Duration;

use esteira_api::ApiOptions;
use esteira_engine::document::SearchOptions;
use esteira_engine::id::{DocumentId, JobId};
use serde_json::{Value, json};

use crate::support::{Esteira, pointers};

/// Puts a document into a tenant's schema, as if a job had read it; gives the document and the job.
fn read(esteira: &Esteira, slug: &str, title: &str, pages: &[&str]) -> (DocumentId, JobId) {
    let (document, job) = (DocumentId::new(), JobId::new());
    let title = title.replace('\'', "''");
    let mut sql = format!(
        "set search_path = tenant_{slug}_schema;
         insert into outcomes (job_id, state, attempt, lease) values ('{job}', 'succeeded', 1, 1);
         insert into documents (id, job_id, lease, kind, title, language, pages, passages)
         values ('{document}', '{job}', 1, 'document.extract', '{title}', 'pt-BR', {0}, {0});
         insert into passages (document_id, number, dictionary, text)
         values ('{document}', 0, 'portuguese', '{title}');",
        pages.len()
    );
    for (number, text) in (1..).zip(pages) {
        sql += &format!(
            "insert into passages (document_id, number, page, dictionary, text)
             values ('{document}', {number}, {number}, 'portuguese', '{}');",
            text.replace('\'', "''")
        );
    }
    esteira.sql(&sql);
    (document, job)
}

#[tokio::test]
async fn a_document_is_found_listed_and_shown() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let (document, job) =
        read(&esteira, "acme", "Relatório", &["nada", "As informações <b>do</b> contrato."]);
    let found = esteira.get(&key, "/v1/search?q=informacao%20contratos").await;
    assert_eq!(found.status, 200, "{:?}", found.body);
    let found = found.json();
    assert_eq!(found["next_cursor"], Value::Null);
    let hit = &found["items"][0];
    assert_eq!((&hit["document_id"], &hit["job_id"]), (&json!(document), &json!(job)));
    assert_eq!(
        (&hit["page"], &hit["seconds"], &hit["kind"]),
        (&json!(2), &Value::Null, &json!("document.extract"))
    );
    assert!(hit["snippet"].as_str().unwrap().contains("<mark>contrato</mark>"), "{hit}");
    assert!(!hit["snippet"].as_str().unwrap().contains("<b>"), "{hit}");
    assert!(hit["score"].as_f64().unwrap() > 0.0);
    assert_eq!(found["items"].as_array().unwrap().len(), 1);

    let listed = esteira.get(&key, "/v1/documents?language=pt&kind=document.extract").await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0], esteira.get(&key, &format!("/v1/documents/{document}")).await.json());
    assert_eq!(
        (&listed["items"][0]["title"], &listed["items"][0]["pages"]),
        (&json!("Relatório"), &json!(2))
    );
    for nothing in ["/v1/documents?language=en", "/v1/documents?kind=x", "/v1/search?q=contrato&kind=x"] {
        assert_eq!(esteira.get(&key, nothing).await.json()["items"], json!([]), "{nothing}");
    }
}

#[tokio::test]
async fn another_tenants_document_is_answered_like_one_that_never_existed() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    let (document, _) = read(&esteira, "acme", "Relatório", &["segredo"]);
    let theirs = esteira.get(&other, &format!("/v1/documents/{document}")).await;
    let never = esteira.get(&other, &format!("/v1/documents/{}", DocumentId::new())).await;
    theirs.problem(404, "not_found");
    assert_eq!((&theirs.body, &theirs.headers), (&never.body, &never.headers));
    assert_eq!(esteira.get(&other, "/v1/search?q=segredo").await.json()["items"], json!([]));
    assert_eq!(esteira.get(&other, "/v1/documents").await.json()["items"], json!([]));
    assert_eq!(esteira.get(&key, "/v1/search?q=segredo").await.json()["items"].as_array().unwrap().len(), 1);
}

/// Every item of a list, page after page.
async fn all(esteira: &Esteira, key: &str, path: &str, id: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = esteira.get(key, &format!("{path}&limit=3{cursor}")).await.json();
        let items = page["items"].as_array().unwrap();
        found.extend(items.iter().map(|item| format!("{}{}", item[id], item["page"])));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn pages_of_both_lists_hold_each_thing_once() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    for _ in 0..4 {
        read(&esteira, "acme", "Livro", &["igual", "igual"]);
    }
    for (path, id, count) in
        [("/v1/search?q=igual", "document_id", 8), ("/v1/documents?kind=document.extract", "id", 4)]
    {
        let found = all(&esteira, &key, path, id).await;
        let distinct: HashSet<&String> = found.iter().collect();
        assert_eq!((found.len(), distinct.len()), (count, count), "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_named() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    for _ in 0..2 {
        read(&esteira, "acme", "Livro", &["igual"]);
    }
    let page = esteira.get(&key, "/v1/search?q=igual&limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let documents = esteira.get(&key, "/v1/documents?limit=1").await.json();
    let of_list = documents["next_cursor"].as_str().unwrap();
    for (path, pointer) in [
        ("/v1/search".to_owned(), "/q"),
        ("/v1/search?q=".to_owned(), "/q"),
        ("/v1/search?q=%20%0A".to_owned(), "/q"),
        ("/v1/search?q=a%00b".to_owned(), "/q"),
        (format!("/v1/search?q={}", "x".repeat(501)), "/q"),
        ("/v1/search?q=-igual".to_owned(), "/q"),
        (format!("/v1/search?q={}a", "-".repeat(499)), "/q"),
        ("/v1/search?q=a&language=english".to_owned(), "/language"),
        ("/v1/search?q=a&limit=201".to_owned(), "/limit"),
        ("/v1/search?q=a&cursor=abc".to_owned(), "/cursor"),
        (format!("/v1/search?q=other&cursor={cursor}"), "/cursor"),
        (format!("/v1/search?q=igual&kind=x&cursor={cursor}"), "/cursor"),
        (format!("/v1/search?q=igual&cursor={of_list}"), "/cursor"),
        (format!("/v1/documents?cursor={cursor}"), "/cursor"),
        ("/v1/documents?language=x".to_owned(), "/language"),
        ("/v1/documents?tpyo=1".to_owned(), "/tpyo"),
    ] {
        let reply = esteira.get(&key, &path).await;
        assert_eq!(pointers(&reply.problem(400, "invalid_parameter")), [pointer], "{path}");
    }
    esteira.get(&key, "/v1/documents/not-an-id").await.problem(404, "not_found");
}

#[tokio::test]
async fn a_search_that_takes_too_long_is_given_up_and_a_tenant_that_is_behind_is_told_to_wait() {
    let search = SearchOptions { longest: Duration::from_millis(1), ..SearchOptions::default() };
    // What is changed here by hand has to count at once.
    let caller_age = Duration::ZERO;
    let esteira = Esteira::with(ApiOptions { search, caller_age, ..ApiOptions::default() }).await;
    let (_, key) = esteira.tenant("acme").await;
    let (document, _) = read(&esteira, "acme", "Livro", &[]);
    esteira.sql(&format!(
        "insert into tenant_acme_schema.passages (document_id, number, dictionary, text)
         select '{document}', n, 'english', 'common words' from generate_series(1, 5000) as n"
    ));
    let reply = esteira.get(&key, "/v1/search?q=common").await;
    reply.problem(503, "timeout");
    assert_eq!(reply.header("retry-after"), "5");
    esteira.sql("update esteira.tenants set schema_version = 5");
    for path in ["/v1/search?q=common", "/v1/documents", &format!("/v1/documents/{document}")] {
        esteira.get(&key, path).await.problem(503, "unavailable");
    }
}
