//! Pages of jobs: every filter and every mixture of them shows what it should, once, and at the cost of a page.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use esteira_engine::id::{BatchId, JobId};
use esteira_engine::job::{Decision, Job, JobState};
use esteira_engine::queue::{self, BatchJob, JobFilter, Submission};
use esteira_engine::tenant::Tenant;
use serde_json::{Map, Value, json};

use crate::harness::{Harness, KIND, OTHER_KIND, outcome, submission};

/// All pages together.
async fn pages(h: &Harness, tenant: &Tenant, filter: &JobFilter, limit: u16) -> Vec<JobId> {
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = h.engine.jobs(tenant, filter, after, limit).await.unwrap();
        assert!(page.items.len() <= usize::from(limit));
        seen.extend(page.items.iter().map(|job| job.id));
        after = page.next;
        if after.is_none() {
            return seen;
        }
    }
}

fn metadata(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
}

/// Jobs of two kinds in every state, some of them of a batch, with metadata of several values.
async fn many_sorts_of_jobs(h: &Harness, tenant: &Tenant) -> BatchId {
    let worker = h.worker().await;
    let other = |kind: &str| Submission { kind: kind.into(), ..submission() };
    let mut batch = None;
    for round in 0..3 {
        for kind in [KIND, OTHER_KIND] {
            for state in JobState::ALL {
                let asked = Submission { metadata: metadata(&[("state", state.as_str())]), ..other(kind) };
                settle_as(h, tenant, worker, asked, state).await;
            }
        }
        let asked = |n: i32| BatchJob {
            submission: Submission {
                metadata: metadata(&[("round", &n.to_string()), ("all", "yes")]),
                ..other(if n % 2 == 0 { KIND } else { OTHER_KIND })
            },
            ..BatchJob::default()
        };
        let jobs: Vec<BatchJob> = (0..4).map(asked).collect();
        let taken = std::sync::Mutex::new(None);
        let answering = |it: queue::Taken| {
            if let queue::Taken::Batch(id, _) = it {
                *taken.lock().unwrap() = Some(id);
            }
            Ok(queue::Answer { status: 202, location: None, body: String::new() })
        };
        h.engine.submit_batch(tenant, &jobs, None, &answering).await.unwrap();
        batch = (round == 1).then(|| taken.into_inner().unwrap()).flatten().or(batch);
    }
    batch.unwrap()
}

fn far() -> DateTime<Utc> {
    "2126-01-01T00:00:00Z".parse().unwrap()
}

/// Submits a job and brings it into a state.
async fn settle_as(
    h: &Harness,
    tenant: &Tenant,
    worker: esteira_engine::id::WorkerId,
    asked: Submission,
    state: JobState,
) {
    let kind = asked.kind.clone();
    let submit = async |asked: &Submission| h.engine.submit(tenant, asked).await.unwrap().job;
    let decision = match state {
        JobState::Scheduled => {
            submit(&Submission { run_at: Some(far()), ..asked }).await;
            return;
        }
        JobState::Blocked => {
            let first = submit(&Submission { run_at: Some(far()), ..submission() }).await;
            submit(&Submission { depends_on: vec![first], ..asked }).await;
            return;
        }
        JobState::Queued => {
            submit(&asked).await;
            return;
        }
        JobState::Cancelled => {
            let job = submit(&asked).await;
            h.engine.cancel(tenant, job).await.unwrap();
            return;
        }
        JobState::Running => None,
        JobState::Succeeded => Some((Decision::Succeed, "succeeded")),
        JobState::Failed => Some((Decision::Fail, "failed")),
    };
    // First of its lane, so that the claim takes this one.
    let job = submit(&Submission { priority: 100, ..asked }).await;
    let mut leases = queue::claim(&h.db, worker, &kind, 1, Duration::from_secs(1)).await.unwrap();
    let lease = leases.pop().unwrap();
    assert_eq!(lease.job, job);
    if let Some((decision, word)) = decision {
        queue::settle(&h.db, tenant, &lease, &outcome(decision, word)).await.unwrap();
    }
}

fn fits(job: &Job, filter: &JobFilter) -> bool {
    filter.state.is_none_or(|state| job.state == state)
        && filter.kind.as_ref().is_none_or(|kind| job.kind == *kind)
        && filter.batch.is_none_or(|batch| job.batch == Some(batch))
        && filter.created_after.is_none_or(|instant| job.created_at > instant)
        && filter.created_before.is_none_or(|instant| job.created_at < instant)
        && filter.metadata.iter().all(|(key, value)| job.metadata.get(key) == Some(value))
}

#[tokio::test]
async fn every_mixture_of_filters_shows_each_job_that_fits_once_and_no_other() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let (other, batch) = (h.tenant("other").await, many_sorts_of_jobs(&h, &acme).await);
    h.flood(&other, 20).await;
    let mut all = BTreeMap::new();
    let mut after = None;
    loop {
        let page = h.engine.jobs(&acme, &JobFilter::default(), after, 200).await.unwrap();
        all.extend(page.items.into_iter().map(|job| (job.id, job)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert!(all.len() >= 3 * (2 * 7 + 4));
    let middle = all.values().nth(all.len() / 2).unwrap().created_at;
    let states = std::iter::once(None).chain(JobState::ALL.map(Some));
    let mut mixtures = Vec::new();
    for state in states {
        for kind in [None, Some(KIND.to_owned()), Some("test.unknown".to_owned())] {
            for batch in [None, Some(batch)] {
                for (created_after, created_before) in
                    [(None, None), (Some(middle), None), (None, Some(middle))]
                {
                    for metadata in
                        [metadata(&[]), metadata(&[("all", "yes")]), metadata(&[("state", "failed")])]
                    {
                        mixtures.push(JobFilter {
                            state,
                            kind: kind.clone(),
                            batch,
                            created_after,
                            created_before,
                            metadata,
                        });
                    }
                }
            }
        }
    }
    for filter in mixtures {
        let expected: Vec<JobId> =
            all.values().rev().filter(|job| fits(job, &filter)).map(|job| job.id).collect();
        assert_eq!(pages(&h, &acme, &filter, 9).await, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn a_page_ends_after_so_many_jobs_that_do_not_fit_and_the_next_one_goes_on_from_there() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let old = h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    h.flood(&acme, 12_000).await;
    let filter =
        JobFilter { state: Some(JobState::Succeeded), kind: Some(KIND.into()), ..JobFilter::default() };
    let first = h.engine.jobs(&acme, &filter, None, 50).await.unwrap();
    assert!(first.items.is_empty() && first.next.is_some());
    let second = h.engine.jobs(&acme, &filter, first.next, 50).await.unwrap();
    assert_eq!(second.items.iter().map(|job| job.id).collect::<Vec<_>>(), [old]);
    assert_eq!(second.next, None);
    // Of whatever kind, those that wait are not even looked at.
    let filter = JobFilter { kind: None, ..filter };
    let only = h.engine.jobs(&acme, &filter, None, 50).await.unwrap();
    assert_eq!(only.items.iter().map(|job| job.id).collect::<Vec<_>>(), [old]);
    assert_eq!(only.next, None);
}

#[tokio::test]
async fn a_page_does_not_grow_heavy_by_metadata() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    for _ in 0..3 {
        h.submit(&acme).await;
    }
    // As a version before their limit let them in.
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    sqlx::query("update jobs set metadata = jsonb_build_object('a', repeat('x', 5000000))")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let page = h.engine.jobs(&acme, &JobFilter::default(), None, 10).await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!(pages(&h, &acme, &JobFilter::default(), 10).await.len(), 3);
}
