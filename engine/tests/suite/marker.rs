//! One bucket and prefix belong to one database, and to no other.

use esteira_engine::Engine;
use esteira_engine::artifact::{BindError, NewFile, Store, Unmarked};
use esteira_engine::duty::{RetentionOptions, SweepError, lead, sweep_once};
use esteira_engine::id::WorkerId;
use esteira_engine::tenant::{RemoveError, Tenant};
use std::time::Duration;

use crate::harness::Harness;

/// Another database, on the bucket of `owner`.
async fn stranger_on(owner: &Harness) -> (Harness, Engine, Store) {
    let other = Harness::new().await;
    // Tests clone one migrated database; a database that was migrated by itself has an id of its own.
    sqlx::query("update esteira.identity set id = gen_random_uuid()").execute(&other.pool).await.unwrap();
    let store = owner.same_bucket().await;
    let engine = Engine::new(other.db.clone(), store.clone(), other.engine.catalog().clone());
    (other, engine, store)
}

async fn upload(h: &Harness, tenant: &Tenant) {
    let file = NewFile { file_name: "a.txt".into(), media_type: None, limit: 100 };
    h.engine.put_file(tenant, &file, &b"hello"[..]).await.unwrap();
}

/// Deletes what lies there, which tells how much it was.
async fn count(h: &Harness) -> usize {
    h.store.delete_prefix("tenants/").await.unwrap()
}

#[tokio::test]
async fn another_database_is_refused_by_a_bucket_and_deletes_nothing_there() {
    let owner = Harness::new().await;
    upload(&owner, &owner.tenant("acme").await).await;
    let (other, engine, store) = stranger_on(&owner).await;
    for unmarked in [Unmarked::Refuse, Unmarked::TakeIfEmpty, Unmarked::Take] {
        let refused = engine.bind_store(unmarked).await.unwrap_err();
        assert!(matches!(&refused, BindError::Foreign { .. }), "{refused}");
        assert!(refused.to_string().contains("s3://esteira/esteira.json"), "{refused}");
    }
    assert!(!engine.readiness().await.is_ready());
    // Its tenant has the number of the owner's, and so the same keys.
    let twin = other.tenant("twin").await;
    let refused = engine.remove_tenant(&twin.slug).await;
    assert!(matches!(refused, Err(RemoveError::Bucket(_))), "{refused:?}");
    let lease = Duration::from_secs(60);
    let leadership = lead(&other.db, "retention", WorkerId::new(), lease).await.unwrap().unwrap();
    let refused = sweep_once(&other.db, &store, &RetentionOptions::default(), &leadership).await;
    assert!(matches!(refused, Err(SweepError::Bucket(_))), "{refused:?}");
    assert_eq!(count(&owner).await, 1);
}

#[tokio::test]
async fn objects_without_a_marker_are_taken_only_by_an_operators_word() {
    let h = Harness::new().await;
    upload(&h, &h.tenant("acme").await).await;
    h.store.delete(&["esteira.json".to_owned()]).await.unwrap();
    let store = h.same_bucket().await;
    let refused = store.bind(&h.db, Unmarked::TakeIfEmpty).await;
    assert!(matches!(refused, Err(BindError::Occupied { .. })), "{refused:?}");
    store.bind(&h.db, Unmarked::Take).await.unwrap();
    let (_other, engine, _) = stranger_on(&h).await;
    assert!(matches!(engine.bind_store(Unmarked::Take).await, Err(BindError::Foreign { .. })));
    assert_eq!(count(&h).await, 1);
}

#[tokio::test]
async fn a_bucket_that_nobody_has_taken_is_not_used_by_a_role() {
    let h = Harness::new().await;
    h.store.delete(&["esteira.json".to_owned()]).await.unwrap();
    let refused = h.same_bucket().await.bind(&h.db, Unmarked::Refuse).await;
    assert!(matches!(refused, Err(BindError::Unmarked { .. })), "{refused:?}");
}
