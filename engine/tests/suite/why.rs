//! Why a job does not run yet.

use std::time::Duration;

use chrono::{DateTime, Utc};
use esteira_engine::id::{JobId, WorkerId};
use esteira_engine::job::{Decision, JobState};
use esteira_engine::queue::{self, AHEAD_COUNTED, PauseTarget, Reason, Submission, Why};
use esteira_engine::tenant::{LimitsChange, Tenant, TenantState};
use serde_json::json;

use crate::harness::{Harness, KIND, OTHER_KIND, outcome, submission};

/// A worker with so many slots of the usual kind.
async fn slots(h: &Harness, count: usize) -> WorkerId {
    let worker = WorkerId::new();
    queue::register(&h.db, worker, "test", &json!({KIND: count}), Duration::from_secs(15)).await.unwrap();
    worker
}

async fn submit(h: &Harness, tenant: &Tenant, submission: Submission) -> JobId {
    h.engine.submit(tenant, &submission).await.unwrap().job
}

async fn why(h: &Harness, tenant: &Tenant, job: JobId) -> Why {
    h.engine.why(tenant, job).await.unwrap().unwrap()
}

async fn reasons(h: &Harness, tenant: &Tenant, job: JobId) -> Vec<Reason> {
    let why = why(h, tenant, job).await;
    assert_eq!((why.state, why.running), (JobState::Queued, None));
    why.waits_for
}

#[tokio::test]
async fn a_job_knows_whether_it_waits_for_a_worker_a_slot_or_its_own_tenants_work() {
    let h = Harness::new().await;
    let (acme, bell) = (h.tenant("acme").await, h.tenant("bell").await);
    let first = h.submit(&acme).await;
    assert_eq!(reasons(&h, &acme, first).await, [Reason::NoWorker]);
    let worker = slots(&h, 1).await;
    assert_eq!(reasons(&h, &acme, first).await, [Reason::Slot { slots: 1, all_busy: false }]);

    let second = h.submit(&acme).await;
    let urgent = submit(&h, &acme, Submission { priority: 1, ..submission() }).await;
    let behind = |ahead| vec![Reason::OwnWork { ahead }];
    assert_eq!(reasons(&h, &acme, first).await, behind(1));
    assert_eq!(reasons(&h, &acme, second).await, behind(2));

    assert_eq!(h.claim_one(worker).await.job, urgent);
    let busy = Reason::Slot { slots: 1, all_busy: true };
    assert_eq!(reasons(&h, &acme, first).await, std::slice::from_ref(&busy));
    assert_eq!(reasons(&h, &acme, second).await, [Reason::OwnWork { ahead: 1 }, busy.clone()]);
    // Another tenant is told of the slot and of nothing that acme has queued.
    let others = h.submit(&bell).await;
    assert_eq!(reasons(&h, &bell, others).await, [busy]);
    h.engine.drain_worker(worker).await.unwrap();
    assert_eq!(reasons(&h, &bell, others).await, [Reason::NoWorker]);
}

#[tokio::test]
async fn a_job_knows_of_the_cap_the_suspension_and_the_pauses_that_hold_it() {
    let h = Harness::new().await;
    let limits = LimitsChange { max_running: Some(Some(1)), ..LimitsChange::default() };
    let (acme, bell) = (h.tenant_with("acme", limits).await, h.tenant("bell").await);
    let worker = slots(&h, 5).await;
    h.submit(&acme).await;
    h.claim_one(worker).await;
    let job = h.submit(&acme).await;
    let cap = Reason::TenantCap { running: 1, max_running: 1 };
    assert_eq!(reasons(&h, &acme, job).await, std::slice::from_ref(&cap));

    let mut pauses = Vec::new();
    for (tenant, kind) in [(None, None), (None, Some(KIND)), (Some(&acme), None), (Some(&acme), Some(KIND))] {
        let target =
            PauseTarget { tenant: tenant.map(|t: &Tenant| t.slug.clone()), kind: kind.map(str::to_owned) };
        let since = h.engine.pause(&target).await.unwrap().paused_at;
        pauses.push(Reason::Pause { of_tenant: tenant.is_some(), of_kind: kind.is_some(), since });
    }
    for target in [
        PauseTarget { tenant: Some(bell.slug.clone()), kind: None },
        PauseTarget { tenant: None, kind: Some(OTHER_KIND.into()) },
    ] {
        h.engine.pause(&target).await.unwrap();
    }
    h.engine.set_tenant_state(&acme.slug, TenantState::Suspended).await.unwrap();
    let expected = [vec![Reason::TenantSuspended], pauses, vec![cap]].concat();
    assert_eq!(reasons(&h, &acme, job).await, expected);
}

