//! The shape that the migrations give a database.

use esteira_embedded::TestCluster;
use esteira_engine::Engine;
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::migrate::{MigrateError, migrate_control, without_create_role};
use esteira_engine::tenant::{CreateError, LimitsChange};

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

/// The database by a role that owns it and may not create roles.
fn powerless(h: &Harness) -> Db {
    let name = &h.database.name;
    let sql = format!(
        "create role plain_{name} login password 'plain'; grant esteira to plain_{name};
         alter database {name} owner to plain_{name}"
    );
    TestCluster::shared().psql(&h.database.superuser_url, &sql);
    let (_, place) = h.database.url.rsplit_once('@').unwrap();
    Db::open(&DatabaseOptions::new(format!("postgres://plain_{name}:plain@{place}"))).unwrap()
}

#[tokio::test]
async fn a_role_that_may_not_create_roles_is_told_so_before_anything_is_made() {
    let h = Harness::new().await;
    let db = powerless(&h);
    let role = format!("plain_{}", h.database.name);
    assert_eq!(without_create_role(&db).await.unwrap(), Some(role.clone()));
    let refused = migrate_control(&db).await.unwrap_err();
    assert!(matches!(&refused, MigrateError::NoCreateRole(name) if *name == role), "{refused}");
    assert!(refused.to_string().contains(&format!("alter role {role} createrole")), "{refused}");
    let engine = Engine::new(db, h.store.clone(), h.engine.catalog().clone());
    let refused = engine.create_tenant(&"acme".parse().unwrap(), &LimitsChange::default()).await;
    assert!(matches!(refused, Err(CreateError::NoCreateRole(_))), "{refused:?}");
}

#[tokio::test]
async fn a_database_that_is_behind_is_told_to_a_role_with_what_to_do() {
    let h = Harness::new().await;
    h.engine.check_fit().await.unwrap();
    sqlx::query("delete from esteira.migrations where version > 2").execute(&h.pool).await.unwrap();
    let behind = h.engine.check_fit().await.unwrap_err();
    assert!(
        behind.to_string().ends_with("migrations behind this program: run `esteira migrate`"),
        "{behind}"
    );
}

#[tokio::test]
async fn a_database_that_is_away_is_told_once_and_with_its_place() {
    let h = Harness::new().await;
    let db = Db::open(&DatabaseOptions::new("postgres://nobody@127.0.0.1:1/shop")).unwrap();
    let away = Engine::new(db, h.store.clone(), h.engine.catalog().clone()).check_fit().await.unwrap_err();
    assert_eq!(away.to_string(), "failed to look at the database 127.0.0.1:1/shop");
    let cause = std::error::Error::source(&away).unwrap();
    assert_eq!(cause.to_string(), "the database cannot be reached");
    let refused = cause.source().unwrap();
    assert!(refused.to_string().contains("refused") && refused.source().is_none(), "{refused}");
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
    // Ten thousand tenants have each of them.
    assert!(tables <= 12, "{tables} tables");
}
