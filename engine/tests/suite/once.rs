//! Idempotency keys: what is asked twice is done once, also at the same moment.

use std::time::Duration;

use esteira_engine::duty::{RetentionOptions, lead, prune_once};
use esteira_engine::id::WorkerId;
use esteira_engine::queue::{Answer, Once, RequestKey, Submission, SubmitError, Taken};
use esteira_engine::tenant::{LimitsChange, Tenant};
use futures::future::join_all;
use serde_json::json;

use crate::harness::{Harness, submission};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn key(body: &str) -> RequestKey {
    RequestKey::new("a", "POST", "/jobs", body.as_bytes(), DAY)
}

fn answering(taken: Taken) -> Result<Answer, SubmitError> {
    let Taken::Job { job, .. } = taken else { panic!("a job was asked for") };
    Ok(Answer { status: 202, location: Some(job.id.to_string()), body: format!("{:?}", job.state) })
}

async fn once(
    h: &Harness,
    tenant: &Tenant,
    asked: &Submission,
    key: &RequestKey,
) -> Result<Once, SubmitError> {
    h.engine.submit_once(tenant, asked, key, &answering).await
}

/// As if so many hours had passed since the test began.
async fn hours_pass(h: &Harness, hours: u32) {
    let sql = format!(
        "create or replace function esteira.now() returns timestamptz language sql stable parallel safe
         return pg_catalog.now() + interval '{hours} hours'"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&h.pool).await.unwrap();
}

#[tokio::test]
async fn of_requests_at_the_same_moment_one_is_done_and_the_others_get_its_answer() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let (asked, key) = (submission(), key("x"));
    let all = join_all((0..6).map(|_| once(&h, &acme, &asked, &key))).await;
    let (now, before): (Vec<_>, Vec<_>) =
        all.into_iter().map(Result::unwrap).partition(|once| matches!(once, Once::Now(_)));
    let [Once::Now(first)] = &now[..] else { panic!("{now:?}") };
    assert!(before.iter().all(|once| matches!(once, Once::Before(answer) if answer == first)), "{before:?}");
    assert_eq!((before.len(), h.count("select count(*) from esteira.queue").await), (5, 1));
}

#[tokio::test]
async fn another_request_with_the_key_is_refused_and_another_tenants_key_is_its_own() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    once(&h, &acme, &submission(), &key("x")).await.unwrap();
    let refused = once(&h, &acme, &submission(), &key("y")).await;
    assert!(matches!(refused, Err(SubmitError::KeyReused)), "{refused:?}");
    assert!(matches!(once(&h, &other, &submission(), &key("y")).await, Ok(Once::Now(_))));
}

#[tokio::test]
async fn a_refusal_leaves_the_key_free() {
    let h = Harness::new().await;
    let limits = LimitsChange { max_queued: Some(Some(1)), ..LimitsChange::default() };
    let acme = h.tenant_with("acme", limits).await;
    let bad = Submission { input: json!({"n": "x"}), ..submission() };
    assert!(matches!(once(&h, &acme, &bad, &key("bad")).await, Err(SubmitError::BadInput(_))));
    let in_the_way = h.submit(&acme).await;
    let full = once(&h, &acme, &submission(), &key("x")).await;
    assert!(matches!(full, Err(SubmitError::QueueFull { .. })), "{full:?}");
    h.engine.cancel(&acme, in_the_way).await.unwrap();
    assert!(matches!(once(&h, &acme, &submission(), &key("x")).await, Ok(Once::Now(_))));
}

#[tokio::test]
async fn a_key_is_free_after_its_time_and_its_answer_is_pruned() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    once(&h, &acme, &submission(), &key("x")).await.unwrap();
    hours_pass(&h, 23).await;
    assert!(matches!(once(&h, &acme, &submission(), &key("x")).await, Ok(Once::Before(_))));
    hours_pass(&h, 25).await;
    assert!(matches!(once(&h, &acme, &submission(), &key("y")).await, Ok(Once::Now(_))));
    hours_pass(&h, 50).await;
    let leadership = lead(&h.db, "test", WorkerId::new(), DAY).await.unwrap().unwrap();
    let options = RetentionOptions::default();
    let pruned = prune_once(&h.db, &h.store, &options, &leadership).await.unwrap().unwrap();
    assert_eq!((pruned.keys, pruned.jobs), (1, 0));
}
