//! Pausing and resuming.

use std::time::Duration;

use esteira_engine::job::Decision;
use esteira_engine::queue::{self, Lease, PauseError, PauseTarget, Submission};
use esteira_engine::tenant::Tenant;

use crate::harness::{HERE, HOSTILE, Harness, KIND, OTHER_KIND, outcome, submission};

fn target(tenant: Option<&Tenant>, kind: Option<&str>) -> PauseTarget {
    PauseTarget { tenant: tenant.map(|tenant| tenant.slug.clone()), kind: kind.map(str::to_owned) }
}

/// Queues one job for each of two tenants and two kinds.
async fn one_of_each(h: &Harness, tenants: [&Tenant; 2]) {
    for tenant in tenants {
        for kind in [KIND, OTHER_KIND] {
            h.engine.submit(tenant, &Submission { kind: kind.into(), ..submission() }).await.unwrap();
        }
    }
}

/// Claims all that can be claimed: the slugs' first letters and the kinds, in order.
async fn claimed(h: &Harness, tenants: [&Tenant; 2]) -> Vec<(String, &'static str)> {
    let worker = h.worker().await;
    let mut found = Vec::new();
    for kind in [KIND, OTHER_KIND] {
        let leases: Vec<Lease> = queue::claim(&h.db, worker, kind, 10, Duration::from_secs(1)).await.unwrap();
        for lease in leases {
            let tenant = tenants.into_iter().find(|tenant| tenant.id == lease.tenant).unwrap();
            queue::settle(&h.db, tenant, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
            found.push((tenant.slug.to_string(), kind));
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn what_is_paused_is_not_claimed_others_are_and_a_resume_brings_it_back() {
    let h = Harness::new().await;
    let (acme, bell) = (h.tenant("acme").await, h.tenant("bell").await);
    let pair = |slug: &str, kind| (slug.to_owned(), kind);
    let all = [pair("acme", KIND), pair("acme", OTHER_KIND), pair("bell", KIND), pair("bell", OTHER_KIND)];
    for (paused, kept_back) in [
        (target(None, Some(KIND)), vec![0, 2]),
        (target(Some(&acme), None), vec![0, 1]),
        (target(Some(&acme), Some(KIND)), vec![0]),
        (target(None, None), vec![0, 1, 2, 3]),
    ] {
        one_of_each(&h, [&acme, &bell]).await;
        h.engine.pause(&paused).await.unwrap();
        let (back, through): (Vec<_>, Vec<_>) =
            all.iter().cloned().enumerate().partition(|(n, _)| kept_back.contains(n));
        let pairs = |list: Vec<(usize, (String, &'static str))>| -> Vec<_> {
            list.into_iter().map(|(_, pair)| pair).collect()
        };
        assert_eq!(claimed(&h, [&acme, &bell]).await, pairs(through), "while {paused:?} is paused");
        assert!(h.engine.resume(&paused).await.unwrap().resumed);
        assert_eq!(claimed(&h, [&acme, &bell]).await, pairs(back), "after {paused:?} is resumed");
    }
    assert_eq!(h.count("select count(*) from esteira.queue").await, 0);
}

#[tokio::test]
async fn pausing_twice_is_one_pause_and_resuming_twice_is_harmless() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    for paused in [
        target(None, None),
        target(None, Some(KIND)),
        target(Some(&acme), None),
        target(Some(&acme), Some(KIND)),
    ] {
        let first = h.engine.pause(&paused).await.unwrap();
        assert_eq!(h.engine.pause(&paused).await.unwrap(), first, "the first instant stays");
        assert_eq!(h.count("select count(*) from esteira.pauses").await, 1);
        assert!(h.engine.resume(&paused).await.unwrap().resumed);
        assert!(!h.engine.resume(&paused).await.unwrap().resumed);
    }
}

#[tokio::test]
async fn a_resume_names_the_wider_pauses_that_stay() {
    let h = Harness::new().await;
    let (acme, bell) = (h.tenant("acme").await, h.tenant("bell").await);
    let narrow = target(Some(&acme), Some(KIND));
    let wider = [target(None, None), target(None, Some(KIND)), target(Some(&acme), None)];
    for paused in
        wider.iter().chain([&narrow, &target(Some(&bell), None), &target(Some(&acme), Some(OTHER_KIND))])
    {
        h.engine.pause(paused).await.unwrap();
    }
    let resumed = h.engine.resume(&narrow).await.unwrap();
    let named: Vec<_> = resumed.still_paused_by.into_iter().map(|pause| pause.target).collect();
    assert_eq!(named, wider);
}

#[tokio::test]
async fn a_resume_tells_the_workers_of_the_kinds_that_it_brings_back() {
    let h = Harness::new().await;
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let mut listener = sqlx::postgres::PgListener::connect(&h.database.url).await.unwrap();
    listener.listen("esteira").await.unwrap();
    tokio::spawn(async move {
        while let Ok(notification) = listener.recv().await {
            let _nobody_left = sender.send(notification.payload().to_owned());
        }
    });
    for kinds in [vec![KIND], vec![KIND, OTHER_KIND, HOSTILE, HERE]] {
        let paused = target(None, (kinds.len() == 1).then_some(KIND));
        h.engine.pause(&paused).await.unwrap();
        h.engine.resume(&paused).await.unwrap();
        let mut told = Vec::new();
        for _ in &kinds {
            // Each begins with the process that it comes from.
            let text: String = heard.recv().await.unwrap();
            told.push(text.split_once(' ').unwrap().1.to_owned());
        }
        for kind in kinds {
            assert!(told.contains(&format!("q:{kind}")), "{told:?}");
        }
    }
}

#[tokio::test]
async fn a_tenant_comes_back_from_a_pause_without_credit_for_it() {
    let h = Harness::new().await;
    let (acme, bell) = (h.tenant("acme").await, h.tenant("bell").await);
    h.flood(&acme, 40).await;
    h.flood(&bell, 40).await;
    let worker = h.worker().await;
    let only_acme = target(Some(&acme), None);
    h.engine.pause(&only_acme).await.unwrap();
    for _ in 0..20 {
        assert_eq!(h.claim_one(worker).await.tenant, bell.id);
    }
    h.engine.resume(&only_acme).await.unwrap();
    let of_acme = h.claim(worker, 20).await.iter().filter(|lease| lease.tenant == acme.id).count();
    assert!((9..=12).contains(&of_acme), "{of_acme} of 20 after the pause");
}

#[tokio::test]
async fn a_tenant_or_a_kind_that_there_is_not_is_refused() {
    let h = Harness::new().await;
    let nobody = PauseTarget { tenant: Some("nobody".parse().unwrap()), kind: None };
    assert!(matches!(h.engine.pause(&nobody).await, Err(PauseError::UnknownTenant(_))));
    assert!(matches!(h.engine.resume(&nobody).await, Err(PauseError::UnknownTenant(_))));
    for kind in ["no.such", "no\0"] {
        let unknown = target(None, Some(kind));
        assert!(matches!(h.engine.pause(&unknown).await, Err(PauseError::UnknownKind(_))));
        assert!(matches!(h.engine.resume(&unknown).await, Err(PauseError::UnknownKind(_))));
    }
    assert_eq!(h.count("select count(*) from esteira.pauses").await, 0);
}

#[tokio::test]
async fn a_pause_that_outlived_its_kind_can_be_taken_away() {
    let h = Harness::new().await;
    sqlx::query("insert into esteira.pauses (kind) values ('retired.kind')").execute(&h.pool).await.unwrap();
    assert!(h.engine.resume(&target(None, Some("retired.kind"))).await.unwrap().resumed);
}
