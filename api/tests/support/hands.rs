//! A worker by hand: what it claims, tells and settles is the test's to say.

use std::time::Duration;

use esteira_engine::Engine;
use esteira_engine::child::protocol::{LogLevel, Progress};
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::id::WorkerId;
use esteira_engine::job::Decision;
use esteira_engine::queue::{self, Lease, LogLine, News, Outcome, Reported};
use esteira_engine::tenant::Tenant;
use serde_json::json;

use super::{Esteira, KIND};

/// A worker of another process.
pub struct Hands {
    engine: Engine,
    db: Db,
    worker: WorkerId,
}

impl Hands {
    pub async fn of(esteira: &Esteira) -> Self {
        let db = Db::open(&DatabaseOptions::new(&esteira.database.url)).unwrap();
        let worker = WorkerId::new();
        queue::register(&db, worker, "test", &json!({}), Duration::from_secs(60)).await.unwrap();
        Self { engine: esteira.another_engine().await, db, worker }
    }

    /// So many jobs, which must be there.
    pub async fn claim(&self, jobs: usize) -> Vec<Lease> {
        let short = Duration::from_millis(1);
        let mut claimed = Vec::new();
        while claimed.len() < jobs {
            let more = queue::claim(&self.db, self.worker, KIND, jobs - claimed.len(), short).await.unwrap();
            assert!(!more.is_empty(), "{} of {jobs} are there", claimed.len());
            claimed.extend(more);
        }
        claimed
    }

    /// Says a sentence and then how far the job is: reports `number` and the next.
    pub async fn report(&self, tenant: &Tenant, lease: &Lease, number: i32, fraction: f64) {
        let after_ms = i64::from(number);
        let log =
            vec![LogLine { number, after_ms, level: LogLevel::Warn, message: format!("line {number}") }];
        let progress = Progress { fraction, stage: "echo".to_owned(), message: "on and on".to_owned() };
        let progress = Some(Reported { number: number + 1, after_ms, progress });
        self.engine.report(tenant, lease, &News { log, progress }).await.unwrap();
    }

    pub async fn succeed(&self, tenant: &Tenant, lease: &Lease) {
        let outcome = Outcome { output: Some(json!({})), ..Outcome::new(Decision::Succeed, "succeeded") };
        queue::settle(&self.db, tenant, lease, &outcome).await.unwrap();
    }
}
