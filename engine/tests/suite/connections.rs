//! How long does a connection live, and for whom?

use std::collections::{BTreeMap, BTreeSet};

use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::tenant::Tenant;

use crate::harness::Harness;

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
