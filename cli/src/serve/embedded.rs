//! Which servers does `up` bring along? Those that the settings do not name.

use std::io;
use std::net::SocketAddr;
use std::process::ExitStatus;

use anyhow::{Context, Result};
use esteira_embedded::{EmbeddedPostgres, EmbeddedS3, PostgresOptions, S3Credentials};
use esteira_engine::artifact::Unmarked;
use esteira_engine::config::{Config, Secret};

use crate::data_dir::{DataDir, Secrets};

const BUCKET: &str = "esteira";

/// The servers that this process started.
#[derive(Default)]
pub struct Embedded {
    postgres: Option<EmbeddedPostgres>,
    s3: Option<EmbeddedS3>,
}

impl Embedded {
    /// A line that says which servers will be brought along, and which others are used: a variable that was meant for
    /// another Esteira must not go unnoticed.
    pub fn plan(config: &Config) -> String {
        let database = match &config.database.url {
            None => "embedded Postgres".to_owned(),
            Some(_) => "Postgres of the settings (database.url, DATABASE_URL)".to_owned(),
        };
        let store = match &config.s3.bucket {
            None => "embedded S3".to_owned(),
            Some(bucket) => format!(
                "bucket {bucket} at {} of the settings (s3.bucket, ESTEIRA_S3_BUCKET)",
                config.s3.endpoint.as_deref().unwrap_or("AWS")
            ),
        };
        format!("starting on: {database}; {store}")
    }

    /// A bucket that lies beside its database in one folder is that database's.
    pub fn unmarked(&self) -> Unmarked {
        match (&self.postgres, &self.s3) {
            (Some(_), Some(_)) => Unmarked::Take,
            _ => Unmarked::TakeIfEmpty,
        }
    }

    /// Starts what is missing, and writes into `config` how it is reached.
    pub async fn start(
        dir: &DataDir,
        secrets: &Secrets,
        s3_listen: SocketAddr,
        config: &mut Config,
    ) -> Result<Self> {
        let mut embedded = Self::default();
        if config.s3.bucket.is_none() {
            let credentials = S3Credentials {
                access_key: secrets.s3_access_key.clone(),
                secret_key: secrets.s3_secret_key.clone(),
            };
            let s3 = EmbeddedS3::start(&dir.path().join("s3"), &credentials, BUCKET, s3_listen).await?;
            config.s3.bucket = Some(BUCKET.to_owned());
            config.s3.endpoint = Some(s3.endpoint());
            config.s3.path_style = true;
            config.s3.access_key = Some(Secret::new(credentials.access_key));
            config.s3.secret_key = Some(Secret::new(credentials.secret_key));
            embedded.s3 = Some(s3);
        }
        if config.database.url.is_none() {
            let postgres = EmbeddedPostgres::start(dir.path(), PostgresOptions::default())
                .await
                .context("failed to start the embedded Postgres")?;
            config.database.url = Some(Secret::new(postgres.url()));
            embedded.postgres = Some(postgres);
        }
        Ok(embedded)
    }

    /// Waits for the end of Postgres, which nobody asked for. Never comes back without one.
    pub async fn broken(&mut self) -> io::Result<ExitStatus> {
        match &mut self.postgres {
            Some(postgres) => postgres.ended().await,
            None => std::future::pending().await,
        }
    }

    /// Stops both; whoever uses them has ended before.
    pub async fn stop(self) {
        if let Some(s3) = self.s3 {
            s3.stop().await;
        }
        if let Some(postgres) = self.postgres {
            match postgres.stop().await {
                Ok(status) if status.success() => {}
                Ok(status) => tracing::warn!(%status, "Postgres did not end cleanly"),
                Err(error) => tracing::warn!(%error, "Postgres could not be stopped"),
            }
        }
    }
}
