//! The list of jobs: filters and pages.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{Esteira, KIND, pointers};

/// What the jobs of a page say, in its order.
fn said(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|job| job["input"]["say"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn following_the_cursor_shows_every_job_once_and_the_newest_first() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    for say in ["1", "2", "3", "4", "5", "6", "7"] {
        esteira.submit(&key, say).await;
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/jobs?limit=3".to_owned());
    loop {
        let page = esteira.get(&key, &path).await.json();
        seen.extend(said(&page).into_iter().map(str::to_owned));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/jobs?limit=3&cursor={cursor}");
    }
    assert_eq!(seen, ["7", "6", "5", "4", "3", "2", "1"]);
}

#[tokio::test]
async fn every_filter_that_is_given_must_hold() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let ids = [esteira.submit(&key, "a").await, esteira.submit(&key, "b").await];
    esteira.post(&key, &format!("/v1/jobs/{}/cancel", ids[0]), Value::Null).await;
    let later = json!({"kind": KIND, "input": {"say": "c"}, "run_at": "2126-01-01T00:00:00Z"});
    esteira.post(&key, "/v1/jobs", later).await;
    let created = esteira.get(&key, &format!("/v1/jobs/{}", ids[1])).await.json();
    let created = created["created_at"].as_str().unwrap();
    let unknown = "test.other";
    for (query, expected) in [
        ("state=cancelled".to_owned(), vec!["a"]),
        ("state=queued".to_owned(), vec!["b"]),
        ("state=scheduled".to_owned(), vec!["c"]),
        ("state=running".to_owned(), vec![]),
        (format!("kind={KIND}&limit=200"), vec!["c", "b", "a"]),
        (format!("kind={unknown}"), vec![]),
        ("metadata.say=b".to_owned(), vec!["b"]),
        ("metadata.say=b&state=cancelled".to_owned(), vec![]),
        ("metadata.say=b&metadata.other=x".to_owned(), vec![]),
        (format!("created_before={created}"), vec!["a"]),
        (format!("created_after={created}"), vec!["c"]),
    ] {
        let reply = esteira.get(&key, &format!("/v1/jobs?{query}")).await;
        assert_eq!(said(&reply.json()), expected, "{query}");
    }
}

#[tokio::test]
async fn parameters_that_cannot_be_are_all_named() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    for (query, pointer) in [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=x", "/limit"),
        ("limit=1&limit=2", "/limit"),
        ("cursor=abc", "/cursor"),
        ("state=done", "/state"),
        ("kind=a%00", "/kind"),
        ("metadata.a=%00", "/metadata.a"),
        ("created_after=yesterday", "/created_after"),
        ("batch_id=x", "/batch_id"),
        ("tenant=other", "/tenant"),
    ] {
        let reply = esteira.get(&key, &format!("/v1/jobs?{query}")).await;
        assert_eq!(pointers(&reply.problem(400, "invalid_parameter")), [pointer], "{query}");
    }
    let reply = esteira.get(&key, "/v1/jobs?limit=0&state=x&tpyo=1").await;
    let problem = reply.problem(400, "invalid_parameter");
    let named: HashSet<&str> = pointers(&problem).into_iter().collect();
    assert_eq!(named, HashSet::from(["/limit", "/state", "/tpyo"]));
}
