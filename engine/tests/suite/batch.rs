//! Batches: all or none, jobs that need each other, and an end that is told once, by whoever ends the last job.

use std::fs::File;

use esteira_engine::id::{BatchId, JobId};
use esteira_engine::job::{Decision, JobState};
use esteira_engine::queue::{
    self, Batch, BatchError, BatchJob, JobFilter, Once, Submission, SubmitError, Taken,
};
use esteira_engine::tenant::{LimitsChange, Tenant, TenantState};
use futures::future::join_all;
use parking_lot::Mutex;
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Harness, outcome, submission};

fn plain(jobs: usize) -> Vec<BatchJob> {
    (0..jobs).map(|_| BatchJob { submission: submission(), ..BatchJob::default() }).collect()
}

fn named(name: &str, after: &[&str]) -> BatchJob {
    let after = after.iter().map(|&name| name.to_owned()).collect();
    BatchJob { reference: Some(name.to_owned()), after, submission: submission() }
}

async fn submit(
    h: &Harness,
    tenant: &Tenant,
    jobs: &[BatchJob],
) -> Result<(BatchId, Vec<JobId>), BatchError> {
    let made = Mutex::new(None);
    let answering = |taken| {
        let Taken::Batch(batch, jobs) = taken else { panic!("a batch was asked for") };
        *made.lock() = Some((batch, jobs));
        Ok(queue::Answer { status: 202, location: None, body: String::new() })
    };
    let once = h.engine.submit_batch(tenant, jobs, None, &answering).await?;
    assert!(matches!(once, Once::Now(_)));
    Ok(made.into_inner().unwrap())
}

async fn look(h: &Harness, tenant: &Tenant, batch: BatchId) -> Batch {
    h.engine.batch(tenant, batch).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_batch_is_counted_listed_and_ends_with_its_last_job_and_goes_on_with_a_retry() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    let alone = h.submit(&acme).await;
    h.engine.cancel(&acme, alone).await.unwrap();
    let (batch, jobs) = submit(&h, &acme, &plain(3)).await.unwrap();
    let worker = h.worker().await;
    let leases = h.claim(worker, 2).await;
    let running = look(&h, &acme, batch).await;
    assert_eq!((running.jobs, running.done(), running.finished_at), (3, 0, None));
    assert_eq!((running.counts[&JobState::Running], running.counts[&JobState::Queued]), (2, 1));
    queue::settle(&h.db, &acme, &leases[0], &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    queue::settle(&h.db, &acme, &leases[1], &outcome(Decision::Fail, "failed")).await.unwrap();
    assert_eq!(look(&h, &acme, batch).await.finished_at, None);
    h.engine.cancel(&acme, jobs[2]).await.unwrap();
    let ended = look(&h, &acme, batch).await;
    assert_eq!((ended.done(), ended.finished_at.is_some()), (3, true));

    let filter = JobFilter { batch: Some(batch), ..JobFilter::default() };
    let page = h.engine.jobs(&acme, &filter, None, 10).await.unwrap();
    assert!(page.items.iter().all(|job| job.batch == Some(batch)));
    assert_eq!(page.items.iter().map(|job| job.id).collect::<Vec<_>>(), [jobs[2], jobs[1], jobs[0]]);
    let failed = JobFilter { state: Some(JobState::Failed), ..filter };
    assert_eq!(h.engine.jobs(&acme, &failed, None, 10).await.unwrap().items.len(), 1);
    assert!(h.engine.batch(&other, batch).await.unwrap().is_none());

    h.engine.retry(&acme, jobs[2]).await.unwrap();
    assert_eq!(look(&h, &acme, batch).await.finished_at, None);
    let lease = h.claim_one(worker).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert!(look(&h, &acme, batch).await.finished_at.is_some());
}

#[tokio::test]
async fn of_settles_at_the_same_moment_one_ends_the_batch() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = h.worker().await;
    for _ in 0..10 {
        let (batch, _) = submit(&h, &acme, &plain(6)).await.unwrap();
        let leases = h.claim(worker, 6).await;
        assert_eq!(leases.len(), 6);
        let done = outcome(Decision::Succeed, "succeeded");
        let settles = leases.iter().map(|lease| queue::settle(&h.db, &acme, lease, &done));
        for settled in join_all(settles).await {
            settled.unwrap();
        }
        assert!(look(&h, &acme, batch).await.finished_at.is_some());
    }
}

