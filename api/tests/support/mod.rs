//! A whole Esteira for one test: a database of its own, an S3 server of its own, and the API on top.

mod call;
pub mod cognito;
mod hands;
pub mod issuer;
mod kind;
pub mod log;
mod receiver;
mod stream;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::Router;
use esteira_api::{ApiOptions, ApiState, app};
use esteira_embedded::{EmbeddedS3, S3Credentials, TestCluster, TestDatabase};
use esteira_engine::Engine;
use esteira_engine::artifact::{Store, StoreOptions, Unmarked};
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::job::Catalog;
use esteira_engine::tenant::{LimitsChange, Scope, Tenant};

pub use call::{Reply, pointers, request};
pub use hands::Hands;
pub use kind::KIND;
pub use receiver::Receiver;
pub use stream::Stream;

/// A running Esteira without a worker: jobs stay queued until a test cancels them.
pub struct Esteira {
    pub engine: Engine,
    pub state: ApiState,
    pub router: Router,
    pub operator: String,
    pub database: TestDatabase,
    store: EmbeddedS3,
    _folder: tempfile::TempDir,
}

impl Esteira {
    pub async fn start() -> Self {
        Self::with(ApiOptions::default()).await
    }

    pub async fn with(options: ApiOptions) -> Self {
        log::install();
        let database = TestCluster::shared().create_database(Some(template()));
        let folder = tempfile::tempdir().unwrap();
        let credentials = S3Credentials { access_key: "test".into(), secret_key: "test-secret".into() };
        let s3 = EmbeddedS3::start(folder.path(), &credentials, "test", "127.0.0.1:0".parse().unwrap());
        let s3 = s3.await.unwrap();
        let engine = engine(&database.url, &s3.endpoint(), None).await;
        let operator = engine.create_key(None, "operator", &[Scope::Operator], None).await.unwrap().text;
        let state = ApiState::new(engine.clone(), options);
        let router = app(state.clone());
        Self { engine, state, router, operator, database, store: s3, _folder: folder }
    }

    /// The API of another process on the same database.
    pub fn another_process(&self) -> Router {
        app(ApiState::new(self.engine.clone(), ApiOptions::default()))
    }

    /// An engine of another process, with ears of its own.
    pub async fn another_engine(&self) -> Engine {
        engine(&self.database.url, &self.store.endpoint(), None).await
    }

    /// From now on clients are told another address of the object store than the API uses itself; gives that address.
    pub async fn tell_another_store_address(&mut self) -> String {
        let endpoint = self.store.endpoint();
        let public = endpoint.replace("127.0.0.1", "localhost");
        let engine = engine(&self.database.url, &endpoint, Some(public.clone())).await;
        self.router = app(ApiState::new(engine, ApiOptions::default()));
        public
    }

    /// A tenant and a key that may do everything in it.
    pub async fn tenant(&self, slug: &str) -> (Tenant, String) {
        let tenant =
            self.engine.create_tenant(&slug.parse().unwrap(), &LimitsChange::default()).await.unwrap();
        let scopes = [Scope::JobsRead, Scope::JobsWrite, Scope::TenantAdmin];
        let key = self.key(&tenant, &scopes).await;
        (tenant, key)
    }

    pub async fn key(&self, tenant: &Tenant, scopes: &[Scope]) -> String {
        self.engine.create_key(Some(tenant), "test", scopes, None).await.unwrap().text
    }

    /// Runs statements as the superuser, for what only a worker could write.
    pub fn sql(&self, statements: &str) -> String {
        TestCluster::shared().psql(&self.database.superuser_url, statements)
    }
}

async fn engine(database_url: &str, s3_endpoint: &str, public_endpoint: Option<String>) -> Engine {
    let store = Store::open(&StoreOptions {
        bucket: "test".into(),
        region: "us-east-1".into(),
        endpoint: Some(s3_endpoint.into()),
        public_endpoint,
        path_style: true,
        credentials: Some(("test".into(), "test-secret".into())),
        prefix: String::new(),
    })
    .await;
    let db = Db::open(&DatabaseOptions::new(database_url)).unwrap();
    let catalog = Catalog::new(vec![Box::new(kind::Echo)], &BTreeMap::new()).unwrap();
    let engine = Engine::new(db, store, catalog);
    engine.bind_store(Unmarked::TakeIfEmpty).await.unwrap();
    engine
}

/// A migrated database that each test clones.
fn template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let database = TestCluster::shared().create_database(None);
        let url = database.url.clone();
        // A thread of its own, because a test's runtime must not block on another; and its end closes
        // every connection to the template.
        let migrate = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let db = Db::open(&DatabaseOptions::new(&url)).unwrap();
                esteira_engine::migrate::migrate_control(&db).await.unwrap();
                db.close().await;
            });
        };
        std::thread::spawn(migrate).join().unwrap();
        database.name
    })
}