#[tokio::test]
async fn a_job_knows_its_time_its_attempt_and_its_end() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = slots(&h, 1).await;
    let far_off: DateTime<Utc> = "2999-01-01T00:00:00Z".parse().unwrap();
    let later = submit(&h, &acme, Submission { run_at: Some(far_off), ..submission() }).await;
    let found = why(&h, &acme, later).await;
    assert_eq!(found.state, JobState::Scheduled);
    assert_eq!(found.waits_for, [Reason::Time { until: far_off, retry: false }]);

    let job = h.submit(&acme).await;
    let lease = h.claim_one(worker).await;
    let Why { state: JobState::Running, waits_for, running: Some((1, _)) } = why(&h, &acme, job).await else {
        panic!("the first attempt runs")
    };
    assert!(waits_for.is_empty());

    let retry = outcome(Decision::Retry(Duration::from_secs(60)), "failed");
    queue::settle(&h.db, &acme, &lease, &retry).await.unwrap();
    assert!(matches!(why(&h, &acme, job).await.waits_for[..], [Reason::Time { retry: true, .. }]));

    h.let_time_come().await;
    assert_eq!(why(&h, &acme, job).await.waits_for, [Reason::Due]);
    queue::promote(&h.db).await.unwrap();
    h.engine.cancel(&acme, later).await.unwrap();
    let lease = h.claim(worker, 10).await.into_iter().find(|lease| lease.job == job).unwrap();
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    let end = Why { state: JobState::Succeeded, waits_for: Vec::new(), running: None };
    assert_eq!(why(&h, &acme, job).await, end);
}

#[tokio::test]
async fn a_blocked_job_names_the_jobs_that_it_still_needs() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let needs = [h.submit(&acme).await, h.submit(&acme).await];
    let job = submit(&h, &acme, Submission { depends_on: needs.into(), ..submission() }).await;
    let found = why(&h, &acme, job).await;
    assert_eq!(
        (found.state, found.waits_for),
        (JobState::Blocked, vec![Reason::Dependency { jobs: needs.into() }])
    );
    let lease = h.claim_one(h.worker().await).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert_eq!(why(&h, &acme, job).await.waits_for, [Reason::Dependency { jobs: vec![needs[1]] }]);
}

#[tokio::test]
async fn a_long_lane_is_counted_up_to_a_bound() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    slots(&h, 1).await;
    h.flood(&acme, usize::try_from(AHEAD_COUNTED).unwrap() + 5).await;
    let low = submit(&h, &acme, Submission { priority: -1, ..submission() }).await;
    for job in [low, h.submit(&acme).await] {
        assert_eq!(reasons(&h, &acme, job).await, [Reason::OwnWork { ahead: AHEAD_COUNTED }]);
    }
}

#[tokio::test]
async fn anothers_job_is_unknown() {
    let h = Harness::new().await;
    let (acme, bell) = (h.tenant("acme").await, h.tenant("bell").await);
    let job = h.submit(&acme).await;
    assert_eq!(h.engine.why(&bell, job).await.unwrap(), None);
    h.engine.cancel(&acme, job).await.unwrap();
    assert_eq!(h.engine.why(&bell, job).await.unwrap(), None);
    assert_eq!(h.engine.why(&acme, JobId::new()).await.unwrap(), None);
}
