//! How is one Postgres server made, started, asked and stopped?

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use esteira_embedded::Binaries;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use super::disk::Disk;
use super::user::User;

/// Room of the disk for the log of what is to be written (WAL); Postgres keeps well below it.
const WAL_DISK_MIB: u32 = 384;
const LOOK_EVERY: Duration = Duration::from_millis(100);
const STOP_PATIENCE: Duration = Duration::from_secs(30);
/// Roles of the run: its processes', and the superuser.
pub const ROLE: &str = "esteira";
const SUPERUSER: &str = "postgres";

const SETTINGS: [&str; 12] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=40",
    "shared_buffers=64MB",
    "jit=off",
    "wal_level=replica",
    "hot_standby=on",
    "max_wal_senders=5",
    "wal_keep_size=64MB",
    "min_wal_size=8MB",
    "max_wal_size=64MB",
    // A standby that lost its server looks for it often.
    "wal_retrieve_retry_interval=500ms",
];

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// What is under way is rolled back.
    Fast,
    /// As by a power cut, but for the machine.
    Immediate,
}

/// A server of its own, with its WAL on a disk of its own.
#[derive(Debug)]
pub struct Postgres {
    binaries: Binaries,
    user: Option<User>,
    data: PathBuf,
    pub wal: Disk,
    port: u16,
    process: Option<Child>,
}

impl Postgres {
    /// Makes an empty one in `dir`, not started.
    pub async fn create(dir: &Path) -> Result<Self> {
        let server = Self::place(dir).await?;
        let mut initdb = server.program("initdb");
        initdb.args(["-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "--wal-segsize=4", "-N"]);
        initdb.arg("--waldir").arg(server.wal_dir()).arg("-D").arg(&server.data);
        run(initdb).await.context("failed to make a cluster")?;
        Ok(server)
    }

    /// Makes a standby of `primary` in `dir`, not started.
    pub async fn copy_of(primary: &Self, dir: &Path) -> Result<Self> {
        let server = Self::place(dir).await?;
        let mut backup = server.program("pg_basebackup");
        backup.args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]);
        backup.arg("--waldir").arg(server.wal_dir()).arg("-D").arg(&server.data);
        backup.args(["-d", &format!("host=127.0.0.1 port={} user={SUPERUSER}", primary.port)]);
        run(backup).await.context("failed to copy the primary")?;
        Ok(server)
    }

    async fn place(dir: &Path) -> Result<Self> {
        let user = User::of_postgres()?;
        fs::create_dir_all(dir)?;
        let wal = Disk::mount(&dir.join("wal-disk"), WAL_DISK_MIB, user).await?;
        User::own(user, dir)?;
        User::own(user, wal.path())?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let data = dir.join("data");
        Ok(Self { binaries: Binaries::find(None)?, user, data, wal, port, process: None })
    }

    fn wal_dir(&self) -> PathBuf {
        self.wal.path().join("pg_wal")
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(Ipv4Addr::LOCALHOST.into(), self.port)
    }

    /// Starts it and waits until it answers.
    pub async fn start(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.data.with_extension("log"))?;
        let mut command = self.program("postgres");
        command.arg("-D").arg(&self.data).arg("-p").arg(self.port.to_string());
        for setting in SETTINGS {
            command.arg("-c").arg(setting);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        // Ctrl-C at the terminal is for us, who stop it in order.
        command.process_group(0);
        self.process = Some(command.spawn().context("failed to start Postgres")?);
        self.wait_until_ready().await
    }

    /// Waits until it answers, after a start or a crash from which it recovers by itself.
    pub async fn wait_until_ready(&mut self) -> Result<()> {
        let until = Instant::now() + super::HEALING;
        while Instant::now() < until {
            if self.has_ended()? {
                bail!("Postgres ended by itself; see {}", self.data.with_extension("log").display());
            }
            if self.sql("postgres", "select 1").await.is_ok() {
                return Ok(());
            }
            sleep(LOOK_EVERY).await;
        }
        bail!("Postgres does not answer; see {}", self.data.with_extension("log").display())
    }

    /// Whether its process is gone.
    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(match &mut self.process {
            Some(process) => process.try_wait()?.is_some(),
            None => true,
        })
    }

    /// Stops it, if it runs.
    pub async fn stop(&mut self, how: Stop) -> Result<()> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let signal = match how {
            Stop::Fast => Signal::INT,
            Stop::Immediate => Signal::QUIT,
        };
        if let Some(pid) = process.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            kill_process(pid, signal)?;
        }
        if timeout(STOP_PATIENCE, process.wait()).await.is_err() {
            process.kill().await?;
        }
        Ok(())
    }

    /// Runs statements as the superuser; gives back what they print, bare.
    pub async fn sql(&self, database: &str, statements: &str) -> Result<String> {
        let mut psql = Command::new(self.binaries.program("psql"));
        psql.args(["-qXAt", "-v", "ON_ERROR_STOP=1", "-c", statements]);
        psql.env("PGCONNECT_TIMEOUT", "5")
            .arg(format!("host=127.0.0.1 port={} user={SUPERUSER} dbname={database}", self.port));
        run(psql).await
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.binaries.program(name));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC").current_dir("/");
        User::run(self.user, &mut command);
        command
    }
}

/// Runs a program to its end; gives back what it printed.
async fn run(mut command: Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{:?}: {}", command.as_std().get_program(), said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}
