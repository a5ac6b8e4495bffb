//! How do two Postgres servers make one that survives its machine? A primary, and a standby that has every commit.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

use super::postgres::{Postgres, ROLE, Stop};

/// The database of the run.
pub const DATABASE: &str = "esteira";

/// A primary and its standby.
#[derive(Debug)]
pub struct Cluster {
    dir: PathBuf,
    pub primary: Postgres,
    standby: Option<Postgres>,
    servers: u32,
}

impl Cluster {
    /// Starts both in `dir`, with an empty database.
    pub async fn start(dir: &Path) -> Result<Self> {
        let mut primary = Postgres::create(&dir.join("postgres-1")).await?;
        primary.start().await?;
        primary.sql("postgres", &format!("create role {ROLE} login createrole noinherit")).await?;
        primary.sql("postgres", &format!("create database {DATABASE} owner {ROLE}")).await?;
        let mut cluster = Self { dir: dir.to_owned(), primary, standby: None, servers: 1 };
        cluster.add_standby().await?;
        Ok(cluster)
    }

    /// Where the primary listens.
    pub fn address(&self) -> SocketAddr {
        self.primary.address()
    }

    /// Runs statements on the database of the run as the superuser.
    pub async fn sql(&self, statements: &str) -> Result<String> {
        self.primary.sql(DATABASE, statements).await
    }

    /// Stops the primary and starts it again.
    pub async fn restart(&mut self, how: Stop, pause: Duration) -> Result<()> {
        self.primary.stop(how).await?;
        sleep(pause).await;
        self.primary.start().await
    }

    /// The primary is gone as by a power cut, and the standby takes its place. Returns with its address; the way back
    /// to a pair is [`Self::add_standby`].
    pub async fn fail_over(&mut self, pause: Duration) -> Result<SocketAddr> {
        // Only what the standby has is not lost, and after a restart the primary may show what it has not sent yet.
        self.wait_for_standby().await?;
        let Some(standby) = self.standby.take() else { bail!("there is no standby") };
        self.primary.stop(Stop::Immediate).await?;
        sleep(pause).await;
        standby.sql("postgres", "select pg_promote(true, 60)").await?;
        self.primary = standby;
        Ok(self.address())
    }

    /// Copies the primary to a new standby. From then on no commit is answered before the standby has it.
    pub async fn add_standby(&mut self) -> Result<()> {
        self.servers += 1;
        let dir = self.dir.join(format!("postgres-{}", self.servers));
        let mut standby = Postgres::copy_of(&self.primary, &dir).await?;
        standby.start().await?;
        self.standby = Some(standby);
        self.primary.sql("postgres", "alter system set synchronous_standby_names = '*'").await?;
        self.primary.sql("postgres", "select pg_reload_conf()").await?;
        self.wait_for_standby().await
    }

    async fn wait_for_standby(&self) -> Result<()> {
        let until = Instant::now() + super::HEALING;
        while Instant::now() < until {
            let found = self.primary.sql(
                "postgres",
                "select count(*) from pg_stat_replication where state = 'streaming' and sync_state = 'sync'",
            );
            // The primary may be on its way up.
            if found.await.is_ok_and(|count| count == "1") {
                return Ok(());
            }
            sleep(Duration::from_millis(200)).await;
        }
        bail!("the standby does not follow the primary")
    }

    /// Stops both.
    pub async fn stop(mut self) -> Result<()> {
        if let Some(standby) = &mut self.standby {
            standby.stop(Stop::Immediate).await?;
        }
        self.primary.stop(Stop::Immediate).await
    }
}
