//! What each test stands on: an engine with a database and a bucket of its own, and a kind that only tests know.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use esteira_embedded::{EmbeddedS3, S3Credentials, TestCluster, TestDatabase};
use esteira_engine::Engine;
use esteira_engine::artifact::{Store, StoreOptions, Unmarked};
use esteira_engine::child::WorkDir;
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::id::{JobId, WorkerId};
use esteira_engine::job::{
    Catalog, CheckedInput, Decision, FileReference, InputError, Kind, KindDefaults, KindError, KindInfo,
    Resources, RetryPolicy,
};
use esteira_engine::migrate::migrate_control;
use esteira_engine::queue::{self, Lease, Outcome, Submission};
use esteira_engine::tenant::{LimitsChange, Tenant};
use esteira_engine::web::WebRules;
use serde_json::{Value, json};
use sqlx::postgres::PgPool;
use tempfile::TempDir;

/// The kind that tests submit.
pub const KIND: &str = "test.noop";
/// Another, for what must not mix.
pub const OTHER_KIND: &str = "test.other";

/// The kind that runs in real children: `examples/hostile.rs`, which takes any input.
pub const HOSTILE: &str = "test.hostile";

/// The kind that runs in the worker.
pub const HERE: &str = "test.here";

/// A kind whose input is `{"n": number, "source"?: file}`.
struct Noop(&'static str);

/// The manual of a kind of tests.
pub fn info(name: &'static str) -> KindInfo {
    KindInfo {
        name,
        title: "Nothing",
        description: "Does nothing.",
        input_schema: json!({"type": "object"}),
        output_schema: json!({"type": "object"}),
        example: json!({"n": 1}),
        settings: json!({}),
        settings_schema: json!({"type": "object"}),
        defaults: KindDefaults {
            max_attempts: 5,
            timeout: Duration::from_secs(60),
            stall: Duration::from_secs(60),
            // Retried at once, so that no test waits for the jitter of a long backoff.
            retry: RetryPolicy { base_ms: 1, cap_ms: 1 },
        },
        resources: Resources {
            memory_bytes: 1 << 30,
            cpu_seconds: 60,
            file_bytes: 1 << 30,
            open_files: 64,
            threads: 8,
            read_only: Vec::new(),
        },
    }
}

impl Kind for Noop {
    fn info(&self) -> KindInfo {
        info(self.0)
    }

    fn check(&self, input: &Value, _: &Value) -> Result<CheckedInput, Vec<InputError>> {
        if self.0 != HOSTILE && !input["n"].is_number() {
            return Err(vec![InputError::new("/n", "must be a number")]);
        }
        let mut checked = CheckedInput::default();
        if let Some(text) = input["source"].as_str() {
            let uri = text.parse().map_err(|e| vec![InputError::new("/source", format!("{e}"))])?;
            checked.files.push(FileReference { pointer: "/source".into(), uri });
        }
        Ok(checked)
    }

    fn check_settings(&self, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn run(&self, input: &Value, _: &Value, _: &mut WorkDir) -> Result<Value, KindError> {
        Ok(input.clone())
    }
}

/// An engine of one test.
pub struct Harness {
    pub engine: Engine,
    pub db: Db,
    pub store: Store,
    /// Under the engine's role, for looking behind the verbs.
    pub pool: PgPool,
    pub database: TestDatabase,
    _objects: TempDir,
    s3: EmbeddedS3,
}

async fn store(endpoint: String) -> Store {
    Store::open(&StoreOptions {
        bucket: "esteira".into(),
        region: "us-east-1".into(),
        endpoint: Some(endpoint),
        public_endpoint: None,
        path_style: true,
        credentials: Some(("test".into(), "testsecret".into())),
        prefix: String::new(),
    })
    .await
}

/// The migrated database that the others are cloned from.
fn template() -> &'static TestDatabase {
    static TEMPLATE: OnceLock<TestDatabase> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let database = TestCluster::shared().create_database(None);
        let url = database.url.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let db = Db::open(&DatabaseOptions::new(url)).unwrap();
                migrate_control(&db).await.unwrap();
                db.close().await;
            });
        })
        .join()
        .unwrap();
        database
    })
}

impl Harness {
    pub async fn new() -> Self {
        Self::with_web(WebRules::default()).await
    }

