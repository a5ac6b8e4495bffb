//! Submitting.

use chrono::{TimeDelta, Utc};
use esteira_engine::id::UploadId;
use esteira_engine::job::{Decision, JobState};
use esteira_engine::queue::{self, Submission, SubmitError};
use esteira_engine::tenant::{LimitsChange, TenantState};
use serde_json::json;

use crate::harness::{Harness, KIND, OTHER_KIND, outcome, submission};

#[tokio::test]
async fn a_submitted_job_is_queued_and_reads_back_as_it_was_asked() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let asked = Submission {
        priority: 7,
        metadata: json!({"customer": "77"}).as_object().unwrap().clone(),
        ..submission()
    };
    let id = h.engine.submit(&acme, &asked).await.unwrap().job;
    let job = h.engine.job(&acme, id).await.unwrap().unwrap();
    assert_eq!((job.state, job.priority, job.attempt, job.max_attempts), (JobState::Queued, 7, 0, 5));
    assert_eq!((job.input, job.metadata), (json!({"n": 1}), json!({"customer": "77"})));
    assert_eq!((job.output, job.error, job.started_at, job.finished_at), (None, None, None, None));
}

#[tokio::test]
async fn a_job_for_later_is_scheduled_and_not_claimed_before_its_time() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let run_at = Some(at_the_clock() + TimeDelta::hours(1));
    let id = h.engine.submit(&acme, &Submission { run_at, ..submission() }).await.unwrap().job;
    assert_eq!(h.engine.job(&acme, id).await.unwrap().unwrap().state, JobState::Scheduled);
    let worker = h.worker().await;
    assert!(esteira_engine::queue::promote(&h.db).await.unwrap().kinds.is_empty());
    assert!(h.claim(worker, 10).await.is_empty());
    h.let_time_come().await;
    assert_eq!(esteira_engine::queue::promote(&h.db).await.unwrap().kinds, [KIND]);
    assert_eq!(h.claim_one(worker).await.job, id);
}

#[tokio::test]
async fn faults_are_named_and_nothing_is_written() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let missing = UploadId::new();
    for (asked, pointer) in [
        (json!({"n": "x"}), "/n"),
        (json!({"n": 1, "source": "http://example.org"}), "/source"),
        (json!({"n": 1, "source": format!("upload://{missing}")}), "/source"),
    ] {
        let refused = h.engine.submit(&acme, &Submission { input: asked, ..submission() }).await;
        let Err(SubmitError::BadInput(errors)) = refused else { panic!("{pointer}: {refused:?}") };
        assert_eq!(errors[0].pointer, pointer);
    }
    let unknown = h.engine.submit(&acme, &Submission { kind: "no.such".into(), ..submission() }).await;
    assert!(matches!(unknown, Err(SubmitError::UnknownKind(_))));
    assert_eq!(h.count("select count(*) from esteira.queue").await, 0);
}

