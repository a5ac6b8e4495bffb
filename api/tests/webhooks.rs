//! Webhooks over HTTP: made, changed, told, listed, told again; by the tenant alone.

use std::time::Duration;

use esteira_engine::id::{JobId, WorkerId};
use esteira_engine::tenant::Scope;
use esteira_engine::webhook::{self, DeliveryOptions, UrlRules};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::support::{Esteira, KIND, Receiver, pointers};
use esteira_api::ApiOptions;

const PATIENCE: Duration = Duration::from_secs(30);

fn urls() -> UrlRules {
    UrlRules { http: true, hosts: vec!["127.0.0.1".parse().unwrap()], ..UrlRules::default() }
}

/// An Esteira whose webhooks may lead to this machine, and the process that delivers.
pub async fn delivering() -> (Esteira, AbortOnDropHandle<()>) {
    let esteira = Esteira::with(ApiOptions { webhook_urls: urls(), ..ApiOptions::default() }).await;
    let engine = esteira.another_engine().await;
    let options =
        DeliveryOptions { urls: urls(), poll: Duration::from_millis(10), ..DeliveryOptions::default() };
    let lease = Duration::from_secs(10);
    let run = webhook::run(engine, options, WorkerId::new(), lease, CancellationToken::new());
    (esteira, AbortOnDropHandle::new(tokio::spawn(run)))
}

