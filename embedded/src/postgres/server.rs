//! How does the server start, tell that it is ready, and stop?

use std::fs::{self, File, OpenOptions};
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use super::account::{self, Account};
use super::binaries::Binaries;
use super::cluster::{self, tail};
use super::error::PostgresError;
use super::orphan;
use super::reach::Reach;
use super::secrets::Secrets;
use super::settings::{Durability, settings};

/// A crash of the machine may leave much log to replay before the server is ready.
const START_PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(10);
const STOP_PATIENCE: Duration = Duration::from_secs(30);
/// Past this size the log moves aside at the next start.
const LOG_BYTES: u64 = 16 << 20;
/// A port can be taken between our looking and the server's binding.
const PORT_ATTEMPTS: usize = 3;

/// What may differ from one embedded Postgres to another.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostgresOptions {
    /// Whether the data must outlive a power cut.
    pub durability: Durability,
}

/// A running Postgres server that is a child of this process.
pub struct EmbeddedPostgres {
    child: Child,
    pid: Pid,
    port: u16,
    binaries: Binaries,
    secrets: Secrets,
}

impl EmbeddedPostgres {
    /// Starts Postgres on `dir/postgres`, which is made when it is missing.
    ///
    /// The caller holds a lock on `dir`: a server found there is taken for one that an earlier run
    /// left, and stopped. Passwords lie in `dir/postgres.json`, the log in `dir/postgres.log`.
    ///
    /// # Errors
    /// When no fit server is installed, or it does not come up; the message says what to do.
    pub async fn start(dir: &Path, options: PostgresOptions) -> Result<Self, PostgresError> {
        let dir = fs::canonicalize(dir).map_err(PostgresError::io("open", dir))?;
        let cluster = dir.join("postgres");
        let account = account::choose(&cluster)?;
        let written_by = cluster::version(&cluster)?;
        let binaries = Binaries::find(written_by)?;
        let secrets = Secrets::load_or_create(&dir.join("postgres.json"))?;
        if written_by.is_none() {
            cluster::create(&cluster, &binaries, account, &secrets).await?;
        }
        orphan::clear(&cluster).await?;

        let log_path = dir.join("postgres.log");
        let mut attempt = 1;
        loop {
            let port = free_port().map_err(PostgresError::io("find a free port on", "127.0.0.1"))?;
            let (child, pid) = spawn(&cluster, &binaries, account, port, options, &log_path)?;
            // From here on a drop stops it, also when the caller gives up while we wait.
            let mut server = Self { child, pid, port, binaries: binaries.clone(), secrets: secrets.clone() };
            match server.wait_until_ready(&cluster, &log_path).await {
                Ok(()) => return Ok(server),
                Err(PostgresError::EndedEarly { log, .. })
                    if attempt < PORT_ATTEMPTS && log.contains("could not bind") =>
                {
                    tracing::debug!(port, "the port was taken meanwhile");
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The URL of the database `esteira` for the role `esteira`, which may create roles and no more.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://esteira:{}@127.0.0.1:{}/esteira", self.secrets.password, self.port)
    }

    /// The URL of the superuser, for tests and repairs.
    #[must_use]
    pub fn superuser_url(&self) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/postgres", self.secrets.superuser_password, self.port)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the server.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// The programs of this server's version, `psql` among them.
    #[must_use]
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// Waits until the server ends by itself, which is always a misfortune.
    ///
    /// # Errors
    /// When the operating system cannot tell.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Stops the server ("fast": open transactions are rolled back) and waits for its end.
    ///
    /// # Errors
    /// When the operating system cannot tell how it ended.
    pub async fn stop(mut self) -> io::Result<ExitStatus> {
        if self.child.id().is_some() {
            kill_process(self.pid, Signal::INT)?;
        }
        if let Ok(status) = tokio::time::timeout(STOP_PATIENCE, self.child.wait()).await {
            return status;
        }
        tracing::warn!("Postgres does not stop in order; stopping it at once, the next start recovers");
        kill_process(self.pid, Signal::QUIT)?;
        self.child.wait().await
    }

    /// Waits for the word `ready` in the pid file, where Postgres writes it once it takes connections.
    async fn wait_until_ready(&mut self, cluster: &Path, log: &Path) -> Result<(), PostgresError> {
        let pid_file = cluster.join("postmaster.pid");
        let started = Instant::now();
        while started.elapsed() < START_PATIENCE {
            if let Some(status) = self.child.try_wait().map_err(PostgresError::io("wait for", "postgres"))? {
                return Err(ended_early(status, log));
            }
            if fs::read_to_string(&pid_file).is_ok_and(|text| tells_ready(&text, self.pid())) {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(PostgresError::NotReady { seconds: START_PATIENCE.as_secs(), path: log.to_owned() })
    }
}

impl Drop for EmbeddedPostgres {
    fn drop(&mut self) {
        // Who forgets to stop it, or panics, must not leave it running. `id` is none once it ended.
        if self.child.id().is_some() {
            let _ = kill_process(self.pid, Signal::INT);
        }
    }
}

fn spawn(
    cluster: &Path,
    binaries: &Binaries,
    account: Option<Account>,
    port: u16,
    options: PostgresOptions,
    log_path: &Path,
) -> Result<(Child, Pid), PostgresError> {
    let reach = Reach::of(cluster, account)?;
    let log = open_log(log_path).map_err(PostgresError::io("open", log_path))?;
    let errors = log.try_clone().map_err(PostgresError::io("open", log_path))?;
    let program = binaries.program("postgres");
    let mut command = Command::new(&program);
    account::prepare(&mut command, account);
    command.arg("-D").arg(&reach.argument);
    for setting in settings(port, options.durability) {
        command.arg("-c").arg(setting);
    }
    command.stdin(Stdio::null()).stdout(log).stderr(errors);
    let child = command.spawn().map_err(PostgresError::io("run", &program))?;
    let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let pid = pid.ok_or_else(|| PostgresError::io("run", program)(io::ErrorKind::NotFound.into()))?;
    Ok((child, pid))
}

/// Whether the pid file is that of `pid` and its eighth line, the state, says `ready`.
fn tells_ready(pid_file: &str, pid: i32) -> bool {
    let mut lines = pid_file.lines().map(str::trim);
    lines.next() == Some(pid.to_string().as_str()) && lines.nth(6) == Some("ready")
}

fn ended_early(status: ExitStatus, path: &Path) -> PostgresError {
    let log = fs::read_to_string(path).map(|text| tail(&text)).unwrap_or_default();
    PostgresError::EndedEarly { status, path: path.to_owned(), log }
}

fn open_log(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|meta| meta.len() > LOG_BYTES) {
        let aside: PathBuf = path.with_extension("log.1");
        fs::rename(path, aside)?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::tells_ready;

    const FILE: &str = "4711\n/data\n1795493507\n54999\n\n127.0.0.1\n 10117126        10\nready   \n";

    #[test]
    fn a_server_is_ready_when_its_own_pid_file_says_so() {
        assert!(tells_ready(FILE, 4711));
        assert!(!tells_ready(FILE, 4712), "the file of an earlier server");
        assert!(!tells_ready(&FILE.replace("ready", "starting"), 4711));
        assert!(!tells_ready("4711\n/data\n", 4711), "half written");
    }
}