    /// One whose inputs may name files of the web by these rules.
    pub async fn with_web(rules: WebRules) -> Self {
        let database = TestCluster::shared().create_database(Some(&template().name));
        let objects = TempDir::new().unwrap();
        let credentials = S3Credentials { access_key: "test".into(), secret_key: "testsecret".into() };
        let s3 = EmbeddedS3::start(objects.path(), &credentials, "esteira", "127.0.0.1:0".parse().unwrap())
            .await
            .unwrap();
        let store = store(s3.endpoint()).await;
        let mut options = crate::pooler::options(&database);
        options.max_connections = 8;
        let db = Db::open(&options).unwrap();
        let kinds: [&'static str; 3] = [KIND, OTHER_KIND, HOSTILE];
        let mut kinds: Vec<_> = kinds.map(|name| Box::new(Noop(name)) as Box<dyn Kind>).into();
        kinds.push(Box::new(crate::here::Here::default()));
        let catalog = Catalog::new(kinds, &BTreeMap::new()).unwrap().with_web(rules);
        let pool = PgPool::connect(&database.url).await.unwrap();
        let engine = Engine::new(db.clone(), store.clone(), catalog);
        engine.bind_store(Unmarked::TakeIfEmpty).await.unwrap();
        Self { engine, db, store, pool, database, _objects: objects, s3 }
    }

    /// Where another process finds the bucket.
    pub fn s3_endpoint(&self) -> String {
        self.s3.endpoint()
    }

    /// The same bucket, as another process opens it.
    pub async fn same_bucket(&self) -> Store {
        store(self.s3.endpoint()).await
    }

    pub async fn tenant(&self, slug: &str) -> Tenant {
        self.tenant_with(slug, LimitsChange::default()).await
    }

    pub async fn tenant_with(&self, slug: &str, limits: LimitsChange) -> Tenant {
        self.engine.create_tenant(&slug.parse().unwrap(), &limits).await.unwrap()
    }

    pub async fn submit(&self, tenant: &Tenant) -> JobId {
        self.engine.submit(tenant, &submission()).await.unwrap().job
    }

    /// Puts many jobs of a tenant into the queue by the statement that submit uses.
    pub async fn flood(&self, tenant: &Tenant, jobs: usize) {
        let ids: Vec<JobId> = (0..jobs).map(|_| JobId::new()).collect();
        let schema = tenant.slug.schema();
        let uuids: Vec<_> = ids.iter().map(|id| id.0).collect();
        let mut tx = self.pool.begin().await.unwrap();
        sqlx::query("select set_config('role', $1, true)")
            .bind(&tenant.role)
            .execute(&mut *tx)
            .await
            .unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "insert into {schema}.jobs (id, kind, input, input_bytes, priority, max_attempts, timeout_seconds, run_at)
             select id, $2, '{{\"n\": 1}}', 8, 0, 5, 60, now() from unnest($1::uuid[]) as id"
        )))
        .bind(&uuids)
        .bind(KIND)
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query("select set_config('role', 'none', true)").execute(&mut *tx).await.unwrap();
        sqlx::query("select esteira.enqueue($1, $2, $3, $4, $5, $6, $7)")
            .bind(tenant.id.0)
            .bind(&uuids)
            .bind(vec![KIND.to_owned(); jobs])
            .bind(vec![0_i16; jobs])
            .bind(vec![None::<chrono::DateTime<chrono::Utc>>; jobs])
            .bind(vec![5_i16; jobs])
            .bind(vec![60; jobs])
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// A worker that is registered and beats no more.
    pub async fn worker(&self) -> WorkerId {
        let worker = WorkerId::new();
        queue::register(&self.db, worker, "test", &json!({}), Duration::from_secs(15)).await.unwrap();
        worker
    }

    pub async fn claim(&self, worker: WorkerId, limit: usize) -> Vec<Lease> {
        queue::claim(&self.db, worker, KIND, limit, Duration::from_secs(1)).await.unwrap()
    }

    /// The one job that is there to claim.
    pub async fn claim_one(&self, worker: WorkerId) -> Lease {
        let mut leases = self.claim(worker, 1).await;
        assert_eq!(leases.len(), 1, "nothing to claim");
        leases.remove(0)
    }

    /// As if the worker had not been heard of for longer than its lease.
    pub async fn silence(&self, worker: WorkerId) {
        sqlx::query("update esteira.workers set lease_until = now() - interval '1 second' where id = $1")
            .bind(worker.0)
            .execute(&self.pool)
            .await
            .unwrap();
    }

    /// As if the time of every scheduled job had come.
    pub async fn let_time_come(&self) {
        sqlx::query("update esteira.queue set ready_at = now() where state = 'scheduled'")
            .execute(&self.pool)
            .await
            .unwrap();
    }

    /// Comes back when so many connections wait for others' locks.
    pub async fn until_waiting(&self, connections: i64) {
        let waiting = "select count(*) from pg_stat_activity
                       where datname = current_database() and wait_event_type = 'Lock'";
        let wait = async {
            while self.count(waiting).await < connections {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), wait).await.expect("they wait");
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }
}

pub fn submission() -> Submission {
    Submission { kind: KIND.into(), input: json!({"n": 1}), ..Submission::default() }
}

pub fn outcome(decision: Decision, ended_as: &'static str) -> Outcome {
    let output = (decision == Decision::Succeed).then(|| json!({"done": true}));
    Outcome { output, ..Outcome::new(decision, ended_as) }
}
