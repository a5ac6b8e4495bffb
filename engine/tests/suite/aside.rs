//! Lanes that may not be served are set aside, so that claims need not meet them, and come back.

use std::time::Duration;

use esteira_engine::id::{JobId, TenantId, WorkerId};
use esteira_engine::job::Decision;
use esteira_engine::queue::{self, Lease, PauseTarget};
use esteira_engine::tenant::{LimitsChange, Tenant, TenantState};

use crate::harness::{Harness, KIND, outcome};

/// More than a claim leaves in the line although they are at their `max_running`.
const MANY: usize = 20;

async fn aside(h: &Harness) -> i64 {
    h.count("select count(*) from esteira.lanes where aside and not active").await
}

/// Claims at a time when no claim looks at all lanes.
async fn claim_between_looks(h: &Harness, worker: WorkerId) -> Vec<Lease> {
    sqlx::query("update esteira.virtual_times set looked_at = 'infinity'").execute(&h.pool).await.unwrap();
    queue::claim(&h.db, worker, KIND, 100, Duration::from_secs(1)).await.unwrap()
}

/// Claims as if a second had passed since the last look at all lanes.
async fn claim_and_look(h: &Harness, worker: WorkerId) -> Vec<Lease> {
    sqlx::query("update esteira.virtual_times set looked_at = '-infinity'").execute(&h.pool).await.unwrap();
    queue::claim(&h.db, worker, KIND, 100, Duration::from_secs(1)).await.unwrap()
}

/// Tenants that may run one job at a time, each with one that runs and one that waits.
async fn full(h: &Harness, worker: WorkerId) -> (Vec<Tenant>, Vec<Lease>) {
    let limits = LimitsChange { max_running: Some(Some(1)), ..LimitsChange::default() };
    let mut tenants = Vec::new();
    for number in 0..MANY {
        let tenant = h.tenant_with(&format!("full_{number}"), limits.clone()).await;
        h.submit(&tenant).await;
        h.submit(&tenant).await;
        tenants.push(tenant);
    }
    let leases = h.claim(worker, 100).await;
    assert_eq!(leases.len(), MANY);
    (tenants, leases)
}

fn of<'a>(leases: &'a [Lease], tenant: &Tenant) -> &'a Lease {
    leases.iter().find(|lease| lease.tenant == tenant.id).unwrap()
}

#[tokio::test]
async fn of_many_tenants_at_their_max_running_most_are_out_of_the_way_and_a_settle_brings_one_back() {
    let h = Harness::new().await;
    let worker = h.worker().await;
    let (tenants, leases) = full(&h, worker).await;
    assert!(claim_between_looks(&h, worker).await.is_empty());
    assert_eq!(aside(&h).await, 4, "16 stay in the line");
    let slots: Vec<TenantId> = sqlx::query_scalar("select tenant_id from esteira.lanes where aside")
        .fetch_all(&h.pool)
        .await
        .unwrap()
        .into_iter()
        .map(TenantId)
        .collect();
    let back = tenants.iter().find(|tenant| slots.contains(&tenant.id)).unwrap();
    queue::settle(&h.db, back, of(&leases, back), &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert_eq!(aside(&h).await, 3);
    let next = claim_between_looks(&h, worker).await;
    assert_eq!(next.iter().map(|lease| lease.tenant).collect::<Vec<_>>(), [back.id]);
}

#[tokio::test]
async fn a_lane_whose_return_was_missed_comes_back_with_the_next_look_at_all_lanes() {
    let h = Harness::new().await;
    let worker = h.worker().await;
    let (tenants, leases) = full(&h, worker).await;
    for tenant in &tenants {
        queue::settle(&h.db, tenant, of(&leases, tenant), &outcome(Decision::Succeed, "succeeded"))
            .await
            .unwrap();
    }
    // As if a claim had counted before those settles, and set the lanes aside after them.
    sqlx::query("update esteira.lanes set aside = true, active = false").execute(&h.pool).await.unwrap();
    assert!(claim_between_looks(&h, worker).await.is_empty());
    assert_eq!(claim_and_look(&h, worker).await.len(), MANY);
}

#[tokio::test]
async fn a_submit_to_a_lane_that_is_aside_leaves_it_there_and_its_job_runs_in_its_turn() {
    let h = Harness::new().await;
    let (acme, worker) = (h.tenant("acme").await, h.worker().await);
    let first = h.submit(&acme).await;
    h.engine.set_tenant_state(&acme.slug, TenantState::Suspended).await.unwrap();
    assert!(h.claim(worker, 10).await.is_empty());
    assert_eq!(aside(&h).await, 1);
    // Submits are refused while a tenant is suspended; one may have been under way.
    let second = h.submit(&acme).await;
    assert_eq!(aside(&h).await, 1);
    h.engine.set_tenant_state(&acme.slug, TenantState::Active).await.unwrap();
    let claimed: Vec<JobId> = claim_between_looks(&h, worker).await.into_iter().map(|l| l.job).collect();
    assert_eq!(claimed, [first, second]);
}

#[tokio::test]
async fn a_lane_comes_back_only_when_nothing_holds_its_jobs_back_any_more() {
    let h = Harness::new().await;
    let (acme, worker) = (h.tenant("acme").await, h.worker().await);
    let job = h.submit(&acme).await;
    let all = PauseTarget { tenant: Some(acme.slug.clone()), kind: None };
    let of_kind = PauseTarget { kind: Some(KIND.to_owned()), ..all.clone() };
    h.engine.pause(&all).await.unwrap();
    h.engine.pause(&of_kind).await.unwrap();
    assert!(claim_and_look(&h, worker).await.is_empty());
    h.engine.resume(&all).await.unwrap();
    assert_eq!(aside(&h).await, 1);
    assert!(claim_and_look(&h, worker).await.is_empty());
    h.engine.resume(&of_kind).await.unwrap();
    assert_eq!(aside(&h).await, 0);
    assert_eq!(claim_between_looks(&h, worker).await[0].job, job);
}
