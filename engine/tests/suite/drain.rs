//! Draining workers, as the queue sees them; `worker.rs` has the worker's side.

use std::time::Duration;

use esteira_engine::id::WorkerId;
use esteira_engine::job::Decision;
use esteira_engine::queue::{self, Beat, DrainError, WorkerState};

use crate::harness::{Harness, outcome};

async fn state(h: &Harness, worker: WorkerId) -> (WorkerState, i64) {
    let workers = h.engine.workers().await.unwrap();
    let found = workers.into_iter().find(|info| info.id == worker).unwrap();
    (found.state, found.running)
}

#[tokio::test]
async fn a_draining_worker_is_drained_when_its_last_job_has_ended_and_live_again_when_resumed() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.submit(&acme).await;
    let worker = h.worker().await;
    let lease = h.claim_one(worker).await;
    assert_eq!(state(&h, worker).await, (WorkerState::Live, 1));
    let first = h.engine.drain_worker(worker).await.unwrap();
    assert_eq!(h.engine.drain_worker(worker).await.unwrap().draining_at, first.draining_at);
    assert_eq!(state(&h, worker).await, (WorkerState::Draining, 1));
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert_eq!(state(&h, worker).await, (WorkerState::Drained, 0));
    for _ in 0..2 {
        assert_eq!(h.engine.resume_worker(worker).await.unwrap().draining_at, None);
    }
    assert_eq!(state(&h, worker).await, (WorkerState::Live, 0));
}

#[tokio::test]
async fn a_draining_worker_is_given_nothing_even_before_it_has_heard_of_it() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.flood(&acme, 2).await;
    let (worker, other) = (h.worker().await, h.worker().await);
    h.engine.drain_worker(worker).await.unwrap();
    assert!(h.claim(worker, 1).await.is_empty());
    assert_eq!(h.claim(other, 1).await.len(), 1, "others go on");
    h.engine.resume_worker(worker).await.unwrap();
    assert_eq!(h.claim(worker, 1).await.len(), 1);
}

#[tokio::test]
async fn a_worker_learns_with_its_heartbeat_whether_it_drains() {
    let h = Harness::new().await;
    let worker = h.worker().await;
    let draining = async || match queue::beat(&h.db, worker, Duration::from_secs(15)).await.unwrap() {
        Beat::Alive { draining, .. } => draining,
        Beat::Lost => panic!("it was given up"),
    };
    assert!(!draining().await);
    h.engine.drain_worker(worker).await.unwrap();
    assert!(draining().await);
    h.engine.resume_worker(worker).await.unwrap();
    assert!(!draining().await);
}

#[tokio::test]
async fn only_a_worker_that_is_heard_of_can_be_drained_or_resumed() {
    let h = Harness::new().await;
    let (silent, given_up) = (h.worker().await, h.worker().await);
    h.silence(silent).await;
    sqlx::query("update esteira.workers set lost_at = now() where id = $1")
        .bind(given_up.0)
        .execute(&h.pool)
        .await
        .unwrap();
    for worker in [silent, given_up] {
        assert!(matches!(h.engine.drain_worker(worker).await, Err(DrainError::Lost)));
        assert!(matches!(h.engine.resume_worker(worker).await, Err(DrainError::Lost)));
        assert_eq!(state(&h, worker).await.0, WorkerState::Lost);
    }
    assert!(matches!(h.engine.drain_worker(WorkerId::new()).await, Err(DrainError::Unknown)));
    assert_eq!(h.count("select count(*) from esteira.workers where draining_at is not null").await, 0);
}
