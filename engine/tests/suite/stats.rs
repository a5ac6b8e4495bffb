//! How the queue stands.

use std::time::Duration;

use esteira_engine::id::WorkerId;
use esteira_engine::queue::{self, KindStats, PauseTarget, QueueStats, Submission};
use esteira_engine::tenant::Tenant;
use serde_json::json;

use crate::harness::{Harness, KIND, OTHER_KIND, submission};

async fn of(h: &Harness, tenant: Option<&Tenant>, kind: &str) -> KindStats {
    let QueueStats { kinds, .. } = h.engine.queue_stats(tenant).await.unwrap();
    kinds.into_iter().find(|stats| stats.kind == kind).unwrap()
}

fn counts(stats: &KindStats) -> [i64; 4] {
    [stats.blocked, stats.scheduled, stats.queued, stats.running]
}

#[tokio::test]
async fn every_state_is_counted_for_all_tenants_and_for_one() {
    let h = Harness::new().await;
    let (acme, bell) = (h.tenant("acme").await, h.tenant("bell").await);
    h.submit(&bell).await;
    let lease = h.claim_one(h.worker().await).await;
    for tenant in [&acme, &bell] {
        h.flood(tenant, 3).await;
        let later = "2999-01-01T00:00:00Z".parse().unwrap();
        h.engine.submit(tenant, &Submission { run_at: Some(later), ..submission() }).await.unwrap();
    }
    let blocked = h.submit(&acme).await;
    sqlx::query("update esteira.queue set state = 'blocked' where job_id = $1")
        .bind(blocked.0)
        .execute(&h.pool)
        .await
        .unwrap();
    sqlx::query("update esteira.queue set ready_at = ready_at - interval '60 s', started_at = started_at - interval '30 s'")
        .execute(&h.pool)
        .await
        .unwrap();
    let all = of(&h, None, KIND).await;
    assert_eq!(counts(&all), [1, 2, 6, 1]);
    assert!((60.0..120.0).contains(&all.oldest_ready_seconds.unwrap()), "{all:?}");
    assert!((30.0..90.0).contains(&all.oldest_running_seconds.unwrap()), "{all:?}");
    let own = of(&h, Some(&acme), KIND).await;
    assert_eq!((counts(&own), own.oldest_running_seconds), ([1, 1, 3, 0], None));
    assert_eq!(counts(&of(&h, Some(&bell), KIND).await), [0, 1, 3, 1]);
    assert_eq!(lease.tenant, bell.id);
    let idle = of(&h, None, OTHER_KIND).await;
    assert_eq!(idle, KindStats { kind: OTHER_KIND.into(), ..KindStats::default() });
}

#[tokio::test]
async fn slots_are_those_of_workers_that_live_and_take_jobs() {
    let h = Harness::new().await;
    let mut workers = Vec::new();
    for slots in [json!({KIND: 2}), json!({KIND: 3, OTHER_KIND: 1}), json!({KIND: 10}), json!({KIND: 20})] {
        let worker = WorkerId::new();
        queue::register(&h.db, worker, "test", &slots, Duration::from_secs(15)).await.unwrap();
        workers.push(worker);
    }
    h.silence(workers[2]).await;
    h.engine.drain_worker(workers[3]).await.unwrap();
    assert_eq!((of(&h, None, KIND).await.slots, of(&h, None, OTHER_KIND).await.slots), (5, 1));
}

#[tokio::test]
async fn a_kind_is_paused_for_everybody_or_for_the_tenant_that_is_asked_for() {
    let h = Harness::new().await;
    let (acme, bell) = (h.tenant("acme").await, h.tenant("bell").await);
    let paused = async |tenant, kind| of(&h, tenant, kind).await.paused;
    let target = PauseTarget { tenant: Some(acme.slug.clone()), kind: Some(KIND.into()) };
    h.engine.pause(&target).await.unwrap();
    assert!(paused(Some(&acme), KIND).await && !paused(Some(&acme), OTHER_KIND).await);
    assert!(!paused(Some(&bell), KIND).await && !paused(None, KIND).await);
    assert_eq!(h.engine.queue_stats(None).await.unwrap().pauses[0].target, target);
    assert!(h.engine.queue_stats(Some(&bell)).await.unwrap().pauses.is_empty());
    h.engine.pause(&PauseTarget::default()).await.unwrap();
    assert!(paused(Some(&bell), OTHER_KIND).await && paused(None, KIND).await);
}
