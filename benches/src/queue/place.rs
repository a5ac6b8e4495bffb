//! Where is the queue measured? In a database of its own on the server of the run, with an S3 of its own.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use clap::Args;
use esteira_embedded::{EmbeddedS3, S3Credentials};
use esteira_engine::Engine;
use esteira_engine::artifact::{Store, StoreOptions};
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::job::{Catalog, Kind};
use esteira_engine::queue::Submission;
use esteira_engine::tenant::{LimitsChange, Tenant};
use esteira_engine::worker::WorkerOptions;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::noop::{NOOP, Noop};

/// Bucket, access key and secret of the S3 server.
const S3: &str = "bench";

/// Where Postgres is.
#[derive(Debug, Args)]
pub struct Server {
    /// A database that is there for this measurement alone
    #[arg(long)]
    pub database_url: String,
    /// The process that started the server; its CPU time is counted with that of its children
    #[arg(long)]
    pub postmaster: u32,
    /// Connections of the engine
    #[arg(long, default_value_t = 4)]
    pub connections: u32,
    /// Tenants after which a connection is replaced; the engine's own default where it is not given
    #[arg(long)]
    pub tenants_a_connection: Option<usize>,
}

impl Server {
    /// Gives the planner what autovacuum would give it some time later, as the peers' measurements do.
    pub async fn analyze(&self) -> Result<()> {
        let status = tokio::process::Command::new("psql")
            .args(["-qX", &self.database_url, "-c", "analyze"])
            .stdin(std::process::Stdio::null())
            .status()
            .await?;
        ensure!(status.success(), "psql could not analyze the database");
        Ok(())
    }
}

/// An engine with nothing in it.
pub struct Place {
    pub engine: Engine,
    pub database_url: String,
    /// The engine's connections, for verbs of the queue that are no caller's.
    pub db: Db,
    dir: TempDir,
    s3: EmbeddedS3,
}

impl Place {
    /// Migrates the database and starts an engine whose jobs do nothing.
    pub async fn open(server: &Server, began: Option<mpsc::UnboundedSender<Instant>>) -> Result<Self> {
        Self::with(server, vec![Box::new(Noop { began })]).await
    }

    /// Migrates the database and starts an engine of these kinds.
    pub async fn with(server: &Server, kinds: Vec<Box<dyn Kind>>) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let credentials = S3Credentials { access_key: S3.to_owned(), secret_key: S3.to_owned() };
        let s3 =
            EmbeddedS3::start(&dir.path().join("s3"), &credentials, S3, ([127, 0, 0, 1], 0).into()).await?;
        let store = Store::open(&StoreOptions {
            bucket: S3.to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: Some(s3.endpoint()),
            public_endpoint: None,
            path_style: true,
            credentials: Some((credentials.access_key, credentials.secret_key)),
            prefix: String::new(),
        })
        .await;
        let mut options = DatabaseOptions::new(&server.database_url);
        options.max_connections = server.connections;
        if let Some(tenants) = server.tenants_a_connection {
            options.tenants_a_connection = tenants;
        }
        let db = Db::open(&options)?;
        let engine = Engine::new(db.clone(), store, Catalog::new(kinds, &BTreeMap::new())?);
        engine.migrate().await?;
        Ok(Self { engine, database_url: server.database_url.clone(), db, dir, s3 })
    }

    /// Makes tenants.
    pub async fn tenants(&self, count: usize) -> Result<Vec<Tenant>> {
        self.tenants_with(std::iter::repeat_n(LimitsChange::default(), count)).await
    }

    /// Makes a tenant with each of these limits.
    pub async fn tenants_with(&self, limits: impl Iterator<Item = LimitsChange>) -> Result<Vec<Tenant>> {
        let mut tenants = Vec::new();
        for (number, limits) in limits.enumerate() {
            let slug = format!("bench_{number}").parse()?;
            tenants.push(self.engine.create_tenant(&slug, &limits).await?);
        }
        Ok(tenants)
    }

    /// The same, several at a time.
    pub async fn tenants_at_once(&self, count: usize) -> Result<Vec<Tenant>> {
        let next = AtomicUsize::new(0);
        let make = async || {
            let mut tenants = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return anyhow::Ok(tenants);
                }
                let slug = format!("bench_{number}").parse()?;
                tenants.push(self.engine.create_tenant(&slug, &LimitsChange::default()).await?);
            }
        };
        let (one, two, three) = tokio::try_join!(make(), make(), make())?;
        Ok([one, two, three].concat())
    }

    /// Submits `jobs` jobs, in bulks of up to 1,000 a tenant.
    pub async fn fill(&self, tenants: &[Tenant], jobs: usize) -> Result<()> {
        let share = jobs.div_ceil(tenants.len().max(1));
        let mut left = jobs;
        for tenant in tenants {
            let mut of_tenant = share.min(left);
            left -= of_tenant;
            while of_tenant > 0 {
                let bulk = vec![submission(); of_tenant.min(1_000)];
                of_tenant -= bulk.len();
                self.engine
                    .submit_all(tenant, &bulk)
                    .await
                    .map_err(|(_, error)| error)
                    .context("a bulk was refused")?;
            }
        }
        Ok(())
    }

    /// A worker with so many slots.
    pub fn worker_options(&self, slots: usize) -> WorkerOptions {
        self.worker_options_of(NOOP, slots)
    }

    /// A worker with so many slots of a kind.
    pub fn worker_options_of(&self, kind: &str, slots: usize) -> WorkerOptions {
        let mut options = WorkerOptions::new([(kind.to_owned(), slots)].into(), self.dir.path().join("work"));
        options.pool.spares = 0;
        options
    }

    /// How another process of Esteira is told to work on the same database and bucket.
    pub fn variables(&self, server: &Server) -> Vec<(&'static str, String)> {
        vec![
            ("DATABASE_URL", server.database_url.clone()),
            ("ESTEIRA_DATABASE_POOL_SIZE", server.connections.to_string()),
            ("ESTEIRA_S3_BUCKET", S3.to_owned()),
            ("ESTEIRA_S3_ENDPOINT", self.s3.endpoint()),
            ("ESTEIRA_S3_PATH_STYLE", true.to_string()),
            ("ESTEIRA_S3_ACCESS_KEY", S3.to_owned()),
            ("ESTEIRA_S3_SECRET_KEY", S3.to_owned()),
        ]
    }

    /// Stops everything.
    pub async fn close(self) {
        self.engine.close().await;
        self.s3.stop().await;
    }
}

/// A job that does nothing.
pub fn submission() -> Submission {
    Submission { kind: NOOP.to_owned(), input: json!({"id": 1}), ..Submission::default() }
}
