//! How long does a connection live, and for whom?

use std::collections::{BTreeMap, BTreeSet};

use std::time::Duration;

use esteira_engine::Engine;
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::job::Catalog;
use esteira_engine::queue::{self, Submission};
use esteira_engine::tenant::Tenant;
use serde_json::json;

use crate::harness::{HERE, Harness, KIND};
use crate::here::Here;
use crate::worker::Running;

/// A pool of one connection that is to be replaced after so many tenants.
fn pool(h: &Harness, tenants_a_connection: usize) -> Db {
    let mut options = DatabaseOptions::new(&h.database.url);
    options.max_connections = 1;
    options.tenants_a_connection = tenants_a_connection;
    Db::open(&options).unwrap()
}

/// The server's process that does something for a tenant.
async fn process_for(db: &Db, tenant: &Tenant) -> i32 {
    let mut tx = db.begin_as(tenant).await.unwrap();
    let process = sqlx::query_scalar("select pg_backend_pid()").fetch_one(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    process
}

async fn tenants(h: &Harness) -> Vec<Tenant> {
    let mut tenants = Vec::new();
    for number in 0..6 {
        tenants.push(h.tenant(&format!("tenant_{number}")).await);
    }
    tenants
}

#[tokio::test]
async fn a_connection_that_has_been_to_too_many_tenants_is_replaced() {
    let h = Harness::new().await;
    let db = pool(&h, 2);
    let mut seen_by: BTreeMap<i32, BTreeSet<i32>> = BTreeMap::new();
    for tenant in &tenants(&h).await {
        seen_by.entry(process_for(&db, tenant).await).or_default().insert(tenant.id.0);
    }
    // The third tenant is the one too many: it still finds the connection.
    assert!(seen_by.len() > 1, "{seen_by:?}");
    assert!(seen_by.values().all(|tenants| tenants.len() <= 3), "{seen_by:?}");
    db.close().await;
}

#[tokio::test]
async fn a_connection_for_few_tenants_stays() {
    let h = Harness::new().await;
    let db = pool(&h, 6);
    let tenants = tenants(&h).await;
    let mut processes = BTreeSet::new();
    for _ in 0..3 {
        for tenant in &tenants {
            processes.insert(process_for(&db, tenant).await);
        }
    }
    assert_eq!(processes.len(), 1);
    db.close().await;
}

#[tokio::test]
async fn claims_come_back_to_one_session_so_that_no_other_pays_for_their_tenants() {
    let h = Harness::new().await;
    let mut options = DatabaseOptions::new(&h.database.url);
    options.max_connections = 4;
    let db = Db::open(&options).unwrap();
    let worker = h.worker().await;
    // The pool has several to hand out by turns.
    let (one, two, three) = tokio::try_join!(db.begin(), db.begin(), db.begin()).unwrap();
    for open in [one, two, three] {
        open.commit().await.unwrap();
    }
    for tenant in &tenants(&h).await {
        h.submit(tenant).await;
        let claimed = queue::claim(&db, worker, KIND, 1, Duration::from_secs(1)).await.unwrap();
        assert_eq!(claimed.len(), 1);
    }
    let sessions = h
        .count("select count(*) from pg_stat_activity where datname = current_database() and query like 'with claimed%'")
        .await;
    assert_eq!(sessions, 1);
    db.close().await;
}

/// The connections of engines to this database.
async fn connections(h: &Harness) -> BTreeSet<i32> {
    let processes = "select pid from pg_stat_activity where datname = current_database() and application_name = 'esteira'";
    sqlx::query_scalar(processes).fetch_all(&h.pool).await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn a_busy_worker_has_no_more_connections_than_its_pool_and_one_to_listen() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let others = connections(&h).await;
    let db = Db::open(&DatabaseOptions::new(&h.database.url)).unwrap();
    let catalog = Catalog::new(vec![Box::new(Here::default())], &BTreeMap::new()).unwrap();
    let engine = Engine::new(db, h.store.clone(), catalog);
    let wishes = vec![Submission { kind: HERE.into(), input: json!({}), ..Submission::default() }; 300];
    engine.submit_all(&acme, &wishes).await.unwrap();
    let worker =
        Running::start_on(engine, |options| options.slots = BTreeMap::from([(HERE.into(), 50)])).await;
    let mut most = 0;
    while h.count("select count(*) from esteira.queue").await > 0 {
        most = most.max(connections(&h).await.difference(&others).count());
    }
    worker.stop().await;
    assert!((2..=5).contains(&most), "{most} connections");
}
