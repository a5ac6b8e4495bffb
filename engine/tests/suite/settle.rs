//! Settling.

use std::time::Duration;

use esteira_engine::job::{Decision, JobError, JobState};
use esteira_engine::queue::{self, Ended, FinishedArtifact, Outcome, Settled};

use crate::harness::{Harness, outcome};

#[tokio::test]
async fn a_success_shows_its_output_and_artifacts() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    let artifacts = ["b.txt", "a.txt"]
        .map(|name| FinishedArtifact {
            name: name.into(),
            media_type: "text/plain".into(),
            bytes: 3,
            sha256: vec![7; 32],
            object_key: format!("k/{name}"),
        })
        .to_vec();
    let done = Outcome { artifacts, ..outcome(Decision::Succeed, "succeeded") };
    assert_eq!(queue::settle(&h.db, &acme, &lease, &done).await.unwrap(), Settled::As(Decision::Succeed));
    let job = h.engine.job(&acme, id).await.unwrap().unwrap();
    assert_eq!((job.state, job.attempt, job.output), (JobState::Succeeded, 1, done.output));
    let names: Vec<_> = job.artifacts.iter().map(|a| (a.name.as_str(), a.bytes)).collect();
    assert_eq!(names, [("b.txt", 3), ("a.txt", 3)], "in the order of the kind");
    assert!(job.started_at.is_some() && job.finished_at.is_some());
    assert_eq!(h.count("select count(*) from esteira.queue").await, 0);
}

#[tokio::test]
async fn a_second_settle_of_the_same_attempt_touches_nothing() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    let again = queue::settle(&h.db, &acme, &lease, &outcome(Decision::Fail, "failed")).await.unwrap();
    assert_eq!(again, Settled::LeaseLost);
    assert_eq!(h.engine.job(&acme, id).await.unwrap().unwrap().state, JobState::Succeeded);
}

#[tokio::test]
async fn a_late_settle_of_an_older_attempt_touches_nothing() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let (slow, quick) = (h.worker().await, h.worker().await);
    let old = h.claim_one(slow).await;
    h.silence(slow).await;
    queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap();
    queue::promote(&h.db).await.unwrap();
    let new = h.claim_one(quick).await;
    assert_eq!((new.job, new.lease), (old.job, old.lease + 1));
    let late = queue::settle(&h.db, &acme, &old, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert_eq!(late, Settled::LeaseLost);
    assert_eq!(h.engine.job(&acme, id).await.unwrap().unwrap().state, JobState::Running);
    queue::settle(&h.db, &acme, &new, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert_eq!(h.engine.job(&acme, id).await.unwrap().unwrap().attempt, 2);
}

#[tokio::test]
async fn of_two_settles_at_the_same_moment_one_counts() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    let (done, failed) = (outcome(Decision::Succeed, "succeeded"), outcome(Decision::Fail, "failed"));
    let (one, two) = tokio::join!(
        queue::settle(&h.db, &acme, &lease, &done),
        queue::settle(&h.db, &acme, &lease, &failed)
    );
    let lost = [one.unwrap(), two.unwrap()].into_iter().filter(|s| *s == Settled::LeaseLost).count();
    assert_eq!(lost, 1);
}

#[tokio::test]
async fn a_retry_is_scheduled_and_shows_why() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    let error = JobError { code: "busy".into(), message: "later".into(), retryable: true, attempt: 1 };
    let later = Outcome {
        error: Some(error.clone()),
        ..outcome(Decision::Retry(Duration::from_secs(3600)), "failed")
    };
    queue::settle(&h.db, &acme, &lease, &later).await.unwrap();
    let job = h.engine.job(&acme, id).await.unwrap().unwrap();
    assert_eq!((job.state, job.attempt, job.error), (JobState::Scheduled, 1, Some(error)));
    assert!(job.run_at > job.created_at + chrono::TimeDelta::minutes(59));
}

#[tokio::test]
async fn a_release_gives_the_attempt_back_and_is_claimed_at_once() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let worker = h.worker().await;
    let lease = h.claim_one(worker).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Release, "released")).await.unwrap();
    assert_eq!(h.engine.job(&acme, id).await.unwrap().unwrap().attempt, 0);
    let again = h.claim_one(worker).await;
    assert_eq!((again.counters.attempt, again.lease), (1, 2));
}

#[tokio::test]
async fn a_settle_whose_answer_was_lost_counts_when_it_is_asked_again() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    let done = outcome(Decision::Succeed, "succeeded");
    for _ in 0..2 {
        let settled = queue::settle(&h.db, &acme, &lease, &done).await.unwrap();
        assert_eq!(settled, Settled::As(Decision::Succeed));
    }
}

#[tokio::test]
async fn a_page_of_heavy_jobs_ends_early_and_goes_on() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let heavy = serde_json::json!({"n": 1, "text": "x".repeat(3 << 20)});
    for _ in 0..4 {
        let submission = queue::Submission { input: heavy.clone(), ..crate::harness::submission() };
        h.engine.submit(&acme, &submission).await.unwrap();
    }
    let first = h.engine.jobs(&acme, &Default::default(), None, 200).await.unwrap();
    let rest = h.engine.jobs(&acme, &Default::default(), first.next, 200).await.unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next), (2, 2, None));
}

#[tokio::test]
async fn a_late_settle_is_refused_even_beside_one_of_the_same_job_that_counts() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let worker = h.worker().await;
    let old = h.claim_one(worker).await;
    queue::settle(&h.db, &acme, &old, &outcome(Decision::Release, "released")).await.unwrap();
    let new = h.claim_one(worker).await;
    let late = outcome(Decision::Succeed, "succeeded");
    let again = outcome(Decision::Retry(Duration::ZERO), "failed");
    let ended = [
        Ended { tenant: &acme, lease: &old, outcome: &late },
        Ended { tenant: &acme, lease: &new, outcome: &again },
    ];
    let settlement = queue::settle_all(&h.db, worker, &ended).await.unwrap();
    assert_eq!(settlement.settled, [Settled::LeaseLost, Settled::As(again.decision)]);
    assert_eq!(h.engine.job(&acme, id).await.unwrap().unwrap().state, JobState::Scheduled);
}
