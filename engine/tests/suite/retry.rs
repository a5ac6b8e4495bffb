//! Retrying by hand.

use esteira_engine::id::JobId;
use esteira_engine::job::{Decision, JobState};
use esteira_engine::queue::{self, RetryError, Submission};
use esteira_engine::tenant::LimitsChange;

use crate::harness::{Harness, outcome, submission};

#[tokio::test]
async fn a_failed_job_runs_again_with_all_its_attempts_and_a_new_lease() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let worker = h.worker().await;
    let first = h.claim_one(worker).await;
    queue::settle(&h.db, &acme, &first, &outcome(Decision::Fail, "failed")).await.unwrap();
    h.engine.retry(&acme, id).await.unwrap();
    let job = h.engine.job(&acme, id).await.unwrap().unwrap();
    assert_eq!((job.state, job.attempt, job.finished_at), (JobState::Queued, 0, None));
    let second = h.claim_one(worker).await;
    assert_eq!((second.counters.attempt, second.lease), (1, first.lease + 1));
}

#[tokio::test]
async fn of_two_retries_at_the_same_moment_one_queues_the_job() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    h.engine.cancel(&acme, id).await.unwrap();
    let (one, two) = tokio::join!(h.engine.retry(&acme, id), h.engine.retry(&acme, id));
    assert!(one.is_ok() ^ two.is_ok());
    assert_eq!(h.count("select count(*) from esteira.queue").await, 1);
}

#[tokio::test]
async fn only_what_failed_or_was_cancelled_can_be_retried() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    assert!(matches!(h.engine.retry(&acme, id).await, Err(RetryError::NotRetryable(JobState::Queued))));
    let lease = h.claim_one(h.worker().await).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert!(matches!(h.engine.retry(&acme, id).await, Err(RetryError::NotRetryable(JobState::Succeeded))));
    assert!(matches!(h.engine.retry(&acme, JobId::new()).await, Err(RetryError::Unknown)));
}

#[tokio::test]
async fn a_retry_waits_for_what_the_job_needs_and_is_refused_where_that_did_not_succeed() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let needed = h.submit(&acme).await;
    let asked = Submission { depends_on: vec![needed], ..submission() };
    let job = h.engine.submit(&acme, &asked).await.unwrap().job;
    let state = async |job| h.engine.job(&acme, job).await.unwrap().unwrap().state;
    h.engine.cancel(&acme, needed).await.unwrap();
    assert_eq!(state(job).await, JobState::Cancelled);
    let refused = h.engine.retry(&acme, job).await;
    assert!(matches!(refused, Err(RetryError::NeedFailed(need)) if need == needed), "{refused:?}");
    assert_eq!(state(job).await, JobState::Cancelled);
    h.engine.retry(&acme, needed).await.unwrap();
    h.engine.retry(&acme, job).await.unwrap();
    assert_eq!(state(job).await, JobState::Blocked);
    let worker = h.worker().await;
    for expected in [needed, job] {
        let lease = h.claim_one(worker).await;
        assert_eq!(lease.job, expected);
        queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    }
}

#[tokio::test]
async fn a_retry_passes_no_limit_by() {
    let h = Harness::new().await;
    let limits = LimitsChange { max_queued: Some(Some(1)), ..LimitsChange::default() };
    let acme = h.tenant_with("acme", limits).await;
    let id = h.submit(&acme).await;
    h.engine.cancel(&acme, id).await.unwrap();
    h.submit(&acme).await;
    assert!(matches!(h.engine.retry(&acme, id).await, Err(RetryError::QueueFull { limit: 1 })));
    let other = LimitsChange { kinds: Some(Some(vec!["another".into()])), ..LimitsChange::default() };
    let acme = h.engine.change_limits(&acme.slug, &other).await.unwrap().unwrap();
    assert!(matches!(h.engine.retry(&acme, id).await, Err(RetryError::KindNotAllowed(_))));
    assert_eq!(h.engine.job(&acme, id).await.unwrap().unwrap().state, JobState::Cancelled);
}
