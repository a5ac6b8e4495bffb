//! Whose turn it is.

use std::collections::HashMap;
use std::time::Duration;

use esteira_engine::id::TenantId;
use esteira_engine::job::{Decision, JobState};
use esteira_engine::queue::{self, Lease};
use esteira_engine::tenant::{LimitsChange, Tenant, TenantState};

use crate::harness::{Harness, outcome};

/// Runs `slots` at a time for `rounds`, every job taking as long as `seconds` says of its tenant; gives the
/// processing seconds of each.
async fn simulate(h: &Harness, tenants: &[(Tenant, f64)], rounds: usize) -> HashMap<TenantId, f64> {
    let worker = h.worker().await;
    let mut used = HashMap::new();
    for _ in 0..rounds {
        let lease = h.claim_one(worker).await;
        let (tenant, seconds) = tenants.iter().find(|(tenant, _)| tenant.id == lease.tenant).unwrap();
        started(h, &lease, *seconds).await;
        queue::settle(&h.db, tenant, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
        *used.entry(tenant.id).or_insert(0.0) += seconds;
    }
    used
}

/// Makes a running job one that has run for so long.
async fn started(h: &Harness, lease: &Lease, seconds_ago: f64) {
    sqlx::query("update esteira.queue set started_at = now() - make_interval(secs => $2) where job_id = $1")
        .bind(lease.job.0)
        .bind(seconds_ago)
        .execute(&h.pool)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_newcomer_starts_at_the_next_slot_while_another_floods() {
    let h = Harness::new().await;
    let (flood, small) = (h.tenant("flood").await, h.tenant("small").await);
    h.flood(&flood, 5_000).await;
    let tenants = [(flood.clone(), 1.0)];
    simulate(&h, &tenants, 20).await;
    let newcomer = h.submit(&small).await;
    let worker = h.worker().await;
    assert_eq!(h.claim_one(worker).await.job, newcomer);
}

#[tokio::test]
async fn one_tenants_flood_of_due_jobs_does_not_hold_up_another_tenants_due_job() {
    let h = Harness::new().await;
    let (flood, small) = (h.tenant("flood").await, h.tenant("small").await);
    h.flood(&flood, 2_000).await;
    let late = h.submit(&small).await;
    sqlx::query(
        "update esteira.queue set state = 'scheduled',
                ready_at = case when job_id = $1 then now() else now() - interval '1 minute' end",
    )
    .bind(late.0)
    .execute(&h.pool)
    .await
    .unwrap();
    assert!(queue::promote(&h.db).await.unwrap().more);
    assert_eq!(h.engine.job(&small, late).await.unwrap().unwrap().state, JobState::Queued);
    while queue::promote(&h.db).await.unwrap().more {}
    assert_eq!(h.count("select count(*) from esteira.queue where state = 'scheduled'").await, 0);
}

#[tokio::test]
async fn seconds_are_shared_and_not_jobs() {
    let h = Harness::new().await;
    let (long, short) = (h.tenant("long").await, h.tenant("short").await);
    h.flood(&long, 300).await;
    h.flood(&short, 300).await;
    let used = simulate(&h, &[(long.clone(), 10.0), (short.clone(), 1.0)], 110).await;
    let ratio = used[&long.id] / used[&short.id];
    assert!((0.8..1.25).contains(&ratio), "{used:?}");
}

#[tokio::test]
async fn a_weight_of_two_gets_twice_the_seconds() {
    let h = Harness::new().await;
    let double = LimitsChange { weight: Some(2.0), ..LimitsChange::default() };
    let (heavy, light) = (h.tenant_with("heavy", double).await, h.tenant("light").await);
    h.flood(&heavy, 300).await;
    h.flood(&light, 300).await;
    let used = simulate(&h, &[(heavy.clone(), 1.0), (light.clone(), 1.0)], 90).await;
    assert!((used[&heavy.id] / used[&light.id] - 2.0).abs() < 0.15, "{used:?}");
}

#[tokio::test]
async fn an_idle_tenant_saves_up_no_credit() {
    let h = Harness::new().await;
    let (busy, idle) = (h.tenant("busy").await, h.tenant("idle").await);
    h.flood(&busy, 300).await;
    simulate(&h, &[(busy.clone(), 1.0)], 100).await;
    h.flood(&idle, 300).await;
    let used = simulate(&h, &[(busy.clone(), 1.0), (idle.clone(), 1.0)], 40).await;
    assert!((used[&busy.id] - used[&idle.id]).abs() <= 2.0, "{used:?}");
}

#[tokio::test]
async fn time_that_nobody_else_wanted_is_no_debt() {
    let h = Harness::new().await;
    let (early, late) = (h.tenant("early").await, h.tenant("late").await);
    h.flood(&early, 50).await;
    let worker = h.worker().await;
    let mut alone = Vec::new();
    for _ in 0..4 {
        alone.push(h.claim_one(worker).await);
    }
    h.flood(&late, 50).await;
    for lease in &alone {
        started(&h, lease, 100.0).await;
        queue::settle(&h.db, &early, lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    }
    let used = simulate(&h, &[(early.clone(), 1.0), (late.clone(), 1.0)], 20).await;
    let seconds = |tenant: &Tenant| used.get(&tenant.id).copied().unwrap_or(0.0);
    assert!((seconds(&early) - seconds(&late)).abs() <= 4.0, "{used:?}");
}

#[tokio::test]
async fn a_job_that_outruns_its_estimate_is_charged_while_it_runs() {
    let h = Harness::new().await;
    let (long, short) = (h.tenant("long").await, h.tenant("short").await);
    h.flood(&long, 50).await;
    h.flood(&short, 50).await;
    let worker = h.worker().await;
    let lease = loop {
        let lease = h.claim_one(worker).await;
        if lease.tenant == long.id {
            break lease;
        }
    };
    started(&h, &lease, 100.0).await;
    queue::charge_overruns(&h.db, worker, &[lease.job]).await.unwrap();
    let used = simulate(&h, &[(long.clone(), 1.0), (short.clone(), 1.0)], 20).await;
    assert_eq!(used.get(&long.id), None, "{used:?}");
    let served = || async {
        let sql = "select served from esteira.lanes where tenant_id = $1";
        sqlx::query_scalar::<_, f64>(sql).bind(long.id.0).fetch_one(&h.pool).await.unwrap()
    };
    let charged = served().await;
    assert!(charged > 190.0, "{charged}");
    queue::settle(&h.db, &long, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    let settled = served().await;
    assert!((90.0..110.0).contains(&settled), "{settled}");
}

#[tokio::test]
async fn short_jobs_are_claimed_several_at_a_time_from_one_lane() {
    let h = Harness::new().await;
    let (one, two) = (h.tenant("one").await, h.tenant("two").await);
    h.flood(&one, 100).await;
    h.flood(&two, 100).await;
    let worker = h.worker().await;
    let leases =
        queue::claim(&h.db, worker, crate::harness::KIND, 40, Duration::from_millis(5)).await.unwrap();
    let of_one = leases.iter().filter(|lease| lease.tenant == one.id).count();
    assert_eq!((leases.len(), of_one), (40, 20));
}

#[tokio::test]
async fn a_tenant_at_its_cap_keeps_no_slot_from_the_others() {
    let h = Harness::new().await;
    let capped = LimitsChange { max_running: Some(Some(1)), ..LimitsChange::default() };
    let (capped, free) = (h.tenant_with("capped", capped).await, h.tenant("free").await);
    h.flood(&capped, 10).await;
    h.flood(&free, 10).await;
    let worker = h.worker().await;
    let mut claimed = Vec::new();
    for _ in 0..5 {
        claimed.push(h.claim_one(worker).await.tenant);
    }
    assert_eq!(claimed.iter().filter(|tenant| **tenant == capped.id).count(), 1, "{claimed:?}");
}

#[tokio::test]
async fn an_emptied_lane_costs_the_next_claim_nothing() {
    let h = Harness::new().await;
    let (one, many) = (h.tenant("one").await, h.tenant("many").await);
    h.flood(&many, 10).await;
    let worker = h.worker().await;
    h.claim_one(worker).await;
    h.flood(&one, 1).await;
    for _ in 0..9 {
        h.claim_one(worker).await;
    }
}

#[tokio::test]
async fn a_suspended_tenant_neither_freezes_the_turns_of_others_nor_saves_up_credit() {
    let h = Harness::new().await;
    let (asleep, busy, late) = (h.tenant("asleep").await, h.tenant("busy").await, h.tenant("late").await);
    h.flood(&asleep, 200).await;
    h.engine.set_tenant_state(&asleep.slug, TenantState::Suspended).await.unwrap();
    h.flood(&busy, 300).await;
    simulate(&h, &[(busy.clone(), 1.0)], 100).await;
    h.flood(&late, 200).await;
    let used = simulate(&h, &[(busy.clone(), 1.0), (late.clone(), 1.0)], 40).await;
    assert!((used[&busy.id] - used[&late.id]).abs() <= 2.0, "a newcomer won over everybody: {used:?}");
    h.engine.set_tenant_state(&asleep.slug, TenantState::Active).await.unwrap();
    let tenants = [(busy.clone(), 1.0), (late.clone(), 1.0), (asleep.clone(), 1.0)];
    let used = simulate(&h, &tenants, 60).await;
    assert!((used[&asleep.id] - 20.0).abs() <= 2.0, "{used:?}");
}
