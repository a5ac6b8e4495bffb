//! Tenants on their way to a new version: several at a time, killed, broken, twice at once, and under load.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use esteira_embedded::TestCluster;
use esteira_engine::job::{Decision, JobState};
use esteira_engine::migrate::{MigrateError, Migration, TENANT_MIGRATIONS, newest};
use esteira_engine::queue;
use esteira_engine::tenant::{MigrateOptions, MigrateProgress, migrate_all};
use parking_lot::Mutex;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::task::AbortHandle;

use crate::harness::{Harness, outcome};

/// The tenants' migrations and one more, which adds a column to every table of jobs.
pub fn with_one_more() -> MigrateOptions {
    with("alter table jobs add column extra text")
}

fn with(sql: &'static str) -> MigrateOptions {
    let mut migrations = TENANT_MIGRATIONS.clone();
    migrations.push(Migration { version: newest(&migrations) + 1, name: "extra", sql });
    MigrateOptions {
        connections: 3,
        lock_timeout: Duration::from_millis(50),
        migrations: migrations.into(),
        ..MigrateOptions::default()
    }
}

async fn tenants(h: &Harness, count: usize) {
    for number in 0..count {
        h.tenant(&format!("tenant_{number}")).await;
    }
}

/// How many tenants are of the version, and how many have the column: one transaction brings both.
async fn migrated(h: &Harness) -> (i64, i64) {
    // In one statement, and so of one moment: what a killed run has begun may be committed between two.
    sqlx::query_as(
        "select (select count(*) from esteira.tenants where schema_version = $1),
                (select count(*) from pg_attribute as a join pg_class as c on c.oid = a.attrelid
                 join pg_namespace as n on n.oid = c.relnamespace
                 where a.attname = 'extra' and c.relname = 'jobs' and n.nspname like 'tenant\\_%\\_schema')",
    )
    .bind(newest(&TENANT_MIGRATIONS) + 1)
    .fetch_one(&h.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn every_tenant_is_migrated_and_progress_counts_them() {
    let h = Harness::new().await;
    tenants(&h, 7).await;
    let told = Mutex::new(Vec::new());
    let broken = migrate_all(&h.db, &with_one_more(), &|progress| told.lock().push(progress)).await.unwrap();
    assert!(broken.is_empty());
    let expected = (1..=7).map(|migrated| MigrateProgress { total: 7, migrated, set_aside: 0 });
    assert_eq!(told.into_inner(), expected.collect::<Vec<_>>());
    assert_eq!(migrated(&h).await, (7, 7));
}

#[tokio::test]
async fn as_many_tenants_are_migrated_at_once_as_there_are_connections() {
    let h = Harness::new().await;
    tenants(&h, 7).await;
    let mut gate = h.pool.acquire().await.unwrap();
    sqlx::raw_sql("select pg_advisory_lock(4711)").execute(&mut *gate).await.unwrap();
    let mut options =
        with("alter table jobs add column extra text; select pg_catalog.pg_advisory_xact_lock_shared(4711)");
    options.lock_timeout = Duration::from_secs(60);
    let run = migrate_all(&h.db, &options, &|_| {});
    let open_when_all_wait = async {
        h.until_waiting(3).await;
        // Waiting or about to: each session that has got so far.
        let sessions = "select count(*) from pg_stat_activity
                        where datname = current_database() and query like 'alter table jobs add column extra%'";
        assert_eq!(h.count(sessions).await, 3);
        sqlx::raw_sql("select pg_advisory_unlock(4711)").execute(&mut *gate).await.unwrap();
    };
    assert!(tokio::join!(run, open_when_all_wait).0.unwrap().is_empty());
    assert_eq!(migrated(&h).await, (7, 7));
}

#[tokio::test]
async fn a_run_that_is_killed_leaves_whole_tenants_and_the_next_one_goes_on() {
    let h = Harness::new().await;
    tenants(&h, 12).await;
    // The fourth itself kills the run: nothing of it goes on after that moment.
    let killed = Arc::new(OnceLock::<AbortHandle>::new());
    let run = tokio::spawn({
        let (db, killed) = (h.db.clone(), Arc::clone(&killed));
        async move {
            let tell = move |progress: MigrateProgress| {
                if progress.migrated == 4 {
                    killed.get().expect("it was spawned").abort();
                }
            };
            migrate_all(&db, &with_one_more(), &tell).await
        }
    });
    killed.set(run.abort_handle()).unwrap();
    assert!(run.await.unwrap_err().is_cancelled());
    let (versions, columns) = migrated(&h).await;
    assert!((4..12).contains(&versions), "{versions} of 12 are migrated");
    assert_eq!(versions, columns);

    let total = AtomicUsize::new(0);
    let tell = |progress: MigrateProgress| total.store(progress.total, Ordering::Relaxed);
    assert!(migrate_all(&h.db, &with_one_more(), &tell).await.unwrap().is_empty());
    // What was under way at the kill may have been committed since.
    assert!((1..=8).contains(&total.into_inner()));
    assert_eq!(migrated(&h).await, (12, 12));
}

#[tokio::test]
async fn a_broken_tenant_is_set_aside_with_its_error_and_the_others_are_migrated() {
    let h = Harness::new().await;
    tenants(&h, 5).await;
    let in_the_way = "alter table tenant_tenant_2_schema.jobs add column extra text";
    TestCluster::shared().psql(&h.database.superuser_url, in_the_way);
    let last = Mutex::new(MigrateProgress::default());
    let broken = migrate_all(&h.db, &with_one_more(), &|progress| *last.lock() = progress).await.unwrap();
    let [(slug, error)] = &broken[..] else { panic!("one is set aside: {broken:?}") };
    assert_eq!(slug.as_str(), "tenant_2");
    assert!(matches!(error, MigrateError::Failed { name: "extra", .. }), "{error:?}");
    assert_eq!(*last.lock(), MigrateProgress { total: 5, migrated: 4, set_aside: 1 });

    // The next run tries it again, and it alone.
    let mended = "alter table tenant_tenant_2_schema.jobs drop column extra";
    TestCluster::shared().psql(&h.database.superuser_url, mended);
    assert!(
        migrate_all(&h.db, &with_one_more(), &|progress| *last.lock() = progress).await.unwrap().is_empty()
    );
    assert_eq!(*last.lock(), MigrateProgress { total: 1, migrated: 1, set_aside: 0 });
    assert_eq!(migrated(&h).await, (5, 5));
}

#[tokio::test]
async fn two_runs_at_once_share_the_work() {
    let h = Harness::new().await;
    tenants(&h, 12).await;
    let options = with_one_more();
    let (one, other) =
        tokio::join!(migrate_all(&h.db, &options, &|_| {}), migrate_all(&h.db, &options, &|_| {}),);
    // Each migration would fail if it were applied twice.
    assert!(one.unwrap().is_empty() && other.unwrap().is_empty());
    assert_eq!(migrated(&h).await, (12, 12));
}

#[tokio::test]
async fn a_connection_that_is_lost_on_the_way_is_made_anew() {
    let h = Harness::new().await;
    tenants(&h, 6).await;
    let superuser = h.database.superuser_url.clone();
    let told = AtomicUsize::new(0);
    let tell = |_| {
        if told.fetch_add(1, Ordering::Relaxed) == 1 {
            let sql = "select pg_terminate_backend(pid) from pg_stat_activity
                       where datname = current_database() and pid <> pg_backend_pid()";
            TestCluster::shared().psql(&superuser, sql);
        }
    };
    assert!(migrate_all(&h.db, &with_one_more(), &tell).await.unwrap().is_empty());
    assert_eq!(migrated(&h).await, (6, 6));
}

#[tokio::test]
async fn a_tenant_whose_tables_are_in_use_is_tried_again_and_set_aside_in_the_end() {
    let h = Harness::new().await;
    tenants(&h, 2).await;
    let mut reader = PgConnection::connect(&h.database.superuser_url).await.unwrap();
    let mut held = reader.begin().await.unwrap();
    sqlx::raw_sql("select from tenant_tenant_1_schema.jobs").execute(&mut *held).await.unwrap();
    let mut options = with_one_more();
    options.tries = 2;
    let broken = migrate_all(&h.db, &options, &|_| {}).await.unwrap();
    assert_eq!(broken.iter().map(|(slug, _)| slug.as_str()).collect::<Vec<_>>(), ["tenant_1"]);
    assert_eq!(migrated(&h).await, (1, 1));

    options.tries = u32::MAX;
    let run = migrate_all(&h.db, &options, &|_| {});
    let end = async {
        h.until_waiting(1).await;
        held.rollback().await.unwrap();
    };
    assert!(tokio::join!(run, end).0.unwrap().is_empty());
    assert_eq!(migrated(&h).await, (2, 2));
}

#[tokio::test]
async fn jobs_of_old_and_of_migrated_tenants_are_served_meanwhile() {
    let h = Harness::new().await;
    let (old, new) = (h.tenant("old").await, h.tenant("new").await);
    let (queued_before, _) = (h.submit(&new).await, h.submit(&old).await);
    let in_the_way = "alter table tenant_old_schema.jobs add column extra text";
    TestCluster::shared().psql(&h.database.superuser_url, in_the_way);
    assert_eq!(migrate_all(&h.db, &with_one_more(), &|_| {}).await.unwrap().len(), 1);

    // `new` is a version ahead of what this process knows, `old` is not; the tenants as read before still serve.
    let (after_new, after_old) = (h.submit(&new).await, h.submit(&old).await);
    let worker = h.worker().await;
    let leases = h.claim(worker, 10).await;
    assert_eq!(leases.len(), 4);
    for lease in &leases {
        let tenant = if lease.tenant == new.id { &new } else { &old };
        let done = outcome(Decision::Succeed, "succeeded");
        queue::settle(&h.db, tenant, lease, &done).await.unwrap();
    }
    for (tenant, job) in [(&new, queued_before), (&new, after_new), (&old, after_old)] {
        assert_eq!(h.engine.job(tenant, job).await.unwrap().unwrap().state, JobState::Succeeded);
    }
    let sql = format!("select count(*) from {}.jobs where extra is null", new.slug.schema());
    // The superuser looks, since the engine's role has no right to a tenant's rows.
    let mut superuser = PgConnection::connect(&h.database.superuser_url).await.unwrap();
    let kept: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut superuser).await.unwrap();
    assert_eq!(kept, 2);
}
