//! Jobs that need others, and jobs with a unique key.

use esteira_engine::id::JobId;
use esteira_engine::job::{Decision, JobState};
use esteira_engine::queue::{self, FinishedArtifact, Outcome, RetryError, Submission, SubmitError};
use esteira_engine::tenant::Tenant;
use serde_json::json;

use crate::harness::{Harness, outcome, submission};

async fn needing(h: &Harness, tenant: &Tenant, needs: &[JobId]) -> JobId {
    let asked = Submission { depends_on: needs.to_vec(), ..submission() };
    h.engine.submit(tenant, &asked).await.unwrap().job
}

async fn state(h: &Harness, tenant: &Tenant, job: JobId) -> JobState {
    h.engine.job(tenant, job).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_job_runs_after_all_that_it_needs_have_succeeded() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let (one, two) = (h.submit(&acme).await, h.submit(&acme).await);
    let last = needing(&h, &acme, &[one, two]).await;
    let worker = h.worker().await;
    let leases = h.claim(worker, 10).await;
    assert_eq!(leases.len(), 2, "the third is blocked");
    for lease in &leases {
        assert_eq!(state(&h, &acme, last).await, JobState::Blocked);
        queue::settle(&h.db, &acme, lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    }
    assert_eq!(h.claim_one(worker).await.job, last);
    assert_eq!(h.count("select count(*) from esteira.dependencies").await, 0);
}

#[tokio::test]
async fn a_failure_cancels_everything_that_depends_on_it_however_far() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let first = h.submit(&acme).await;
    let second = needing(&h, &acme, &[first]).await;
    let third = needing(&h, &acme, &[second, first]).await;
    let lease = h.claim_one(h.worker().await).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Fail, "failed")).await.unwrap();
    for job in [second, third] {
        let job = h.engine.job(&acme, job).await.unwrap().unwrap();
        assert_eq!((job.state, job.error.unwrap().code.as_str()), (JobState::Cancelled, "dependency_failed"));
    }
    assert_eq!(h.count("select count(*) from esteira.queue").await, 0);
    assert_eq!(h.count("select count(*) from esteira.dependencies").await, 0);
}

#[tokio::test]
async fn cancelling_a_waiting_job_cancels_what_depends_on_it() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let first = h.submit(&acme).await;
    let second = needing(&h, &acme, &[first]).await;
    let third = needing(&h, &acme, &[second]).await;
    h.engine.cancel(&acme, second).await.unwrap();
    assert_eq!(state(&h, &acme, third).await, JobState::Cancelled);
    assert_eq!(state(&h, &acme, first).await, JobState::Queued);
    assert_eq!(h.count("select count(*) from esteira.dependencies").await, 0);
}

#[tokio::test]
async fn what_is_over_already_blocks_nothing_and_what_failed_already_cancels_at_once() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = h.worker().await;
    let good = h.submit(&acme).await;
    let lease = h.claim_one(worker).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    let bad = h.submit(&acme).await;
    let lease = h.claim_one(worker).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Fail, "failed")).await.unwrap();
    let after_good = needing(&h, &acme, &[good]).await;
    assert_eq!(state(&h, &acme, after_good).await, JobState::Queued);
    let after_bad = needing(&h, &acme, &[good, bad]).await;
    assert_eq!(state(&h, &acme, after_bad).await, JobState::Cancelled);
}

#[tokio::test]
async fn a_need_that_there_is_not_or_that_is_anothers_is_refused() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    let others = h.submit(&other).await;
    for need in [JobId::new(), others] {
        let refused =
            h.engine.submit(&acme, &Submission { depends_on: vec![need], ..submission() }).await.unwrap_err();
        assert!(
            matches!(&refused, SubmitError::BadField { field: "depends_on", message } if message.contains(&need.to_string())),
            "{refused}"
        );
    }
    assert_eq!(h.count("select count(*) from esteira.queue").await, 1);
}

#[tokio::test]
async fn an_artifact_that_is_still_to_be_made_is_waited_for() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let maker = h.submit(&acme).await;
    let input = json!({"n": 1, "source": format!("artifact://{maker}/a.txt")});
    let reader = h.engine.submit(&acme, &Submission { input, ..submission() }).await.unwrap().job;
    assert_eq!(state(&h, &acme, reader).await, JobState::Blocked);
    let lease = h.claim_one(h.worker().await).await;
    let artifact = FinishedArtifact {
        name: "a.txt".into(),
        media_type: "text/plain".into(),
        bytes: 1,
        sha256: vec![0; 32],
        object_key: "k".into(),
    };
    let done = Outcome { artifacts: vec![artifact], ..outcome(Decision::Succeed, "succeeded") };
    queue::settle(&h.db, &acme, &lease, &done).await.unwrap();
    assert_eq!(state(&h, &acme, reader).await, JobState::Queued);
}

#[tokio::test]
async fn a_settle_and_a_submit_that_depends_on_it_leave_no_job_blocked_for_ever() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = h.worker().await;
    for _ in 0..20 {
        let first = h.submit(&acme).await;
        let lease = h.claim_one(worker).await;
        assert_eq!(lease.job, first);
        let (done, needs) = (outcome(Decision::Succeed, "succeeded"), [first]);
        let (settled, second) =
            tokio::join!(queue::settle(&h.db, &acme, &lease, &done), needing(&h, &acme, &needs));
        settled.unwrap();
        let lease = h.claim_one(worker).await;
        assert_eq!(lease.job, second);
        queue::settle(&h.db, &acme, &lease, &done).await.unwrap();
    }
}

#[tokio::test]
async fn of_many_submits_with_one_key_one_makes_a_job_until_that_is_over() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let asked = Submission { unique_key: Some("contract-77".into()), ..submission() };
    let all = futures::future::join_all((0..16).map(|_| h.engine.submit(&acme, &asked))).await;
    let all: Vec<_> = all.into_iter().map(Result::unwrap).collect();
    assert!(all.iter().all(|submitted| submitted.job == all[0].job), "{all:?}");
    assert_eq!(all.iter().filter(|submitted| !submitted.existing).count(), 1);
    let lease = h.claim_one(h.worker().await).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Fail, "failed")).await.unwrap();
    let next = h.engine.submit(&acme, &asked).await.unwrap();
    assert!(next.job != all[0].job && !next.existing);
    // The first had the key; the second has it now.
    let refused = h.engine.retry(&acme, all[0].job).await;
    assert!(matches!(refused, Err(RetryError::KeyInUse)), "{refused:?}");
}

#[tokio::test]
async fn a_key_is_one_tenants_own() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    let asked = Submission { unique_key: Some("k".into()), ..submission() };
    for tenant in [&acme, &other] {
        assert!(!h.engine.submit(tenant, &asked).await.unwrap().existing);
    }
}

#[tokio::test]
async fn a_bulk_is_taken_whole_or_not_at_all() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let bad = Submission { input: json!({"n": "no number"}), ..submission() };
    let (at, error) = h.engine.submit_all(&acme, &[submission(), bad]).await.unwrap_err();
    assert!(matches!((at, error), (1, SubmitError::BadInput(_))));
    assert_eq!(h.count("select count(*) from esteira.queue").await, 0);
    let key = Submission { unique_key: Some("k".into()), ..submission() };
    let taken = h.engine.submit_all(&acme, &[key.clone(), submission(), key]).await.unwrap();
    assert_eq!((taken[0].job, taken[2].existing), (taken[2].job, true));
    assert_eq!(h.count("select count(*) from esteira.queue").await, 2);
}
