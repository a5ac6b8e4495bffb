//! Dead workers.

use std::time::Duration;

use esteira_engine::job::JobState;
use esteira_engine::queue::{self, Beat, Submission};

use crate::harness::{Harness, KIND, submission};

const LEASE: Duration = Duration::from_secs(15);

#[tokio::test]
async fn the_jobs_of_a_silent_worker_run_elsewhere_and_the_crash_is_told() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let dead = h.worker().await;
    h.claim_one(dead).await;
    assert!(queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap().jobs.is_empty(), "it is alive");
    h.silence(dead).await;
    assert_eq!(queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap().jobs, [id]);
    let job = h.engine.job(&acme, id).await.unwrap().unwrap();
    assert_eq!((job.state, job.error.unwrap().code), (JobState::Scheduled, "crashed".to_owned()));
    assert_eq!(h.count("select count(*) from esteira.workers").await, 0);
}

#[tokio::test]
async fn a_job_that_takes_three_workers_down_ends_failed() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let asked = Submission { depends_on: vec![id], ..submission() };
    let dependent = h.engine.submit(&acme, &asked).await.unwrap().job;
    let mut rescued = queue::Rescued::default();
    for _ in 0..3 {
        assert_eq!(rescued.dependents, [], "another attempt is to come");
        let worker = h.worker().await;
        queue::promote(&h.db).await.unwrap();
        h.claim_one(worker).await;
        h.silence(worker).await;
        rescued = queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap();
    }
    // Told, so that whoever waits for it hears of its end.
    assert_eq!(rescued.dependents, [dependent]);
    let job = h.engine.job(&acme, id).await.unwrap().unwrap();
    assert_eq!(
        (job.state, job.error.unwrap().code, job.attempt),
        (JobState::Failed, "crashed".to_owned(), 3)
    );
}

#[tokio::test]
async fn a_worker_that_was_given_up_learns_it_and_one_that_was_only_late_lives_on() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.submit(&acme).await;
    let worker = h.worker().await;
    h.claim_one(worker).await;
    h.silence(worker).await;
    // Late, after an outage of the database, and not given up yet.
    assert!(matches!(queue::beat(&h.db, worker, LEASE).await.unwrap(), Beat::Alive { .. }));
    assert!(queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap().jobs.is_empty());
    h.silence(worker).await;
    queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap();
    assert!(matches!(queue::beat(&h.db, worker, LEASE).await.unwrap(), Beat::Lost));
}

#[tokio::test]
async fn two_rescuers_at_the_same_moment_count_one_crash() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.submit(&acme).await;
    let worker = h.worker().await;
    h.claim_one(worker).await;
    h.silence(worker).await;
    let catalog = h.engine.catalog();
    let (one, two) =
        tokio::join!(queue::rescue(&h.db, catalog, || 0.0), queue::rescue(&h.db, catalog, || 0.0));
    assert_eq!(one.unwrap().jobs.len() + two.unwrap().jobs.len(), 1);
    assert_eq!(h.count("select crashes::bigint from esteira.queue").await, 1);
}

#[tokio::test]
async fn the_jobs_of_a_worker_whose_row_is_gone_are_rescued_and_those_of_others_run_on() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    // One more than the lost one before and after it, in the order of their ids.
    let workers = [h.worker().await, h.worker().await, h.worker().await];
    let mut jobs = Vec::new();
    for worker in workers {
        h.submit(&acme).await;
        h.submit(&acme).await;
        jobs.push(h.claim(worker, 2).await.into_iter().map(|lease| lease.job).collect::<Vec<_>>());
    }
    sqlx::query("delete from esteira.workers where id = $1")
        .bind(workers[1].0)
        .execute(&h.pool)
        .await
        .unwrap();
    let mut rescued = queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap().jobs;
    rescued.sort();
    jobs[1].sort();
    assert_eq!(rescued, jobs[1]);
    let job = h.engine.job(&acme, rescued[0]).await.unwrap().unwrap();
    assert_eq!((job.state, job.error.unwrap().code), (JobState::Scheduled, "crashed".to_owned()));
    assert!(queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap().jobs.is_empty());
    // Of a backup without any worker, every running job.
    sqlx::query("delete from esteira.workers").execute(&h.pool).await.unwrap();
    assert_eq!(queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap().jobs.len(), 4);
    assert_eq!(h.count("select count(*) from esteira.queue where state = 'running'").await, 0);
}

#[tokio::test]
async fn a_lease_that_nobody_holds_is_handed_back() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let worker = h.worker().await;
    let lease = h.claim_one(worker).await;
    queue::hand_back(&h.db, worker, id, lease.lease).await.unwrap();
    let job = h.engine.job(&acme, id).await.unwrap().unwrap();
    assert_eq!((job.state, job.attempt), (JobState::Queued, 0));
}

#[tokio::test]
async fn one_tenants_broken_schema_keeps_nobody_elses_jobs_from_rescue() {
    let h = Harness::new().await;
    let (broken, fine) = (h.tenant("aaa").await, h.tenant("bbb").await);
    h.submit(&broken).await;
    let id = h.submit(&fine).await;
    let worker = h.worker().await;
    assert_eq!(h.claim(worker, 10).await.len(), 2);
    let mut tx = h.db.begin_as(&broken).await.unwrap();
    sqlx::query("drop table attempts cascade").execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    h.silence(worker).await;
    assert_eq!(queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap().jobs, [id]);
}

#[tokio::test]
async fn a_worker_that_leaves_while_a_claim_of_its_is_under_way_strands_no_job() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let worker = h.worker().await;
    // A claim whose connection broke on the worker's side, and that the server has not committed yet.
    let mut open = h.pool.begin().await.unwrap();
    sqlx::query("select esteira.claim($1, $2, 1, 1, 1)")
        .bind(worker.0)
        .bind(KIND)
        .execute(&mut *open)
        .await
        .unwrap();
    let commit = async {
        h.until_waiting(1).await;
        open.commit().await.unwrap();
    };
    let (left, ()) = tokio::join!(queue::deregister(&h.db, worker), commit);
    left.unwrap();
    h.silence(worker).await;
    assert_eq!(queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap().jobs, [id]);
}
