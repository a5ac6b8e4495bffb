//! Which processes of Esteira are there? An API and three workers, each behind proxies of its own.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use esteira_benches::work::WORK;
use parking_lot::Mutex as Lock;
use tokio::process::Command;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep};

use super::cluster::DATABASE;
use super::disk::Disk;
use super::objects::Objects;
use super::postgres::ROLE;
use super::proxy::Proxy;
use super::service::{Service, is_refusal_to_start};
use super::tally::Tally;

/// Workers.
pub const WORKERS: usize = 3;
/// A worker that is silent for so long counts as dead.
pub const LEASE: Duration = Duration::from_secs(6);
const SLOTS: usize = 8;
const WORK_DISK_MIB: u32 = 64;
/// How often somebody looks whether all processes run.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// A process with what stands between it and its servers.
#[derive(Debug)]
pub struct Member {
    pub service: Mutex<Service>,
    pub database: Proxy,
    pub store: Proxy,
    /// Where a worker's attempts have their directories.
    pub disk: Option<Disk>,
}

/// All processes.
#[derive(Debug)]
pub struct Esteira {
    pub api: Member,
    pub workers: Vec<Member>,
    pub url: String,
    pub operator_key: String,
}

impl Esteira {
    /// Migrates the database, and starts everything.
    pub async fn start(dir: &Path, program: &Path, database: SocketAddr, objects: &Objects) -> Result<Self> {
        let operator_key = format!("est_{}", "c".repeat(43));
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let listen = format!("127.0.0.1:{port}");
        let logs = dir.join("logs");
        std::fs::create_dir_all(&logs)?;

        let database_proxy = Proxy::start(database).await?;
        let store = Proxy::start(objects.address()).await?;
        let mut variables = variables(&database_proxy, &store, objects);
        variables.insert("ESTEIRA_OPERATOR_KEY".to_owned(), operator_key.clone());
        variables.insert("ESTEIRA_DATABASE_POOL_SIZE".to_owned(), "8".to_owned());
        migrate(program, &variables).await?;
        let service = Service::new("api", program, &["api", "--listen", &listen], variables, &logs);
        let api = Member { service: Mutex::new(service), database: database_proxy, store, disk: None };

        let mut workers = Vec::new();
        for number in 1..=WORKERS {
            workers.push(worker(dir, &logs, program, number, database, objects).await?);
        }
        let esteira = Self { api, workers, url: format!("http://{listen}"), operator_key };
        for member in esteira.members() {
            member.service.lock().await.start()?;
        }
        Ok(esteira)
    }

    /// The API and the workers.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        std::iter::once(&self.api).chain(&self.workers)
    }

    /// Looks after the processes: one that ended comes back. Never returns but with an error.
    pub async fn supervise(&self, tally: Arc<Lock<Tally>>) -> Result<()> {
        loop {
            for member in self.members() {
                // Whoever holds it is about to do something with it.
                if let Ok(service) = member.service.try_lock() {
                    look_after(service, &tally)?;
                }
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until the API says that it can do its work.
    pub async fn wait_until_ready(&self) -> Result<()> {
        let until = Instant::now() + super::HEALING;
        let url = format!("{}/readyz", self.url);
        while Instant::now() < until {
            let url = url.clone();
            let asked = tokio::task::spawn_blocking(move || {
                ureq::get(&url).config().timeout_global(Some(Duration::from_secs(10))).build().call().is_ok()
            });
            if asked.await? {
                return Ok(());
            }
            sleep(LOOK_EVERY).await;
        }
        bail!("the API is not ready {} s after everything is in order again", super::HEALING.as_secs())
    }

    /// Ends all processes as a deploy would; tells what was wrong with their ends.
    pub async fn stop(&self) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        for member in self.members() {
            wrong.extend(member.service.lock().await.terminate().await?);
        }
        Ok(wrong)
    }
}

fn look_after(mut service: MutexGuard<'_, Service>, tally: &Lock<Tally>) -> Result<()> {
    if let Some((status, ran)) = service.ended_by_itself()? {
        if !is_refusal_to_start(status, ran) {
            tally.lock().complain(format!("{} ended by itself: {status}", service.name));
        }
        service.start()?;
    }
    Ok(())
}

async fn worker(
    dir: &Path,
    logs: &Path,
    program: &Path,
    number: usize,
    database: SocketAddr,
    objects: &Objects,
) -> Result<Member> {
    let name = format!("worker-{number}");
    let disk = Disk::mount(&dir.join(&name), WORK_DISK_MIB, None).await?;
    let database = Proxy::start(database).await?;
    let store = Proxy::start(objects.address()).await?;
    let mut variables = variables(&database, &store, objects);
    for (name, value) in [
        ("ESTEIRA_WORK_DIR", disk.path().join("work").display().to_string()),
        ("ESTEIRA_WORKER_CONCURRENCY", format!("{WORK}={SLOTS}")),
        ("ESTEIRA_WORKER_LEASE_SECONDS", LEASE.as_secs().to_string()),
        ("ESTEIRA_WORKER_HEARTBEAT_SECONDS", (LEASE.as_secs() / 3).to_string()),
        ("ESTEIRA_WORKER_GRACE_SECONDS", "3".to_owned()),
        ("ESTEIRA_WORKER_SPARE_CHILDREN", "2".to_owned()),
    ] {
        variables.insert(name.to_owned(), value);
    }
    let service = Service::new(&name, program, &["worker"], variables, logs);
    Ok(Member { service: Mutex::new(service), database, store, disk: Some(disk) })
}

fn variables(database: &Proxy, store: &Proxy, objects: &Objects) -> BTreeMap<String, String> {
    let (id, secret) = objects.credentials();
    [
        ("DATABASE_URL", format!("postgres://{ROLE}@{}/{DATABASE}", database.address())),
        ("ESTEIRA_S3_BUCKET", objects.bucket().to_owned()),
        ("ESTEIRA_S3_ENDPOINT", format!("http://{}", store.address())),
        // Clients fetch files past the faults, which are meant for Esteira.
        ("ESTEIRA_S3_PUBLIC_ENDPOINT", format!("http://{}", objects.address())),
        ("ESTEIRA_S3_PATH_STYLE", "true".to_owned()),
        ("ESTEIRA_S3_ACCESS_KEY", id.to_owned()),
        ("ESTEIRA_S3_SECRET_KEY", secret.to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

async fn migrate(program: &Path, variables: &BTreeMap<String, String>) -> Result<()> {
    let output = Command::new(program).arg("migrate").env_clear().envs(variables).current_dir("/").output();
    let output = output.await.context("failed to run the program")?;
    if !output.status.success() {
        bail!("the database could not be migrated: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
