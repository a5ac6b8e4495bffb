//! Cancelling.

use std::time::Duration;

use esteira_engine::id::JobId;
use esteira_engine::job::{Decision, JobState};
use esteira_engine::queue::{self, Beat, CancelError, Cancelled, Settled};

use crate::harness::{Harness, outcome, submission};

#[tokio::test]
async fn a_waiting_job_is_cancelled_at_once_and_twice_is_harmless() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    h.engine.cancel(&acme, id).await.unwrap();
    h.engine.cancel(&acme, id).await.unwrap();
    assert_eq!(h.engine.job(&acme, id).await.unwrap().unwrap().state, JobState::Cancelled);
    assert!(h.claim(h.worker().await, 10).await.is_empty());
}

#[tokio::test]
async fn the_worker_of_a_running_job_learns_of_the_cancel_with_its_heartbeat() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let worker = h.worker().await;
    let lease = h.claim_one(worker).await;
    assert_eq!(h.engine.job(&acme, id).await.unwrap().unwrap().cancel_requested_at, None);
    h.engine.cancel(&acme, id).await.unwrap();
    let shown = h.engine.job(&acme, id).await.unwrap().unwrap();
    assert!(shown.state == JobState::Running && shown.cancel_requested_at.is_some());
    let Beat::Alive { jobs, .. } = queue::beat(&h.db, worker, Duration::from_secs(15)).await.unwrap() else {
        panic!("the worker was given up")
    };
    assert_eq!(jobs.get(&id), Some(&(lease.lease, true)));
}

#[tokio::test]
async fn a_cancelled_job_that_fails_in_a_way_worth_retrying_ends_cancelled() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    h.engine.cancel(&acme, id).await.unwrap();
    let retry = outcome(Decision::Retry(Duration::from_secs(1)), "failed");
    let settled = queue::settle(&h.db, &acme, &lease, &retry).await.unwrap();
    assert_eq!(settled, Settled::As(Decision::Cancel));
    assert_eq!(h.engine.job(&acme, id).await.unwrap().unwrap().state, JobState::Cancelled);
}

#[tokio::test]
async fn a_finished_job_cannot_be_cancelled_and_an_unknown_one_is_unknown() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert!(matches!(h.engine.cancel(&acme, id).await, Err(CancelError::Final(JobState::Succeeded))));
    assert!(matches!(h.engine.cancel(&acme, JobId::new()).await, Err(CancelError::Unknown)));
}

#[tokio::test]
async fn dependents_can_be_cancelled_while_what_they_need_ends() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = h.worker().await;
    for _ in 0..5 {
        let needed = h.submit(&acme).await;
        let lease = h.claim_one(worker).await;
        let mut dependents = Vec::new();
        for _ in 0..10 {
            let dependent = queue::Submission { depends_on: vec![needed], ..submission() };
            dependents.push(h.engine.submit(&acme, &dependent).await.unwrap().job);
        }
        let cancels = dependents.iter().rev().map(|id| queue::cancel(&h.db, &acme, *id));
        let done = outcome(Decision::Succeed, "succeeded");
        let (settled, cancelled) =
            tokio::join!(queue::settle(&h.db, &acme, &lease, &done), futures::future::join_all(cancels));
        assert_eq!(settled.unwrap(), Settled::As(Decision::Succeed));
        for cancelled in cancelled {
            assert_eq!(cancelled.unwrap(), Cancelled::AtOnce(Vec::new()));
        }
        assert_eq!(h.count("select count(*) from esteira.queue").await, 0);
    }
}
