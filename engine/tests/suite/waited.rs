//! How long a job has waited: behind its own tenant's work, and for a slot.

use std::time::Duration;

use esteira_engine::id::JobId;
use esteira_engine::job::{Decision, JobState, Waited};
use esteira_engine::queue::{self, JobFilter, Submission};
use esteira_engine::tenant::{LimitsChange, Tenant};
use serde_json::json;

use crate::harness::{HERE, Harness, outcome};
use crate::worker::{Running, end, until};

/// The clock stands at so many milliseconds after the beginning of the test's time.
async fn at(h: &Harness, millis: u32) {
    let sql = format!(
        "create or replace function esteira.now() returns timestamptz language sql stable parallel safe
         return timestamptz '2026-11-24 15:00:00Z' + interval '{millis} milliseconds'"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&h.pool).await.unwrap();
}

/// As one job is read and as it is listed, which must be the same.
async fn waited(h: &Harness, tenant: &Tenant, job: JobId) -> Option<Waited> {
    let read = h.engine.job(tenant, job).await.unwrap().unwrap().waited;
    let page = h.engine.jobs(tenant, &JobFilter::default(), None, 100).await.unwrap();
    assert_eq!(page.items.iter().find(|listed| listed.id == job).unwrap().waited, read);
    read
}

fn ms(own_work: i64, slot: i64) -> Option<Waited> {
    Some(Waited { own_work, slot })
}

#[tokio::test]
async fn a_job_at_its_tenants_max_running_waited_for_own_work_and_then_for_the_claim() {
    let h = Harness::new().await;
    at(&h, 0).await;
    let limits = LimitsChange { max_running: Some(Some(1)), ..LimitsChange::default() };
    let acme = h.tenant_with("acme", limits).await;
    let (first, second) = (h.submit(&acme).await, h.submit(&acme).await);
    let worker = h.worker().await;
    at(&h, 250).await;
    let lease = h.claim_one(worker).await;
    assert_eq!((waited(&h, &acme, first).await, waited(&h, &acme, second).await), (ms(0, 250), None));
    at(&h, 7_250).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert_eq!(waited(&h, &acme, first).await, ms(0, 250), "its end changes nothing");
    at(&h, 7_300).await;
    let lease = h.claim_one(worker).await;
    assert_eq!((lease.job, waited(&h, &acme, second).await), (second, ms(7_250, 50)), "while it runs");
    at(&h, 60_000).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert_eq!(waited(&h, &acme, second).await, ms(7_250, 50), "after its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_gives_the_slot_of_a_job_to_the_next_tells_that_this_one_waited_for_own_work() {
    let h = Harness::new().await;
    at(&h, 0).await;
    let limits = LimitsChange { max_running: Some(Some(1)), ..LimitsChange::default() };
    let acme = h.tenant_with("acme", limits).await;
    let asked = |input| Submission { kind: HERE.into(), input, ..Submission::default() };
    let first = h.engine.submit(&acme, &asked(json!({"do": "hang"}))).await.unwrap().job;
    let second = h.engine.submit(&acme, &asked(json!({}))).await.unwrap().job;
    let worker = Running::start(&h, |options| options.slots = [(HERE.into(), 1)].into()).await;
    until(&h, &acme, first, |job| job.state == JobState::Running).await;
    at(&h, 5_000).await;
    h.engine.cancel(&acme, first).await.unwrap();
    end(&h, &acme, second).await;
    assert_eq!(waited(&h, &acme, second).await, ms(5_000, 0));
    worker.stop().await;
}

#[tokio::test]
async fn a_job_whose_slot_another_tenants_job_had_waited_for_a_slot() {
    let h = Harness::new().await;
    at(&h, 0).await;
    let (acme, bell) = (h.tenant("acme").await, h.tenant("bell").await);
    h.submit(&bell).await;
    let worker = h.worker().await;
    let busy = h.claim_one(worker).await;
    at(&h, 1_000).await;
    let job = h.submit(&acme).await;
    at(&h, 4_500).await;
    queue::settle(&h.db, &bell, &busy, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert_eq!(h.claim_one(worker).await.job, job);
    assert_eq!(waited(&h, &acme, job).await, ms(0, 3_500));
}

#[tokio::test]
async fn a_job_behind_others_of_its_lane_waited_for_own_work_until_the_last_of_them_was_claimed() {
    let h = Harness::new().await;
    at(&h, 0).await;
    let acme = h.tenant("acme").await;
    h.submit(&acme).await;
    let job = h.submit(&acme).await;
    let worker = h.worker().await;
    at(&h, 2_000).await;
    h.claim_one(worker).await;
    at(&h, 2_750).await;
    h.claim_one(worker).await;
    assert_eq!(waited(&h, &acme, job).await, ms(2_000, 750));
}

#[tokio::test]
async fn each_attempt_tells_its_own_waiting_and_a_job_that_never_began_none() {
    let h = Harness::new().await;
    at(&h, 0).await;
    let acme = h.tenant("acme").await;
    let job = h.submit(&acme).await;
    let worker = h.worker().await;
    at(&h, 9_000).await;
    let lease = h.claim_one(worker).await;
    assert_eq!(waited(&h, &acme, job).await, ms(0, 9_000));
    let retry = outcome(Decision::Retry(Duration::from_secs(60)), "failed");
    queue::settle(&h.db, &acme, &lease, &retry).await.unwrap();
    assert_eq!(waited(&h, &acme, job).await, None, "the next attempt has not begun");
    at(&h, 69_400).await;
    queue::promote(&h.db).await.unwrap();
    h.claim_one(worker).await;
    assert_eq!(waited(&h, &acme, job).await, ms(0, 400));

    let cancelled = h.submit(&acme).await;
    h.engine.cancel(&acme, cancelled).await.unwrap();
    assert_eq!(h.engine.job(&acme, cancelled).await.unwrap().unwrap().state, JobState::Cancelled);
    assert_eq!(waited(&h, &acme, cancelled).await, None);
}

#[tokio::test]
async fn of_an_end_that_does_not_say_from_when_on_a_slot_was_missing_nothing_is_told() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let job = h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert!(waited(&h, &acme, job).await.is_some());
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    sqlx::query("update outcomes set head_at = null").execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(waited(&h, &acme, job).await, None);
}
