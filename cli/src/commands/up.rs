//! `esteira up`: how does everything come up on one machine, and go down again?

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use esteira_engine::Engine;
use esteira_engine::config::Config;
use esteira_engine::tenant::{AccessError, LimitsChange, Scope, Slug};
use tokio::net::TcpListener;

use super::migrate::migrate;
use super::options::{SettingsOptions, parse_address, parse_concurrency};
use crate::data_dir::{self, Connection, DataDir, Secrets};
use crate::serve::{Embedded, Metrics, Stop};
use crate::{out, serve, telemetry};

/// The tenant that a new data folder has.
const TENANT: &str = "demo";

/// Start everything on this machine and keep it running until Ctrl-C or SIGTERM.
///
/// Data lie in one folder. Started again on it, everything goes on where it was, with the same keys.
/// With DATABASE_URL or ESTEIRA_S3_BUCKET set, those are used in place of the embedded servers.
#[derive(Debug, Args)]
pub struct Up {
    /// Where the data lie
    /// [env: ESTEIRA_DATA_DIR] [default: .esteira]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Address and port of the API [default: setting api.listen, 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", value_parser = parse_address)]
    listen: Option<SocketAddr>,
    /// Address and port of the embedded S3 server, which download links lead to; port 0 for any
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR", value_parser = parse_address)]
    s3_listen: SocketAddr,
    /// Jobs of a kind at once; may be repeated [default: the settings]
    #[arg(long, value_name = "KIND=N", value_parser = parse_concurrency)]
    concurrency: Vec<(String, usize)>,
    #[command(flatten)]
    settings: SettingsOptions,
}

impl Up {
    /// Runs until a signal.
    pub fn run(self) -> Result<ExitCode> {
        serve::to_the_end(self.serve())
    }

    async fn serve(self) -> Result<ExitCode> {
        let began = Instant::now();
        let mut config = self.settings.sources()?.load()?;
        let _telemetry = telemetry::start(&config)?;
        config.worker.concurrency.extend(self.concurrency);
        let stop = serve::on_signal()?;

        let path = data_dir::chosen(self.data_dir.as_deref());
        let listen = || serve::listen(self.listen.unwrap_or(config.api.listen));
        // A new folder is made when the address is ours, so that no half one is left. A used one goes first: whoever
        // runs on it has the address as well.
        let early = if path.exists() { None } else { Some(listen().await?) };
        let dir = DataDir::open(&path)?;
        Connection::remove(dir.path())?;
        let secrets = Secrets::load_or_create(dir.path())?;
        let listener = match early {
            Some(listener) => listener,
            None => listen().await?,
        };
        let metrics = Metrics::listen(&config).await?;
        config.worker.work_dir.get_or_insert_with(|| dir.path().join("work"));

        out::note(Embedded::plan(&config));
        // A signal waits until the servers are up: only then can they be stopped in order.
        let mut embedded = Embedded::start(&dir, &secrets, self.s3_listen, &mut config).await?;
        if stop.in_order.is_cancelled() {
            embedded.stop().await;
            return Ok(ExitCode::SUCCESS);
        }
        let doors = Doors { api: listener, metrics };
        let served = serve_on(&dir, &secrets, &config, doors, &mut embedded, &stop, began).await;
        embedded.stop().await;
        served.map(|()| ExitCode::SUCCESS)
    }
}

/// Where this process listens.
struct Doors {
    api: TcpListener,
    metrics: Metrics,
}

/// Migrates, lets the demo tenant in, and serves until `stop` or a misfortune.
async fn serve_on(
    dir: &DataDir,
    secrets: &Secrets,
    config: &Config,
    doors: Doors,
    embedded: &mut Embedded,
    stop: &Stop,
    began: Instant,
) -> Result<()> {
    // API, worker and scheduler share one process and so one pool, with room for each.
    let engine = serve::open_engine(config, config.database.pool_size.saturating_mul(2)).await?;
    let Doors { api: listener, metrics } = doors;
    let (address, metrics_address) = (listener.local_addr()?, metrics.address());
    let unmarked = embedded.unmarked();
    let run = async {
        for (slug, error) in migrate(&engine, config, unmarked).await? {
            tracing::error!(tenant = %slug, error = &error as &dyn std::error::Error, "tenant not migrated");
        }
        introduce(&engine, secrets).await?;
        let ready = || announce(dir.path(), secrets, config, address, metrics_address, began);
        serve::run_all(engine.clone(), config, listener, metrics, stop.clone(), ready).await
    };
    let ended = tokio::select! {
        ended = run => ended,
        status = embedded.broken() => {
            Err(anyhow::anyhow!("the embedded Postgres ended by itself ({}); see postgres.log", status?))
        }
    };
    Connection::remove(dir.path())?;
    engine.close().await;
    ended
}

/// On the first start, makes the keys of the folder good, and the tenant that one of them belongs to. The
/// operator's key comes last and tells that it is done: a demo tenant that was deleted since stays deleted.
async fn introduce(engine: &Engine, secrets: &Secrets) -> Result<()> {
    match engine.authenticate(&secrets.operator_key).await {
        Ok(_) => return Ok(()),
        Err(AccessError::Refused) => {}
        Err(error) => return Err(error.into()),
    }
    let slug: Slug = TENANT.parse().context("the demo tenant's slug")?;
    let tenant = match engine.tenant(TENANT).await? {
        Some(tenant) => tenant,
        None => engine
            .create_tenant(&slug, &LimitsChange::default())
            .await
            .context("failed to make the tenant demo")?,
    };
    let scopes: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| *scope != Scope::Operator).collect();
    engine.ensure_key(Some(&tenant), "esteira up", &scopes, &secrets.api_key).await?;
    engine.ensure_key(None, "esteira up", &[Scope::Operator], &secrets.operator_key).await?;
    Ok(())
}

fn scheme(config: &Config) -> &'static str {
    if config.api.tls_certificate.is_some() { "https" } else { "http" }
}

/// The address by which a client on this machine reaches a server that listens on all of them.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, v6.port()).into(),
        other => other,
    }
}

/// Tells people and clients that the server is ready.
fn announce(
    dir: &Path,
    secrets: &Secrets,
    config: &Config,
    address: SocketAddr,
    metrics: Option<SocketAddr>,
    began: Instant,
) -> Result<()> {
    let connection = Connection {
        url: format!("{}://{}", scheme(config), reachable(address)),
        metrics_url: metrics.map(|address| format!("http://{}/metrics", reachable(address))),
        database_url: config.database_url()?.expose().to_owned(),
        s3_endpoint: config.s3.endpoint.clone(),
        operator_key: secrets.operator_key.clone(),
        tenant: TENANT.to_owned(),
        api_key: secrets.api_key.clone(),
    };
    connection.write(dir)?;
    out::line(format_args!(
        "Esteira is ready at {} after {:.1} s",
        connection.url,
        began.elapsed().as_secs_f32()
    ));
    out::line(format_args!("Keys and addresses are in {}", dir.join("esteira.json").display()));
    Ok(())
}
