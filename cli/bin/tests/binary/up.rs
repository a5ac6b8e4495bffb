//! `esteira up` through its lives: new, used, killed, refused.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Output};

use crate::running::{Server, error_of, esteira, lives, processes_in};
use rustix::process::Signal;

/// A folder that only its owner may enter, as `/root` is.
fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("esteira-up-").tempdir().unwrap()
}

/// An `up` that is expected to refuse.
fn refused(dir: &Path, listen: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = esteira();
    command.envs(variables.iter().copied()).args(["up", "--listen", listen, "--data-dir"]).arg(dir);
    command.output().unwrap()
}

#[test]
fn a_used_folder_goes_on_with_the_same_keys_and_the_end_leaves_no_process() {
    let dir = folder();
    let first = Server::start(dir.path());
    let keys = first.connection();
    let mode = fs::metadata(dir.path().join("esteira.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for name in ["url", "database_url", "s3_endpoint", "operator_key", "tenant", "api_key"] {
        assert!(keys[name].is_string(), "{name}");
    }
    let made = first.client(&["tenant", "create", "acme"]);
    assert!(made.status.success(), "{}", error_of(&made));
    assert_eq!(first.terminate(), Some(0));
    assert_eq!(processes_in(dir.path()), [""; 0]);
    assert!(!dir.path().join("esteira.json").exists(), "nobody is ready any more");

    let second = Server::start(dir.path());
    let again = second.connection();
    for name in ["operator_key", "tenant", "api_key"] {
        assert_eq!(keys[name], again[name], "{name}");
    }
    let shown = second.client(&["tenant", "show", "acme", "--json"]);
    assert!(shown.status.success(), "{}", error_of(&shown));
    assert_eq!(second.end(Signal::INT).code(), Some(0), "Ctrl-C is an orderly end too");
    assert_eq!(processes_in(dir.path()), [""; 0]);
}

#[test]
fn after_kill_9_the_next_start_clears_up_and_loses_nothing() {
    let dir = folder();
    let killed = Server::start(dir.path());
    let made = killed.client(&["tenant", "create", "acme"]);
    assert!(made.status.success(), "{}", error_of(&made));
    let orphan = killed.postgres_pid();
    killed.end(Signal::KILL);
    assert!(lives(orphan), "the orphan is what this test is about");

    let next = Server::start(dir.path());
    assert!(!lives(orphan));
    let shown = next.client(&["tenant", "show", "acme"]);
    assert!(shown.status.success(), "{}", error_of(&shown));
    assert_eq!(next.terminate(), Some(0));
    assert_eq!(processes_in(dir.path()), [""; 0]);
}

#[test]
fn a_second_up_on_a_running_folder_says_who_runs() {
    let dir = folder();
    let running = Server::start(dir.path());
    let second = refused(dir.path(), "127.0.0.1:0", &[]);
    assert_eq!(second.status.code(), Some(10));
    assert!(error_of(&second).contains("another Esteira (process "), "{}", error_of(&second));
    assert!(running.client(&["kind", "list"]).status.success(), "the first is not disturbed");
    assert_eq!(running.terminate(), Some(0));
}

#[test]
fn a_bucket_of_another_database_is_refused_whatever_the_environment_says() {
    let (dir, other) = (folder(), folder());
    let owner = Server::start(dir.path());
    let secrets: serde_json::Value =
        serde_json::from_slice(&fs::read(dir.path().join("secrets.json")).unwrap()).unwrap();
    let connection = owner.connection();
    let output = refused(
        other.path(),
        "127.0.0.1:0",
        &[
            ("ESTEIRA_S3_BUCKET", "esteira"),
            ("ESTEIRA_S3_ENDPOINT", connection["s3_endpoint"].as_str().unwrap()),
            ("ESTEIRA_S3_PATH_STYLE", "true"),
            ("ESTEIRA_S3_ACCESS_KEY", secrets["s3_access_key"].as_str().unwrap()),
            ("ESTEIRA_S3_SECRET_KEY", secrets["s3_secret_key"].as_str().unwrap()),
        ],
    );
    let error = error_of(&output);
    assert_eq!(output.status.code(), Some(14), "{error}");
    assert!(error.contains("starting on: embedded Postgres; bucket esteira at http://"), "{error}");
    assert!(error.contains("s3://esteira/esteira.json belongs to another Esteira"), "{error}");
    assert_eq!(owner.terminate(), Some(0));
}

#[test]
fn a_taken_port_is_told_before_anything_is_started() {
    let dir = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = refused(dir.path(), &address, &[]);
    assert_eq!(output.status.code(), Some(11));
    assert!(error_of(&output).contains(&address), "{}", error_of(&output));
    assert!(!dir.path().join("postgres").exists());
}

#[test]
fn a_new_folder_is_not_made_when_the_address_is_taken() {
    let dir = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let new = dir.path().join("new");
    let output = refused(&new, &format!("localhost:{}", taken.local_addr().unwrap().port()), &[]);
    assert_eq!(output.status.code(), Some(11), "{}", error_of(&output));
    assert!(!new.exists());
}

#[test]
fn a_folder_of_a_newer_version_is_left_alone() {
    let dir = folder();
    fs::write(dir.path().join("version"), "999\n").unwrap();
    let output = refused(dir.path(), "127.0.0.1:0", &[]);
    assert_eq!(output.status.code(), Some(12));
    assert!(error_of(&output).contains("newer"), "{}", error_of(&output));
    assert!(!dir.path().join("postgres").exists());
}

#[test]
fn without_a_postgres_server_the_cure_is_told() {
    let dir = folder();
    let output = refused(dir.path(), "127.0.0.1:0", &[("PG_BIN_DIR", "/nowhere")]);
    assert_eq!(output.status.code(), Some(13));
    let error = error_of(&output);
    assert!(error.contains("/nowhere") && error.contains("apt-get install postgresql"), "{error}");
}

#[test]
fn a_wrong_setting_is_told_by_its_name() {
    let dir = folder();
    let output = refused(dir.path(), "127.0.0.1:0", &[("ESTEIRA_WORKER_LEASE_SECONDS", "soon")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(error_of(&output).contains("ESTEIRA_WORKER_LEASE_SECONDS"), "{}", error_of(&output));
}

/// As root, the other tests show that root can; this shows that nobody special can as well.
#[test]
fn an_unprivileged_user_can_run_it() {
    if !rustix::process::geteuid().is_root() {
        return; // Every other test of this file has shown it.
    }
    const NOBODY: u32 = 65_534;
    let dir = folder();
    chown(dir.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    let binary = dir.path().join("esteira");
    fs::copy(env!("CARGO_BIN_EXE_esteira"), &binary).unwrap();
    chown(&binary, Some(NOBODY), Some(NOBODY)).unwrap();
    let data = dir.path().join("data");

    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(&binary);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", dir.path())
        .current_dir("/");
    let server = Server::start_by(command, &data);
    assert_eq!(fs::metadata(data.join("postgres")).unwrap().uid(), NOBODY);
    assert!(server.client(&["kind", "list"]).status.success());
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(processes_in(&data), [""; 0]);
}
