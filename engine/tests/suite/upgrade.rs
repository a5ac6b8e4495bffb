//! From one version of the schemas to the next under load: jobs come, tenants are migrated, workers are replaced one
//! after another, and nothing is lost. `ops/procedures-test.sh` does the same with processes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use esteira_engine::job::JobState;
use esteira_engine::tenant::migrate_all;
use esteira_engine::worker::WorkerOptions;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::harness::Harness;
use crate::migrate::with_one_more;
use crate::worker::{Running, end, submit};

/// What runs at the end of a worker is handed back at once.
fn without_grace(options: &mut WorkerOptions) {
    options.grace = Duration::ZERO;
}

/// Comes back when so many rounds of jobs have ended.
async fn until(rounds: &AtomicUsize, wanted: usize) {
    let wait = async {
        while rounds.load(Ordering::Relaxed) < wanted {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("jobs end");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_tenants_are_migrated_and_workers_replaced_each_job_succeeds_at_its_first_attempt() {
    let h = Harness::new().await;
    let mut tenants = Vec::new();
    for number in 0..8 {
        tenants.push(h.tenant(&format!("tenant_{number}")).await);
    }
    let mut workers = vec![Running::start(&h, without_grace).await, Running::start(&h, without_grace).await];
    let (rounds, enough) = (AtomicUsize::new(0), CancellationToken::new());
    // More at a time than there are slots, so that workers have something to do when their end comes.
    let load = async {
        let mut jobs = Vec::new();
        while !enough.is_cancelled() {
            let mut round = Vec::new();
            for tenant in &tenants {
                round.push((tenant, submit(&h, tenant, json!({"mode": "succeed"})).await));
            }
            for (tenant, id) in round {
                jobs.push(end(&h, tenant, id).await);
            }
            rounds.fetch_add(1, Ordering::Relaxed);
        }
        jobs
    };
    let upgrade = async {
        until(&rounds, 1).await;
        // From here on all processes are of the version before that of the tenants.
        assert!(migrate_all(&h.db, &with_one_more(), &|_| {}).await.unwrap().is_empty());
        for _ in 0..2 {
            workers.push(Running::start(&h, without_grace).await);
            workers.remove(0).stop().await;
            until(&rounds, rounds.load(Ordering::Relaxed) + 1).await;
        }
        enough.cancel();
    };
    let (jobs, ()) = tokio::join!(load, upgrade);

    assert_eq!(jobs.len(), tenants.len() * rounds.into_inner());
    for job in jobs {
        assert_eq!((job.state, job.attempt, job.artifacts.len()), (JobState::Succeeded, 1, 1), "{job:?}");
    }
    assert_eq!(h.count("select count(*) from esteira.queue").await, 0);
    for worker in workers {
        worker.stop().await;
    }
}
