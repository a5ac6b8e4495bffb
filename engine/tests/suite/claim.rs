//! Claiming.

use std::collections::HashSet;
use std::time::Duration;

use esteira_engine::queue::{self, Submission};
use esteira_engine::tenant::LimitsChange;

use crate::harness::{Harness, KIND, OTHER_KIND, submission};

#[tokio::test]
async fn within_a_tenant_priority_goes_first_and_then_the_order_of_submission() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let mut by_priority = Vec::new();
    for priority in [0, 5, 0, -5, 5] {
        by_priority.push(h.engine.submit(&acme, &Submission { priority, ..submission() }).await.unwrap().job);
    }
    let worker = h.worker().await;
    let mut claimed = Vec::new();
    for _ in 0..5 {
        claimed.push(h.claim_one(worker).await.job);
    }
    let expected: Vec<_> = [1, 4, 0, 2, 3].map(|i| by_priority[i]).into();
    assert_eq!(claimed, expected);
}

#[tokio::test]
async fn racing_claimers_never_get_the_same_job() {
    let h = Harness::new().await;
    for slug in ["aa", "bb", "cc"] {
        let tenant = h.tenant(slug).await;
        h.flood(&tenant, 50).await;
    }
    let (one, two) = (h.worker().await, h.worker().await);
    let drain = async |worker| {
        let mut mine = Vec::new();
        loop {
            let leases = h.claim(worker, 7).await;
            if leases.is_empty() {
                return mine;
            }
            mine.extend(leases.into_iter().map(|lease| lease.job));
        }
    };
    let (first, second) = tokio::join!(drain(one), drain(two));
    let distinct: HashSet<_> = first.iter().chain(&second).collect();
    assert_eq!((first.len() + second.len(), distinct.len()), (150, 150));
}

#[tokio::test]
async fn an_input_that_nobody_can_read_keeps_no_other_job_back() {
    let h = Harness::new().await;
    let (acme, bell) = (h.tenant("acme").await, h.tenant("bell").await);
    let (broken, sound) = (h.submit(&acme).await, h.submit(&bell).await);
    // As it could come with an archive, say: Postgres has numbers of any size.
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    sqlx::query("update jobs set input = '{\"n\": 1e400}'").execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    let worker = h.worker().await;
    let claimed =
        queue::claim_with_inputs(&h.db, worker, KIND, 10, Duration::from_secs(1), 1 << 20).await.unwrap();
    let mut inputs: Vec<_> = claimed.into_iter().map(|(lease, input)| (lease.job, input.is_some())).collect();
    inputs.sort();
    assert_eq!(inputs, [(broken, false), (sound, true)]);
}

#[tokio::test]
async fn a_lane_whose_lock_somebody_keeps_holds_up_no_other_and_goes_on_afterwards() {
    let h = Harness::new().await;
    let (acme, bell) = (h.tenant("acme").await, h.tenant("bell").await);
    let worker = h.worker().await;
    // Advisory locks are open to every role of the database.
    let mut stranger = h.pool.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(esteira.lane_lock_key($1, $2))")
        .bind(acme.id.0)
        .bind(KIND)
        .execute(&mut *stranger)
        .await
        .unwrap();
    let (held, free) = (h.submit(&acme).await, h.submit(&bell).await);
    queue::promote(&h.db).await.unwrap();
    let claimed: Vec<_> = h.claim(worker, 10).await.into_iter().map(|lease| lease.job).collect();
    assert_eq!(claimed, [free]);
    stranger.rollback().await.unwrap();
    queue::promote(&h.db).await.unwrap();
    assert_eq!(h.claim_one(worker).await.job, held);
}

#[tokio::test]
async fn a_claim_that_finds_the_only_lane_held_by_another_waits_for_that_one_rather_than_for_a_poll() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let job = h.submit(&acme).await;
    let worker = h.worker().await;
    // Another claim, which takes nothing in the end.
    let mut other = h.pool.begin().await.unwrap();
    sqlx::query("select from esteira.lanes for update").execute(&mut *other).await.unwrap();
    let (claimed, ()) = tokio::join!(h.claim(worker, 1), async {
        h.until_waiting(1).await;
        other.rollback().await.unwrap();
    });
    assert_eq!(claimed.into_iter().map(|lease| lease.job).collect::<Vec<_>>(), [job]);
}

#[tokio::test]
async fn a_claim_takes_only_its_own_kind() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.engine.submit(&acme, &Submission { kind: OTHER_KIND.into(), ..submission() }).await.unwrap();
    let worker = h.worker().await;
    assert!(h.claim(worker, 10).await.is_empty());
    assert_eq!(queue::claim(&h.db, worker, OTHER_KIND, 10, Duration::from_secs(1)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn max_running_is_never_passed_by_racing_claimers_of_two_kinds() {
    let h = Harness::new().await;
    let limits = LimitsChange { max_running: Some(Some(3)), ..LimitsChange::default() };
    let acme = h.tenant_with("acme", limits).await;
    for _ in 0..10 {
        h.submit(&acme).await;
        h.engine.submit(&acme, &Submission { kind: OTHER_KIND.into(), ..submission() }).await.unwrap();
    }
    let workers = [h.worker().await, h.worker().await, h.worker().await, h.worker().await];
    let claims = workers.iter().enumerate().map(|(n, worker)| {
        let kind = if n % 2 == 0 { KIND } else { OTHER_KIND };
        queue::claim(&h.db, *worker, kind, 10, Duration::from_secs(1))
    });
    let claimed: usize = futures::future::join_all(claims).await.into_iter().map(|c| c.unwrap().len()).sum();
    assert!((1..=3).contains(&claimed), "{claimed} run");
    // Whoever lost the race for the tenant's row comes again; together they fill the limit exactly.
    let mut total = claimed;
    for worker in workers {
        total += queue::claim(&h.db, worker, KIND, 10, Duration::from_secs(1)).await.unwrap().len();
    }
    assert_eq!(total, 3);
}

#[tokio::test]
async fn a_lane_that_rests_wakes_with_the_next_job() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = h.worker().await;
    for _ in 0..3 {
        let id = h.submit(&acme).await;
        assert_eq!(h.claim(worker, 10).await[0].job, id);
        assert_eq!(h.count("select count(*) from esteira.lanes where active").await, 0);
    }
}

#[tokio::test]
async fn a_job_submitted_while_its_lane_is_put_to_rest_is_not_forgotten() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = h.worker().await;
    h.submit(&acme).await;
    // A submit that has woken the lane and has not committed yet: its job is not to be seen by the claim.
    let mut open = h.pool.begin().await.unwrap();
    sqlx::query("select esteira.wake_lane($1, $2)")
        .bind(acme.id.0)
        .bind(KIND)
        .execute(&mut *open)
        .await
        .unwrap();
    assert_eq!(h.claim(worker, 10).await.len(), 1);
    assert_eq!(
        h.count("select count(*) from esteira.lanes where active").await,
        1,
        "the lane was put to rest"
    );
    open.rollback().await.unwrap();
    assert!(h.claim(worker, 10).await.is_empty());
    assert_eq!(h.count("select count(*) from esteira.lanes where active").await, 0);
}

#[tokio::test]
async fn a_worker_that_was_given_up_claims_nothing() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.submit(&acme).await;
    let worker = h.worker().await;
    sqlx::query("update esteira.workers set lost_at = now()").execute(&h.pool).await.unwrap();
    assert!(h.claim(worker, 10).await.is_empty());
}
