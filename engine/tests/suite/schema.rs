//! The shape that the migrations give a database.

use esteira_engine::migrate::{MigrateError, migrate_control};

use crate::harness::Harness;

#[tokio::test]
async fn migrating_twice_is_harmless() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let version = migrate_control(&h.db).await.unwrap();
    assert_eq!(migrate_control(&h.db).await.unwrap(), version);
    assert!(h.engine.migrate().await.unwrap().is_empty());
    let again = h.engine.tenant("acme").await.unwrap().unwrap();
    assert_eq!(again.schema_version, acme.schema_version);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let h = Harness::new().await;
    sqlx::query("insert into esteira.migrations (version, name, checksum) values (9999, 'future', '')")
        .execute(&h.pool)
        .await
        .unwrap();
    assert!(matches!(migrate_control(&h.db).await, Err(MigrateError::Newer { found: 9999, .. })));
}

#[tokio::test]
async fn a_migration_that_was_edited_afterwards_is_refused() {
    let h = Harness::new().await;
    sqlx::query("update esteira.migrations set checksum = '' where version = 1")
        .execute(&h.pool)
        .await
        .unwrap();
    assert!(matches!(migrate_control(&h.db).await, Err(MigrateError::Edited(1))));
}

#[tokio::test]
async fn a_migrated_tenant_has_few_tables() {
    let h = Harness::new().await;
    h.tenant("acme").await;
    let tables = h
        .count(
            "select count(*) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
             where n.nspname = 'tenant_acme_schema' and c.relkind = 'r'",
        )
        .await;
    assert!(tables <= 8, "{tables} tables");
}
