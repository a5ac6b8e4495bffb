//! Do the promises hold when everything happens at once? Many callers use all verbs on the same few jobs.
//!
//! What `model` checks one step after the other is here left to races: what each verb answers depends on who
//! came first. So only that is checked which must hold in any order: no verb fails (a deadlock would show), no
//! lease is settled twice, `max_running` holds in every snapshot, each job is in one place, and all end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use esteira_engine::id::{JobId, WorkerId};
use esteira_engine::job::{AttemptEnd, Decision, RetryPolicy, decide};
use esteira_engine::queue::{self, CancelError, Lease, RetryError, Settled, Submission, SubmitError};
use esteira_engine::tenant::{LimitsChange, Tenant};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::harness::{Harness, KIND, OTHER_KIND, outcome, submission};
use crate::model::look::Look;

const CALLERS: u64 = 6;
const STEPS: usize = 120;
const MAX_RUNNING: i64 = 3;
/// Retried at once, so that the same jobs meet again and again.
const POLICY: RetryPolicy = RetryPolicy { base_ms: 0, cap_ms: 0 };

/// What the callers know of.
#[derive(Default)]
struct Known {
    jobs: Mutex<Vec<(usize, JobId)>>,
    workers: Mutex<Vec<WorkerId>>,
    leases: Mutex<Vec<Arc<Lease>>>,
    /// What each settled lease came to.
    settled: Mutex<HashMap<(JobId, i32), Decision>>,
}