#[tokio::test]
async fn limits_refuse_before_anything_is_written() {
    let h = Harness::new().await;
    let limits = LimitsChange {
        max_queued: Some(Some(2)),
        kinds: Some(Some(vec![KIND.into()])),
        ..LimitsChange::default()
    };
    let acme = h.tenant_with("acme", limits).await;
    h.submit(&acme).await;
    h.submit(&acme).await;
    let full = h.engine.submit(&acme, &submission()).await;
    assert!(matches!(full, Err(SubmitError::QueueFull { limit: 2 })));
    let other = h.engine.submit(&acme, &Submission { kind: OTHER_KIND.into(), ..submission() }).await;
    assert!(matches!(other, Err(SubmitError::KindNotAllowed(_))));
    assert_eq!(h.count("select count(*) from esteira.queue").await, 2);
    assert_eq!(h.engine.jobs(&acme, &Default::default(), None, 10).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn what_runs_when_its_tenant_is_suspended_ends_as_it_would() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let (done, waiting) = (h.submit(&acme).await, h.submit(&acme).await);
    let worker = h.worker().await;
    let lease = h.claim_one(worker).await;
    h.engine.set_tenant_state(&acme.slug, TenantState::Suspended).await.unwrap();
    let settled =
        queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert_eq!((settled, lease.job), (queue::Settled::As(Decision::Succeed), done));
    assert!(h.claim(worker, 10).await.is_empty());
    let suspended = h.engine.tenant("acme").await.unwrap().unwrap();
    assert_eq!(h.engine.job(&suspended, done).await.unwrap().unwrap().state, JobState::Succeeded);
    assert_eq!(h.engine.job(&suspended, waiting).await.unwrap().unwrap().state, JobState::Queued);
}

#[tokio::test]
async fn a_suspended_tenant_submits_nothing_and_its_queued_jobs_wait() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = h.submit(&acme).await;
    let acme = h.engine.set_tenant_state(&acme.slug, TenantState::Suspended).await.unwrap().unwrap();
    assert!(matches!(h.engine.submit(&acme, &submission()).await, Err(SubmitError::Suspended)));
    let worker = h.worker().await;
    assert!(h.claim(worker, 10).await.is_empty());
    h.engine.set_tenant_state(&acme.slug, TenantState::Active).await.unwrap().unwrap();
    assert_eq!(h.claim_one(worker).await.job, id);
}

#[tokio::test]
async fn pages_show_each_job_once_newest_first() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(h.submit(&acme).await);
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = h.engine.jobs(&acme, &Default::default(), after, 3).await.unwrap();
        seen.extend(page.items.iter().map(|job| job.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn filters_narrow_a_list_down() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let plain = h.submit(&acme).await;
    let metadata = json!({"customer": "77"}).as_object().unwrap().clone();
    let tagged = Submission { kind: OTHER_KIND.into(), metadata: metadata.clone(), ..submission() };
    let tagged = h.engine.submit(&acme, &tagged).await.unwrap().job;
    h.engine.cancel(&acme, plain).await.unwrap();
    use esteira_engine::queue::JobFilter;
    for (filter, expected) in [
        (JobFilter { state: Some(JobState::Cancelled), ..JobFilter::default() }, vec![plain]),
        (JobFilter { state: Some(JobState::Queued), ..JobFilter::default() }, vec![tagged]),
        (JobFilter { kind: Some(OTHER_KIND.into()), ..JobFilter::default() }, vec![tagged]),
        (JobFilter { metadata, ..JobFilter::default() }, vec![tagged]),
        (
            JobFilter { created_after: Some(at_the_clock() + TimeDelta::hours(1)), ..JobFilter::default() },
            vec![],
        ),
        (
            JobFilter { created_before: Some(at_the_clock() + TimeDelta::hours(1)), ..JobFilter::default() },
            vec![tagged, plain],
        ),
    ] {
        let page = h.engine.jobs(&acme, &filter, None, 10).await.unwrap();
        assert_eq!(page.items.iter().map(|job| job.id).collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

#[expect(clippy::disallowed_methods, reason = "the test plays the client, who has a clock of its own")]
fn at_the_clock() -> chrono::DateTime<Utc> {
    Utc::now()
}

#[tokio::test]
async fn a_job_written_in_the_callers_transaction_exists_when_that_commits() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let entry = h.engine.catalog().get(KIND).unwrap();
    for commits in [false, true] {
        let mut tx = h.db.begin().await.unwrap();
        let job = queue::NewJob::new(entry, &submission(), Vec::new());
        let id = queue::write_jobs(tx.conn(), &acme, &[&job]).await.unwrap().remove(0).job;
        if commits {
            tx.commit().await.unwrap();
        }
        assert_eq!(h.engine.job(&acme, id).await.unwrap().is_some(), commits);
    }
    assert_eq!(h.claim(h.worker().await, 10).await.len(), 1);
}
