//! What a process remembers of its callers, and that a change ends it.

use std::time::Duration;

use esteira_engine::Engine;
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::tenant::{AccessError, LimitsChange, NewKey, Scope, Tenant, TenantState};

use crate::harness::Harness;

/// Longer than any test.
const AGE: Duration = Duration::from_secs(3600);

async fn key(h: &Harness, tenant: &Tenant) -> NewKey {
    h.engine.create_key(Some(tenant), "app", &Scope::ALL, None).await.unwrap()
}

/// Another process on the same database.
async fn another_process(h: &Harness, options: DatabaseOptions) -> Engine {
    Engine::new(Db::open(&options).unwrap(), h.same_bucket().await, h.engine.catalog().clone())
}

async fn knows(engine: &Engine, key: &NewKey, age: Duration) -> bool {
    match engine.caller(&key.text, age).await {
        Ok(_) => true,
        Err(AccessError::Refused) => false,
        Err(error) => panic!("{error}"),
    }
}

/// Comes back when the key works no more for who is asked.
async fn until_refused(engine: &Engine, key: &NewKey, age: Duration) {
    let wait = async {
        while knows(engine, key, age).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("it hears of it");
}

#[tokio::test]
async fn whatever_a_process_changes_counts_for_its_next_request() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let key = key(&h, &acme).await;
    let tenant = async || h.engine.caller(&key.text, AGE).await.unwrap().tenant.unwrap();
    assert_eq!(tenant().await.state, TenantState::Active);
    h.engine.set_tenant_state(&acme.slug, TenantState::Suspended).await.unwrap();
    assert_eq!(tenant().await.state, TenantState::Suspended);
    assert_eq!(h.engine.known_tenant("acme", AGE).await.unwrap().unwrap().state, TenantState::Suspended);
    let limits = LimitsChange { requests_per_minute: Some(Some(7)), ..LimitsChange::default() };
    h.engine.change_limits(&acme.slug, &limits).await.unwrap();
    assert_eq!(tenant().await.limits.requests_per_minute, Some(7));
    assert!(h.engine.revoke_key(&acme, key.key.id).await.unwrap());
    assert!(!knows(&h.engine, &key, AGE).await);
    let operators = [
        h.engine.create_key(None, "one", &[Scope::Operator], None).await.unwrap(),
        h.engine.create_key(None, "other", &[Scope::Operator], None).await.unwrap(),
    ];
    assert!(knows(&h.engine, &operators[0], AGE).await);
    h.engine.revoke_operator_key(operators[0].key.id).await.unwrap();
    assert!(!knows(&h.engine, &operators[0], AGE).await);
    h.engine.remove_tenant(&acme.slug).await.unwrap();
    assert!(h.engine.known_tenant("acme", AGE).await.unwrap().is_none());
}

#[tokio::test]
async fn a_key_that_one_process_revokes_is_forgotten_by_the_others() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let key = key(&h, &acme).await;
    let other = another_process(&h, DatabaseOptions::new(&h.database.url)).await;
    assert!(knows(&other, &key, AGE).await);
    assert!(h.engine.revoke_key(&acme, key.key.id).await.unwrap());
    until_refused(&other, &key, AGE).await;
}

#[tokio::test]
async fn a_row_that_is_changed_by_hand_is_heard_of_like_any() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    let (ended, gone) = (key(&h, &acme).await, key(&h, &other).await);
    assert!(knows(&h.engine, &ended, AGE).await && knows(&h.engine, &gone, AGE).await);
    for by_hand in [
        "update esteira.api_keys set expires_at = now() where tenant_id = (select min(id) from esteira.tenants)",
        "delete from esteira.api_keys where tenant_id = (select max(id) from esteira.tenants)",
    ] {
        sqlx::query(by_hand).execute(&h.pool).await.unwrap();
    }
    until_refused(&h.engine, &ended, AGE).await;
    until_refused(&h.engine, &gone, AGE).await;
}

#[tokio::test]
async fn a_process_that_hears_nothing_goes_by_what_it_knows_no_longer_than_it_may() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let key = key(&h, &acme).await;
    // There is no server to listen at.
    let mut deaf = DatabaseOptions::new(&h.database.url);
    deaf.direct_url = Some("postgres://nobody@127.0.0.1:1/nothing".into());
    let deaf = another_process(&h, deaf).await;
    assert!(knows(&deaf, &key, AGE).await);
    assert!(h.engine.revoke_key(&acme, key.key.id).await.unwrap());
    assert!(knows(&deaf, &key, AGE).await, "nobody told it");
    until_refused(&deaf, &key, Duration::from_millis(200)).await;
    assert!(!knows(&deaf, &key, Duration::ZERO).await);
}