/// The first delivery of a webhook, once it has been tried.
pub async fn tried(esteira: &Esteira, key: &str, webhook: &str) -> Value {
    let wait = async {
        loop {
            let list = esteira.get(key, &format!("/v1/webhooks/{webhook}/deliveries")).await.json();
            let first = list["items"][0].clone();
            if first["attempts"].as_array().is_some_and(|attempts| !attempts.is_empty()) {
                return first;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, wait).await.expect("it is tried")
}

#[tokio::test]
async fn the_end_of_a_job_is_told_as_the_api_shows_the_job_and_the_answer_is_listed() {
    let (esteira, _deliverer) = delivering().await;
    let (_, key) = esteira.tenant("acme").await;
    let mut receiver = Receiver::start().await;
    let made = esteira.post(&key, "/v1/webhooks", json!({"url": receiver.url})).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    let made = made.json();
    assert_eq!(made["events"].as_array().unwrap().len(), 4, "without a list, everything");
    let id = made["id"].as_str().unwrap();

    let job = esteira.submit(&key, "secret words").await;
    assert_eq!(esteira.post(&key, &format!("/v1/jobs/{job}/cancel"), json!({})).await.status, 202);
    let got = receiver.next().await;
    let verifier = standardwebhooks::Webhook::new(made["secret"].as_str().unwrap()).unwrap();
    verifier.verify(&got.body, &got.headers).unwrap();
    let mut told = got.json()["data"].clone();
    let mut shown = esteira.get(&key, &format!("/v1/jobs/{job}")).await.json();
    shown.as_object_mut().unwrap().remove("input").unwrap();
    for field in ["created_at", "run_at", "finished_at"] {
        // The same instants, which one of the two writes without the zeros at their end.
        let instant = |view: &Value| -> chrono::DateTime<chrono::Utc> {
            view[field].as_str().unwrap().parse().unwrap()
        };
        assert_eq!(instant(&told), instant(&shown), "{field}");
        told[field] = shown[field].clone();
    }
    assert_eq!(told, shown);

    let delivery = tried(&esteira, &key, id).await;
    assert_eq!((&delivery["state"], &delivery["event"]), (&json!("delivered"), &json!("job.cancelled")));
    let attempt = &delivery["attempts"][0];
    assert_eq!(attempt["request"]["headers"]["webhook-signature"], got.header("webhook-signature"));
    assert_eq!(attempt["response"], json!({"status": 200, "excerpt": "heard\u{fffd} you"}));
    assert!(attempt["latency_ms"].is_u64() && attempt["error"].is_null(), "{attempt}");

    let path = format!("/v1/webhooks/{id}/deliveries/{}", delivery["id"].as_str().unwrap());
    assert_eq!(esteira.get(&key, &path).await.json()["payload"], got.json());
    let again = esteira.post(&key, &format!("{path}/redeliver"), json!({})).await;
    assert_eq!((again.status.as_u16(), &again.json()["state"]), (202, &json!("pending")));
    assert_eq!(receiver.next().await.body, got.body);
    let test = esteira.post(&key, &format!("/v1/webhooks/{id}/test"), json!({})).await;
    assert_eq!((test.status.as_u16(), &test.json()["event"]), (202, &json!("webhook.test")));
    assert_eq!(receiver.next().await.json()["data"], json!({"webhook_id": id}));
}

#[tokio::test]
async fn the_end_of_a_batch_is_told_once_as_the_api_shows_the_batch() {
    let (esteira, _deliverer) = delivering().await;
    let (_, key) = esteira.tenant("acme").await;
    let mut receiver = Receiver::start().await;
    let made = json!({"url": receiver.url, "events": ["batch.finished"]});
    let webhook = esteira.post(&key, "/v1/webhooks", made).await.json();
    let jobs =
        json!({"jobs": [{"kind": KIND, "input": {"say": "a"}}, {"kind": KIND, "input": {"say": "b"}}]});
    let taken = esteira.post(&key, "/v1/jobs/batch", jobs).await.json();
    for job in taken["job_ids"].as_array().unwrap() {
        esteira.post(&key, &format!("/v1/jobs/{}/cancel", job.as_str().unwrap()), json!({})).await;
    }
    let told = receiver.next().await.json();
    assert_eq!(told["type"], json!("batch.finished"));
    let shown =
        esteira.get(&key, &format!("/v1/batches/{}", taken["batch_id"].as_str().unwrap())).await.json();
    for field in ["id", "counts", "progress"] {
        assert_eq!(told["data"][field], shown[field], "{field}");
    }
    assert_eq!(told["data"].as_object().unwrap().len(), shown.as_object().unwrap().len());
    let path = format!("/v1/webhooks/{}/deliveries", webhook["id"].as_str().unwrap());
    assert_eq!(esteira.get(&key, &path).await.json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_webhook_is_changed_and_its_secret_is_shown_when_it_is_new_and_never_again() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let body =
        json!({"url": "https://example.com/a", "events": ["job.failed", "job.failed"], "description": "a"});
    let made = esteira.post(&key, "/v1/webhooks", body).await.json();
    assert_eq!((&made["events"], &made["enabled"]), (&json!(["job.failed"]), &json!(true)));
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_"));
    let path = format!("/v1/webhooks/{}", made["id"].as_str().unwrap());
    let own = format!("whsec_{}", "QUJD".repeat(10));
    let change = json!({"enabled": false, "events": ["batch.finished"],
                        "rotate_secret": {"secret": own, "keep_old_seconds": 60}});
    let changed = esteira.patch(&key, &path, change).await.json();
    assert_eq!((&changed["enabled"], &changed["events"]), (&json!(false), &json!(["batch.finished"])));
    assert_eq!((&changed["secret"], &changed["url"]), (&json!(own), &made["url"]));
    assert!(changed["old_secret_until"].is_string());
    for shown in [esteira.get(&key, "/v1/webhooks").await, esteira.get(&key, &path).await] {
        let text = String::from_utf8_lossy(&shown.body).into_owned();
        assert!(!text.contains("whsec_") && text.contains(&path[13..]), "{text}");
    }
    assert!(esteira.patch(&key, &path, json!({})).await.json()["secret"].is_null());
    esteira.post(&key, &format!("{path}/test"), json!({})).await.problem(409, "webhook_disabled");
    assert_eq!(esteira.delete(&key, &path).await.status, 204);
    esteira.delete(&key, &path).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_webhook_that_cannot_be_is_refused_by_its_field() {
    let esteira = Esteira::with(ApiOptions { max_webhooks_per_tenant: 1, ..ApiOptions::default() }).await;
    let (_, key) = esteira.tenant("acme").await;
    let good = json!({"url": "https://example.com/"});
    for (change, status, code, pointer) in [
        (json!({"url": "http://example.com/"}), 422, "invalid_value", "/url"),
        (json!({"url": "https://127.0.0.1/"}), 422, "invalid_value", "/url"),
        (json!({"url": "https://2130706433/"}), 422, "invalid_value", "/url"),
        (json!({"url": "https://[::ffff:169.254.169.254]/"}), 422, "invalid_value", "/url"),
        (json!({"url": "https://me:word@example.com/"}), 422, "invalid_value", "/url"),
        (json!({"url": "https://example.com:22/"}), 422, "invalid_value", "/url"),
        (json!({"url": 7}), 400, "invalid_field", "/url"),
        (json!({"events": []}), 422, "invalid_value", "/events"),
        (json!({"events": ["job.failed", "job.begun"]}), 422, "invalid_value", "/events/1"),
        (json!({"secret": "whsec_c2hvcnQ="}), 422, "invalid_value", "/secret"),
        (json!({"description": "a\u{0}"}), 422, "invalid_value", "/description"),
        (json!({"evnets": []}), 400, "unknown_field", "/evnets"),
    ] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let problem = esteira.post(&key, "/v1/webhooks", body).await.problem(status, code);
        assert_eq!(pointers(&problem), [pointer], "{change}");
    }
    let made = esteira.post(&key, "/v1/webhooks", good.clone()).await.json();
    esteira.post(&key, "/v1/webhooks", good).await.problem(409, "too_many_webhooks");
    let path = format!("/v1/webhooks/{}", made["id"].as_str().unwrap());
    for (change, pointer) in [
        (json!({"rotate_secret": {"secret": "x"}}), "/rotate_secret/secret"),
        (json!({"rotate_secret": {"keep_old_seconds": 9_999_999}}), "/rotate_secret/keep_old_seconds"),
    ] {
        let problem = esteira.patch(&key, &path, change).await.problem(422, "invalid_value");
        assert_eq!(pointers(&problem), [pointer]);
    }
    let problem =
        esteira.get(&key, &format!("{path}/deliveries?state=lost")).await.problem(400, "invalid_parameter");
    assert_eq!(pointers(&problem), ["/state"]);
}

#[tokio::test]
async fn webhooks_are_their_tenants_alone_and_deliveries_come_in_pages() {
    let esteira = Esteira::start().await;
    let (acme, _) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    let key = esteira.key(&acme, &[Scope::WebhooksWrite]).await;
    let made = esteira.post(&key, "/v1/webhooks", json!({"url": "https://example.com/"})).await.json();
    let path = format!("/v1/webhooks/{}", made["id"].as_str().unwrap());
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.push(esteira.post(&key, &format!("{path}/test"), json!({})).await.json()["id"].clone());
    }
    let delivery = format!("{path}/deliveries/{}", sent[0].as_str().unwrap());
    for (id, never) in [
        (path.clone(), format!("/v1/webhooks/{}", JobId::new())),
        (delivery.clone(), format!("{path}/deliveries/x")),
    ] {
        let theirs = esteira.get(&other, &id).await;
        assert_eq!(theirs.status, 404);
        assert_eq!(theirs.body, esteira.get(&other, &never).await.body);
    }
    esteira.patch(&other, &path, json!({"enabled": false})).await.problem(404, "not_found");
    esteira.delete(&other, &path).await.problem(404, "not_found");
    esteira.get(&other, &format!("{path}/deliveries")).await.problem(404, "not_found");
    esteira.post(&other, &format!("{path}/test"), json!({})).await.problem(404, "not_found");
    esteira.post(&other, &format!("{delivery}/redeliver"), json!({})).await.problem(404, "not_found");
    assert_eq!(esteira.get(&other, "/v1/webhooks").await.json()["items"], json!([]));
    esteira.get(&esteira.operator, "/v1/webhooks").await.problem(403, "no_tenant");

    let first = esteira.get(&key, &format!("{path}/deliveries?limit=2")).await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = esteira.get(&key, &format!("{path}/deliveries?limit=2&cursor={cursor}")).await.json();
    let pages = [&first["items"][0], &first["items"][1], &second["items"][0]];
    assert_eq!(pages.map(|delivery| &delivery["id"]), [&sent[2], &sent[1], &sent[0]]);
    assert!(second["next_cursor"].is_null() && pages[0].get("payload").is_none());
    let none = esteira.get(&key, &format!("{path}/deliveries?state=failed")).await.json();
    assert_eq!(none["items"], json!([]));
}