#[expect(clippy::print_stdout, reason = "shown when the test fails, wherever it does")]
fn say_seed(seed: u64) {
    println!("seed {seed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_verbs_at_once_keep_the_promises() {
    let h = Harness::new().await;
    let few = i32::try_from(MAX_RUNNING).unwrap();
    let limits = LimitsChange { max_running: Some(Some(few)), ..LimitsChange::default() };
    let tenants = [h.tenant("free").await, h.tenant_with("narrow", limits).await];
    let look = Look::new(&h.database.superuser_url, &tenants).await;
    let known = Known::default();
    for _ in 0..3 {
        let worker = h.worker().await;
        known.workers.lock().push(worker);
    }
    let seed: u64 = rand::rng().random();
    say_seed(seed);
    let callers = (0..CALLERS).map(|n| call(&h, &tenants, &known, StdRng::seed_from_u64(seed ^ n)));
    let calls = futures::future::join_all(callers);
    let watch = async {
        loop {
            watch_once(&h, &look).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = calls => {}
        () = watch => {}
    }
    run_to_the_end(&h, &tenants, &known).await;
    let jobs = known.jobs.lock().len();
    assert_eq!(look.places().await.len(), jobs);
    assert_eq!(h.count("select count(*) from esteira.queue").await, 0);
    assert_eq!(h.count("select count(*) from esteira.dependencies").await, 0, "nobody waits for them");
}

/// What holds in any snapshot.
async fn watch_once(h: &Harness, look: &Look) {
    let most = h
        .count(
            "select coalesce(max(running), 0) from (
                 select count(*) as running from esteira.queue as q join esteira.tenants as t on t.id = q.tenant_id
                 where q.state = 'running' and t.max_running is not null group by q.tenant_id
             ) as tenants",
        )
        .await;
    assert!(most <= MAX_RUNNING, "{most} run");
    let mut ids: Vec<JobId> = look.places().await.into_iter().map(|place| place.job_id).collect();
    let places = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(places, ids.len(), "a job is in two places");
}

async fn call(h: &Harness, tenants: &[Tenant], known: &Known, mut rng: StdRng) {
    for _ in 0..STEPS {
        match rng.random_range(0..20) {
            0..5 => submit(h, tenants, known, &mut rng).await,
            5..10 => claim(h, known, &mut rng).await,
            10..15 => settle(h, tenants, known, &mut rng).await,
            15 => cancel(h, tenants, known, &mut rng).await,
            16 => retry(h, tenants, known, &mut rng).await,
            17 => {
                queue::promote(&h.db).await.unwrap();
            }
            18 => {
                let silent = pick(&known.workers, &mut rng).unwrap();
                h.silence(silent).await;
                let next = h.worker().await;
                known.workers.lock().push(next);
            }
            _ => {
                queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap();
            }
        }
    }
}

fn pick<T: Clone>(from: &Mutex<Vec<T>>, rng: &mut StdRng) -> Option<T> {
    // Mostly one of the newest: those are the ones that others are at, too.
    let from = from.lock();
    let newest = &from[from.len().saturating_sub(12)..];
    newest.choose(rng).cloned()
}

async fn submit(h: &Harness, tenants: &[Tenant], known: &Known, rng: &mut StdRng) {
    let needs: Vec<(usize, JobId)> =
        (0..rng.random_range(0..3)).filter_map(|_| pick(&known.jobs, rng)).collect();
    let tenant = needs.first().map_or_else(|| rng.random_range(0..tenants.len()), |(tenant, _)| *tenant);
    let own = needs.iter().filter(|(of, _)| *of == tenant);
    let asked = Submission {
        kind: if rng.random() { KIND } else { OTHER_KIND }.into(),
        depends_on: own.map(|(_, job)| *job).collect(),
        unique_key: rng.random_bool(0.3).then(|| format!("key {}", rng.random_range(0..3))),
        ..submission()
    };
    match h.engine.submit(&tenants[tenant], &asked).await {
        Ok(submitted) if submitted.existing => {}
        Ok(submitted) => known.jobs.lock().push((tenant, submitted.job)),
        Err(SubmitError::QueueFull { .. }) => {}
        Err(error) => panic!("not submitted: {error:?}"),
    }
}

async fn claim(h: &Harness, known: &Known, rng: &mut StdRng) {
    let worker = pick(&known.workers, rng).unwrap();
    let kind = if rng.random() { KIND } else { OTHER_KIND };
    let leases = queue::claim(&h.db, worker, kind, rng.random_range(1..4), Duration::from_secs(1)).await;
    known.leases.lock().extend(leases.unwrap().into_iter().map(Arc::new));
}

async fn settle(h: &Harness, tenants: &[Tenant], known: &Known, rng: &mut StdRng) {
    let Some(lease) = pick(&known.leases, rng) else { return };
    let (end, ended_as) = match rng.random_range(0..6) {
        0..2 => (AttemptEnd::Succeeded, "succeeded"),
        2 => (AttemptEnd::Failed { retryable: true }, "failed"),
        3 => (AttemptEnd::Failed { retryable: false }, "failed"),
        4 => (AttemptEnd::Released, "released"),
        _ => (AttemptEnd::Snoozed(Duration::ZERO), "snoozed"),
    };
    let tenant = tenants.iter().find(|tenant| tenant.id == lease.tenant).unwrap();
    let decision = decide(end, lease.counters, &POLICY, 0.0);
    let settled = queue::settle(&h.db, tenant, &lease, &outcome(decision, ended_as)).await.unwrap();
    let Settled::As(decision) = settled else { return };
    let before = known.settled.lock().insert((lease.job, lease.lease), decision);
    let asked_again = decision == Decision::Succeed && before == Some(Decision::Succeed);
    assert!(before.is_none() || asked_again, "settled as {before:?}, and again as {decision:?}");
}

async fn cancel(h: &Harness, tenants: &[Tenant], known: &Known, rng: &mut StdRng) {
    let Some((tenant, job)) = pick(&known.jobs, rng) else { return };
    match queue::cancel(&h.db, &tenants[tenant], job).await {
        Ok(_) | Err(CancelError::Final(_)) => {}
        Err(error) => panic!("not cancelled: {error:?}"),
    }
}

async fn retry(h: &Harness, tenants: &[Tenant], known: &Known, rng: &mut StdRng) {
    let Some((tenant, job)) = pick(&known.jobs, rng) else { return };
    match queue::retry(&h.db, &tenants[tenant], job).await {
        Ok(_) | Err(RetryError::NotRetryable(_) | RetryError::KeyInUse | RetryError::NeedFailed(_)) => {}
        Err(error) => panic!("not retried: {error:?}"),
    }
}

/// Every worker is given up and what they held runs elsewhere, until nothing is left.
async fn run_to_the_end(h: &Harness, tenants: &[Tenant], known: &Known) {
    let workers = known.workers.lock().clone();
    for worker in workers {
        h.silence(worker).await;
    }
    let worker = h.worker().await;
    let jobs = known.jobs.lock().len();
    for _ in 0..=jobs {
        queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap();
        h.let_time_come().await;
        queue::promote(&h.db).await.unwrap();
        for kind in [KIND, OTHER_KIND] {
            for lease in queue::claim(&h.db, worker, kind, 100, Duration::from_secs(1)).await.unwrap() {
                let tenant = tenants.iter().find(|tenant| tenant.id == lease.tenant).unwrap();
                let done = outcome(Decision::Succeed, "succeeded");
                queue::settle(&h.db, tenant, &lease, &done).await.unwrap();
            }
        }
    }
}
