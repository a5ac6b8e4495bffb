//! Tenants and keys.

use esteira_engine::artifact::NewFile;
use esteira_engine::tenant::{AccessError, CreateError, LimitsChange, RemoveError, Scope, TenantState};

use crate::harness::{Harness, submission};

#[tokio::test]
async fn a_tenant_owns_a_schema_by_a_role_of_its_own() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let owner: String = sqlx::query_scalar(
        "select pg_get_userbyid(nspowner)::text from pg_namespace where nspname = 'tenant_acme_schema'",
    )
    .fetch_one(&h.pool)
    .await
    .unwrap();
    assert_eq!(owner, acme.role);
    let strangers = h
        .count(
            "select count(*) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
             where n.nspname = 'tenant_acme_schema' and c.relowner <> n.nspowner",
        )
        .await;
    assert_eq!(strangers, 0);
    let again = h.engine.create_tenant(&acme.slug, &LimitsChange::default()).await;
    assert!(matches!(again, Err(CreateError::Exists(_))));
}

#[tokio::test]
async fn limits_given_at_the_start_hold_and_can_be_changed_one_by_one() {
    let h = Harness::new().await;
    let limits = LimitsChange { max_running: Some(Some(3)), weight: Some(2.0), ..LimitsChange::default() };
    let acme = h.tenant_with("acme", limits).await;
    assert_eq!(
        (acme.limits.max_running, acme.limits.weight, acme.state),
        (Some(3), 2.0, TenantState::Active)
    );
    let lifted = LimitsChange { max_running: Some(None), ..LimitsChange::default() };
    let acme = h.engine.change_limits(&acme.slug, &lifted).await.unwrap().unwrap();
    assert_eq!((acme.limits.max_running, acme.limits.weight), (None, 2.0));
}

#[tokio::test]
async fn a_key_opens_until_it_is_revoked_or_expires_and_its_text_is_nowhere() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let key = h.engine.create_key(Some(&acme), "app", &[Scope::JobsRead], None).await.unwrap();
    assert!(key.text.starts_with("est_") && key.text.len() >= 47);
    let caller = h.engine.authenticate(&key.text).await.unwrap();
    assert_eq!(caller.tenant.as_ref().map(|t| t.id), Some(acme.id));
    assert!(caller.may(Scope::JobsRead) && !caller.may(Scope::JobsWrite));
    let kept: String = sqlx::query_scalar("select string_agg(k::text, '') from esteira.api_keys as k")
        .fetch_one(&h.pool)
        .await
        .unwrap();
    assert!(!kept.contains(&key.text));

    assert!(h.engine.revoke_key(&acme, key.key.id).await.unwrap());
    assert!(matches!(h.engine.authenticate(&key.text).await, Err(AccessError::Refused)));
    assert!(matches!(h.engine.authenticate("est_wrong").await, Err(AccessError::Refused)));

    let past = "2020-01-01T00:00:00Z".parse().unwrap();
    let old = h.engine.create_key(Some(&acme), "old", &[Scope::JobsRead], Some(past)).await.unwrap();
    assert!(matches!(h.engine.authenticate(&old.text).await, Err(AccessError::Refused)));
}

#[tokio::test]
async fn a_key_can_only_be_revoked_by_its_own_tenant() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    let key = h.engine.create_key(Some(&acme), "app", &[Scope::JobsRead], None).await.unwrap();
    assert!(!h.engine.revoke_key(&other, key.key.id).await.unwrap());
    assert!(h.engine.authenticate(&key.text).await.is_ok());
}

#[tokio::test]
async fn a_removed_tenant_leaves_nothing_behind_and_its_name_is_free() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    let key = h.engine.create_key(Some(&acme), "app", &Scope::ALL, None).await.unwrap();
    for tenant in [&acme, &other] {
        h.submit(tenant).await;
        let file = NewFile { file_name: "a.txt".into(), media_type: None, limit: 100 };
        h.engine.put_file(tenant, &file, &b"hello"[..]).await.unwrap();
    }
    h.engine.remove_tenant(&acme.slug).await.unwrap();
    assert!(matches!(h.engine.remove_tenant(&acme.slug).await, Err(RemoveError::Unknown(_))));
    assert!(matches!(h.engine.authenticate(&key.text).await, Err(AccessError::Refused)));
    for (what, left) in [
        ("queue rows", h.count("select count(*) from esteira.queue").await),
        (
            "schemas",
            h.count("select count(*) from pg_namespace where nspname like 'tenant\\_%\\_schema'").await,
        ),
        ("tenants", h.count("select count(*) from esteira.tenants").await),
    ] {
        assert_eq!(left, 1, "{what}: only the other tenant's is left");
    }
    assert_eq!(h.store.delete_prefix(&format!("tenants/{}/", acme.id)).await.unwrap(), 0);
    assert_eq!(h.store.delete_prefix(&format!("tenants/{}/", other.id)).await.unwrap(), 1);
    let again = h.tenant("acme").await;
    assert_ne!(again.id, acme.id);
    assert!(h.engine.jobs(&again, &Default::default(), None, 10).await.unwrap().items.is_empty());
    h.engine.submit(&again, &submission()).await.unwrap();
}

#[tokio::test]
async fn a_full_storage_limit_refuses_the_next_file() {
    let h = Harness::new().await;
    let limits = LimitsChange { max_storage_bytes: Some(Some(8)), ..LimitsChange::default() };
    let acme = h.tenant_with("acme", limits).await;
    let file = NewFile { file_name: "a.txt".into(), media_type: None, limit: 100 };
    h.engine.put_file(&acme, &file, &b"hello"[..]).await.unwrap();
    let refused = h.engine.put_file(&acme, &file, &b"world"[..]).await;
    assert!(matches!(refused, Err(esteira_engine::artifact::UploadError::QuotaReached { limit: 8 })));
}