#[tokio::test]
async fn a_retry_and_the_last_settle_leave_no_batch_that_is_over_and_goes_on() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = h.worker().await;
    for _ in 0..10 {
        let (batch, jobs) = submit(&h, &acme, &plain(2)).await.unwrap();
        h.engine.cancel(&acme, jobs[0]).await.unwrap();
        let lease = h.claim_one(worker).await;
        let done = outcome(Decision::Succeed, "succeeded");
        let (settled, retried) =
            tokio::join!(queue::settle(&h.db, &acme, &lease, &done), h.engine.retry(&acme, jobs[0]));
        settled.unwrap();
        retried.unwrap();
        assert_eq!(look(&h, &acme, batch).await.finished_at, None);
        let lease = h.claim_one(worker).await;
        queue::settle(&h.db, &acme, &lease, &done).await.unwrap();
        assert!(look(&h, &acme, batch).await.finished_at.is_some());
    }
}

#[tokio::test]
async fn a_batch_and_its_imported_copy_end_each_with_its_own_jobs() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let (batch, jobs) = submit(&h, &acme, &plain(2)).await.unwrap();
    for &job in &jobs {
        h.engine.cancel(&acme, job).await.unwrap();
    }
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("acme.tar");
    h.engine.export_tenant(&acme, File::create(&path).unwrap()).await.unwrap();
    let copy = h.engine.import_tenant(&path, &"copy".parse().unwrap()).await.unwrap();
    let copy = h.engine.set_tenant_state(&copy.slug, TenantState::Active).await.unwrap().unwrap();
    // The copy's comes last into the queue, where the search for what goes on begins.
    h.engine.retry(&acme, jobs[0]).await.unwrap();
    h.engine.retry(&copy, jobs[1]).await.unwrap();
    h.engine.cancel(&acme, jobs[0]).await.unwrap();
    assert!(look(&h, &acme, batch).await.finished_at.is_some());
    assert_eq!(look(&h, &copy, batch).await.finished_at, None);
    h.engine.retry(&acme, jobs[0]).await.unwrap();
    h.engine.cancel(&copy, jobs[1]).await.unwrap();
    assert!(look(&h, &copy, batch).await.finished_at.is_some());
    assert_eq!(look(&h, &acme, batch).await.finished_at, None);
}

#[tokio::test]
async fn jobs_of_a_batch_run_after_those_that_they_name_and_end_with_them() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = h.worker().await;
    let asked = [named("last", &["first", "second"]), named("second", &["first"]), named("first", &[])];
    let (batch, jobs) = submit(&h, &acme, &asked).await.unwrap();
    for job in [jobs[2], jobs[1], jobs[0]] {
        let lease = h.claim_one(worker).await;
        assert_eq!(lease.job, job);
        queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    }
    assert!(look(&h, &acme, batch).await.finished_at.is_some());
    let (batch, _) = submit(&h, &acme, &asked).await.unwrap();
    let lease = h.claim_one(worker).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Fail, "failed")).await.unwrap();
    let ended = look(&h, &acme, batch).await;
    assert_eq!((ended.counts[&JobState::Cancelled], ended.finished_at.is_some()), (2, true));
    assert_eq!(h.count("select count(*) from esteira.dependencies").await, 0);
}

#[tokio::test]
async fn a_batch_whose_jobs_can_never_run_is_over_at_once() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let gone = h.submit(&acme).await;
    h.engine.cancel(&acme, gone).await.unwrap();
    let mut first = named("first", &[]);
    first.submission.depends_on = vec![gone];
    let (batch, jobs) = submit(&h, &acme, &[named("second", &["first"]), first]).await.unwrap();
    let ended = look(&h, &acme, batch).await;
    assert_eq!((ended.counts[&JobState::Cancelled], ended.done(), ended.finished_at.is_some()), (2, 2, true));
    let second = h.engine.job(&acme, jobs[0]).await.unwrap().unwrap();
    assert!(second.error.unwrap().message.contains(&jobs[1].to_string()));
}

