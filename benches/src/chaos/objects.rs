//! Which objects are in the bucket, and which of them does nobody name?

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use esteira_embedded::{EmbeddedS3, S3Credentials};
use esteira_engine::artifact::{Store, StoreOptions};
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::duty::{RetentionOptions, lead, sweep_once};
use esteira_engine::id::WorkerId;
use tokio::time::{Instant, sleep};

use super::cluster::{Cluster, DATABASE};
use super::postgres::ROLE;

const BUCKET: &str = "chaos";
const KEY: &str = "chaos";
/// Keys of what is a tenant's begin so.
const TENANTS: &str = "tenants";
/// For this long somebody else may still lead.
const LEASE: Duration = Duration::from_secs(10);

/// The object store of the run, inside this process.
pub struct Objects {
    server: EmbeddedS3,
    address: SocketAddr,
    folder: PathBuf,
}

impl Objects {
    /// Starts it on an empty folder.
    pub async fn start(dir: &Path) -> Result<Self> {
        let root = dir.join("s3");
        let credentials = S3Credentials { access_key: KEY.to_owned(), secret_key: KEY.to_owned() };
        let server = EmbeddedS3::start(&root, &credentials, BUCKET, ([127, 0, 0, 1], 0).into()).await?;
        let endpoint = server.endpoint();
        let address = endpoint.strip_prefix("http://").context("an endpoint has a scheme")?.parse()?;
        Ok(Self { server, address, folder: root.join(BUCKET) })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn bucket(&self) -> &'static str {
        BUCKET
    }

    /// Id and secret.
    pub fn credentials(&self) -> (&'static str, &'static str) {
        (KEY, KEY)
    }

    /// The keys of all objects of tenants; beside them lies what tells whose bucket it is.
    pub fn keys(&self) -> Result<BTreeSet<String>> {
        let mut keys = BTreeSet::new();
        let mut folders = vec![self.folder.join(TENANTS)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    keys.insert(path.strip_prefix(&self.folder)?.to_string_lossy().into_owned());
                }
            }
        }
        Ok(keys)
    }

    /// Lets the sweeper of Esteira search the whole bucket, whatever the age of what it finds; tells how many
    /// objects it deleted. No process works any more.
    pub async fn sweep(&self, cluster: &Cluster) -> Result<usize> {
        cluster.sql("update esteira.sweeps set due_at = esteira.now(), after_key = ''").await?;
        let db =
            Db::open(&DatabaseOptions::new(format!("postgres://{ROLE}@{}/{DATABASE}", cluster.address())))?;
        let (id, secret) = self.credentials();
        let store = Store::open(&StoreOptions {
            bucket: BUCKET.to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: Some(self.server.endpoint()),
            public_endpoint: None,
            path_style: true,
            credentials: Some((id.to_owned(), secret.to_owned())),
            prefix: String::new(),
        })
        .await;
        let options = RetentionOptions { orphan_age: Duration::ZERO, ..RetentionOptions::default() };
        let holder = WorkerId::new();
        let until = Instant::now() + super::HEALING;
        let leadership = loop {
            match lead(&db, "retention", holder, LEASE).await? {
                Some(leadership) => break leadership,
                None if Instant::now() > until => bail!("somebody leads although no worker runs"),
                None => sleep(Duration::from_millis(500)).await,
            }
        };
        let mut deleted = 0;
        while let Some(swept) = sweep_once(&db, &store, &options, &leadership).await? {
            lead(&db, "retention", holder, LEASE).await?;
            deleted += swept.deleted;
        }
        db.close().await;
        Ok(deleted)
    }

    /// Stops it.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
