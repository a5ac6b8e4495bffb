//! Which process is asked? `esteira api`, on the database and the bucket of the measurement.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::connection::Connection;

/// It must answer after so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running API.
pub struct ApiProcess {
    pub address: SocketAddr,
    pub pid: u32,
    process: Child,
}

impl ApiProcess {
    /// Starts it, and waits until it answers.
    pub async fn start(esteira: &Path, variables: Vec<(&'static str, String)>) -> Result<Self> {
        // Free a moment ago; should somebody else be faster, the process ends and says so.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?;
        let mut process = Command::new(esteira)
            .args(["api", "--listen", &address.to_string()])
            // Settings of whoever measures would be other settings.
            .env_clear()
            .envs(variables)
            .env("ESTEIRA_LOG", "warn")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("failed to start {}", esteira.display()))?;
        let began = Instant::now();
        while !answers(address).await {
            if let Some(status) = process.try_wait()? {
                bail!("the API ended: {status}");
            }
            if began.elapsed() > PATIENCE {
                bail!("the API does not answer");
            }
            sleep(Duration::from_millis(20)).await;
        }
        let pid = process.id().context("the API runs")?;
        Ok(Self { address, pid, process })
    }

    /// Ends it; nothing is under way any more.
    pub async fn stop(mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }
}

async fn answers(address: SocketAddr) -> bool {
    let Ok(mut connection) = Connection::open(address).await else { return false };
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
    connection.ask(request.as_bytes()).await.is_ok_and(|status| status == 200)
}
