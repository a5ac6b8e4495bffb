//! Waiting.

use std::time::Duration;

use esteira_engine::job::JobState;

use crate::harness::Harness;

#[tokio::test]
async fn a_waiter_is_woken_by_the_end_of_the_job() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let waiting = h.engine.wait(&acme, id, Duration::from_secs(60));
    let ending = h.engine.cancel(&acme, id);
    let (job, cancelled) = tokio::join!(waiting, ending);
    cancelled.unwrap();
    assert_eq!(job.unwrap().unwrap().state, JobState::Cancelled);
}

#[tokio::test]
async fn a_waiter_gets_the_job_as_it_is_when_its_time_is_over() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let job = h.engine.wait(&acme, id, Duration::ZERO).await.unwrap().unwrap();
    assert_eq!(job.state, JobState::Queued);
}
