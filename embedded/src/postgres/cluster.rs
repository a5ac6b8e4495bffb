//! How is a new cluster made? `initdb` beside its final place, then one rename.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::account::{self, Account};
use super::binaries::Binaries;
use super::error::PostgresError;
use super::reach::Reach;
use super::secrets::Secrets;

/// Who may enter: both roles, from this machine, by password.
const PG_HBA: &str = "host all all 127.0.0.1/32 scram-sha-256\n";

/// The major version that wrote the cluster in `dir`, or `None` where there is none.
pub fn version(dir: &Path) -> Result<Option<u32>, PostgresError> {
    let path = dir.join("PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(text) => {
            text.trim().parse().map(Some).map_err(|_| {
                PostgresError::io("read a version from", path)(io::ErrorKind::InvalidData.into())
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PostgresError::io("read", path)(error)),
    }
}

/// Makes a cluster at `dir` with the role and the database `esteira`.
///
/// A kill half-way leaves only `dir.new`, which the next start removes.
pub async fn create(
    dir: &Path,
    binaries: &Binaries,
    account: Option<Account>,
    secrets: &Secrets,
) -> Result<(), PostgresError> {
    let fresh = dir.with_extension("new");
    make_empty(&fresh, account)?;
    let reach = Reach::of(&fresh, account)?;

    let mut initdb = Command::new(binaries.program("initdb"));
    account::prepare(&mut initdb, account);
    initdb.arg("-D").arg(&reach.argument).args(["--username=postgres", "--auth=reject", "--encoding=UTF8"]);
    // Sorting by code point is the same everywhere; lower() and full text still know all letters.
    initdb.args(["--lc-collate=C", "--lc-ctype=C.UTF-8", "--no-instructions", "--no-sync"]);
    run(initdb, "initdb", "").await?;

    // The single-user server needs no port, no password and no client program. It reads a statement
    // a line; the passwords hold only letters, digits, `-` and `_`.
    let mut single = Command::new(binaries.program("postgres"));
    account::prepare(&mut single, account);
    single.args(["--single", "-F", "-D"]).arg(&reach.argument).arg("postgres");
    let sql = format!(
        "alter role postgres password '{}'\n\
         create role esteira login createrole noinherit password '{}'\n\
         grant pg_read_all_stats to esteira\n\
         create database esteira owner esteira\n",
        secrets.superuser_password, secrets.password
    );
    let output = run(single, "postgres", &sql).await?;
    if output.contains("ERROR:") || output.contains("FATAL:") {
        return Err(PostgresError::Program {
            program: "postgres",
            status: Default::default(),
            output: tail(&output),
        });
    }

    publish(&fresh, dir).map_err(PostgresError::io("finish the cluster in", dir))
}

fn make_empty(fresh: &Path, account: Option<Account>) -> Result<(), PostgresError> {
    match fs::remove_dir_all(fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(PostgresError::io("remove", fresh)(error));
        }
        _ => {}
    }
    fs::DirBuilder::new().mode(0o700).create(fresh).map_err(PostgresError::io("create", fresh))?;
    if let Some(account) = account {
        chown(fresh, Some(account.uid), Some(account.gid)).map_err(PostgresError::io("hand over", fresh))?;
    }
    Ok(())
}

/// Lets the roles in, puts everything on the disk, and gives the cluster its name.
fn publish(fresh: &Path, dir: &Path) -> io::Result<()> {
    fs::write(fresh.join("pg_hba.conf"), PG_HBA)?;
    // One sync of the file system in place of initdb's thousand.
    rustix::fs::syncfs(fs::File::open(fresh)?)?;
    fs::rename(fresh, dir)?;
    let parent: PathBuf = dir.parent().map(Path::to_owned).unwrap_or_else(|| PathBuf::from("/"));
    fs::File::open(parent)?.sync_all()
}

/// Runs a program of Postgres to its end and gives back all that it said.
async fn run(mut command: Command, program: &'static str, input: &str) -> Result<String, PostgresError> {
    let path = PathBuf::from(command.as_std().get_program());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(PostgresError::io("run", &path))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ended already says why in its output, which tells more than EPIPE.
        drop(stdin.write_all(input.as_bytes()).await);
    }
    let output = child.wait_with_output().await.map_err(PostgresError::io("wait for", &path))?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return Ok(said.into_owned());
    }
    Err(PostgresError::Program { program, status: output.status, output: tail(&said) })
}

/// The last lines of a text, which hold the cause.
pub fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}
