//! Where do tests get a real database from? From one throw-away server per test process.
//!
//! The first call of [`TestCluster::shared`] starts it in a temporary folder (about a second), each
//! [`TestCluster::create_database`] then clones a template in some tens of milliseconds. A shell that
//! waits on a pipe sees the end of the test process, whatever the end is, stops the server and
//! removes the folder. Every failure panics: a test cannot go on without its database.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Durability, EmbeddedPostgres, PostgresOptions};

/// What waits for the end of the test process: its standard input closes, and it clears up.
const UNDERTAKER: &str = "cat >/dev/null; kill -INT \"$1\"; \
     while kill -0 \"$1\" 2>/dev/null; do sleep 0.05; done; rm -rf -- \"$2\"";

/// The Postgres server of this test process.
pub struct TestCluster {
    superuser_url: String,
    url_of_role: String,
    psql: PathBuf,
    next: AtomicU32,
    /// Its closing, by the end of this process, is what the undertaker waits for.
    _alive: ChildStdin,
}

/// A database of its own for one test.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    /// Its name, which can serve as a template.
    pub name: String,
    /// Its URL for the role `esteira`, which owns it and may create roles.
    pub url: String,
    /// Its URL for the superuser.
    pub superuser_url: String,
}

impl TestCluster {
    /// The server of this process, started by the first who asks.
    ///
    /// # Panics
    /// When Postgres does not start.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<TestCluster> = OnceLock::new();
        SHARED.get_or_init(|| match Self::start() {
            Ok(cluster) => cluster,
            Err(error) => panic!("tests need a Postgres server: {error}"),
        })
    }

    /// Makes a database: a clone of `template` (to which nobody may be connected), else an empty one.
    ///
    /// # Panics
    /// When Postgres refuses.
    #[must_use]
    pub fn create_database(&self, template: Option<&str>) -> TestDatabase {
        let name = format!("test_{}", self.next.fetch_add(1, Ordering::Relaxed));
        let template = template.unwrap_or("template1");
        self.psql(&self.superuser_url, &format!("create database {name} template {template} owner esteira"));
        TestDatabase {
            url: format!("{}/{name}", self.url_of_role),
            superuser_url: with_database(&self.superuser_url, &name),
            name,
        }
    }

    /// Runs statements by psql and gives back what it prints, bare.
    ///
    /// # Panics
    /// When a statement fails.
    pub fn psql(&self, url: &str, sql: &str) -> String {
        let output = Command::new(&self.psql)
            .args([
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--no-align",
                "--set=ON_ERROR_STOP=1",
                "-c",
                sql,
                url,
            ])
            .output();
        match output {
            Ok(output) if output.status.success() => {
                String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
            }
            Ok(output) => panic!("psql failed on {sql:?}: {}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => panic!("psql cannot be run: {error}"),
        }
    }

    fn start() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let dir = tempfile::Builder::new().prefix("esteira-test-").tempdir()?;
        let options = PostgresOptions { durability: Durability::Throwaway };
        let path = dir.path().to_owned();
        // A thread of its own, because the caller may sit inside a runtime, which must not block on another.
        let postgres = std::thread::spawn(move || start_on_new_runtime(&path, options))
            .join()
            .map_err(|_| "the starting thread panicked")??;
        let alive = spawn_undertaker(postgres.pid(), dir.path())?;
        let cluster = Self {
            superuser_url: postgres.superuser_url(),
            url_of_role: without_database(&postgres.url()).to_owned(),
            psql: postgres.binaries().program("psql"),
            next: AtomicU32::new(1),
            _alive: alive,
        };
        // From here on both belong to the undertaker.
        std::mem::forget(postgres);
        drop(dir.keep());
        Ok(cluster)
    }
}

fn start_on_new_runtime(
    dir: &Path,
    options: PostgresOptions,
) -> Result<EmbeddedPostgres, Box<dyn std::error::Error + Send + Sync>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(EmbeddedPostgres::start(dir, options))?)
}

fn spawn_undertaker(pid: i32, dir: &Path) -> io::Result<ChildStdin> {
    use std::os::unix::process::CommandExt;

    let mut command = Command::new("/bin/sh");
    command.args(["-c", UNDERTAKER, "esteira-test-undertaker"]).arg(pid.to_string()).arg(dir);
    // Out of the test's process group, which Ctrl-C or a timeout may kill as a whole.
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn()?.stdin.take().ok_or_else(|| io::ErrorKind::BrokenPipe.into())
}

fn without_database(url: &str) -> &str {
    url.rsplit_once('/').map_or(url, |(server, _)| server)
}

fn with_database(url: &str, name: &str) -> String {
    format!("{}/{name}", without_database(url))
}