#[tokio::test]
async fn what_is_refused_is_told_by_its_place_and_nothing_is_written() {
    let h = Harness::new().await;
    let acme =
        h.tenant_with("acme", LimitsChange { max_queued: Some(Some(3)), ..LimitsChange::default() }).await;
    let mut asked = plain(3);
    asked[1].submission.input = json!({"n": "no number"});
    asked[2].submission.priority = 101;
    let Err(BatchError::Jobs(faults)) = submit(&h, &acme, &asked).await else { panic!("taken") };
    assert_eq!(faults.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 2]);
    let mut asked = plain(2);
    asked[1].submission.depends_on = vec![JobId::new()];
    let Err(BatchError::Jobs(faults)) = submit(&h, &acme, &asked).await else { panic!("taken") };
    assert!(matches!(faults[..], [(1, SubmitError::BadField { field: "depends_on", .. })]), "{faults:?}");
    let circle = [named("a", &["b"]), named("b", &["a"])];
    assert!(matches!(submit(&h, &acme, &circle).await, Err(BatchError::Jobs(_))));
    let full = submit(&h, &acme, &plain(4)).await;
    assert!(matches!(full, Err(BatchError::Whole(SubmitError::QueueFull { limit: 3 }))), "{full:?}");
    assert_eq!(h.count("select count(*) from esteira.queue").await, 0);
    submit(&h, &acme, &plain(3)).await.unwrap();
}

#[tokio::test]
async fn a_unique_key_in_use_gives_the_job_that_has_it_and_whoever_needs_it_waits_for_that() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let keyed = Submission { unique_key: Some("k".into()), ..submission() };
    let first = h.engine.submit(&acme, &keyed).await.unwrap().job;
    let asked = [
        BatchJob { reference: Some("a".into()), after: vec![], submission: keyed },
        BatchJob { after: vec!["a".into()], ..plain(1).remove(0) },
    ];
    let (batch, jobs) = submit(&h, &acme, &asked).await.unwrap();
    assert_eq!((jobs[0], look(&h, &acme, batch).await.jobs), (first, 1));
    let lease = h.claim_one(h.worker().await).await;
    assert_eq!(lease.job, first);
    assert_eq!(h.engine.job(&acme, jobs[1]).await.unwrap().unwrap().state, JobState::Blocked);
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert_eq!(h.engine.job(&acme, jobs[1]).await.unwrap().unwrap().state, JobState::Queued);
}

#[tokio::test]
async fn submits_at_the_same_moment_do_not_pass_max_queued_together() {
    let h = Harness::new().await;
    let limits = LimitsChange { max_queued: Some(Some(5)), ..LimitsChange::default() };
    let acme = h.tenant_with("acme", limits).await;
    // Each by a transaction of its own, as those of different processes are.
    let entry = h.engine.catalog().get(crate::harness::KIND).unwrap();
    let one = async || {
        let mut tx = h.db.begin().await.unwrap();
        let job = queue::NewJob::new(entry, &submission(), Vec::new());
        // Whoever finds another at it comes back.
        let mut written = queue::write_jobs(tx.conn(), &acme, &[&job]).await;
        while matches!(written, Err(queue::SubmitError::LimitBusy)) {
            tokio::task::yield_now().await;
            written = queue::write_jobs(tx.conn(), &acme, &[&job]).await;
        }
        tokio::task::yield_now().await;
        if written.is_ok() {
            tx.commit().await.unwrap();
        }
        written.is_ok()
    };
    let taken = join_all((0..16).map(|_| one())).await.into_iter().filter(|taken| *taken).count();
    assert_eq!(taken, 5);
    assert_eq!(h.count("select count(*) from esteira.queue").await, 5);
}
