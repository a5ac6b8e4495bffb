//! The embedded Postgres through its lives: new, used, killed, orphaned.

#![expect(clippy::unwrap_used, reason = "a helper of a test that cannot go on should fail it")]

use std::path::Path;
use std::process::Command;

use esteira_embedded::{EmbeddedPostgres, PostgresError, PostgresOptions, TestCluster};

async fn start(dir: &Path) -> EmbeddedPostgres {
    EmbeddedPostgres::start(dir, PostgresOptions::default()).await.unwrap()
}

fn query(postgres: &EmbeddedPostgres, url: &str, sql: &str) -> Result<String, String> {
    let output =
        Command::new(postgres.binaries().program("psql")).args(["-XqtA", "-c", sql, url]).output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap().trim_end().to_owned())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

/// A folder that nobody but its owner may enter, as `/root` is.
fn private_folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("esteira-embedded-").tempdir().unwrap()
}

#[tokio::test]
async fn data_outlive_a_stop_and_a_start() {
    let dir = private_folder();
    let first = start(dir.path()).await;
    query(&first, &first.url(), "create schema s; create table s.t as select 42 as answer").unwrap();
    let url = first.url();
    assert!(first.stop().await.unwrap().success());
    assert!(!dir.path().join("postgres/postmaster.pid").exists());

    let second = start(dir.path()).await;
    assert_eq!(query(&second, &second.url(), "select answer from s.t").unwrap(), "42");
    let password = |url: &str| url.split('@').next().unwrap().to_owned();
    assert_eq!(password(&url), password(&second.url()));
    second.stop().await.unwrap();
}

#[tokio::test]
async fn the_role_may_create_roles_and_is_no_superuser() {
    let dir = private_folder();
    let postgres = start(dir.path()).await;
    let facts = "select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls from pg_roles where rolname = current_user";
    assert_eq!(query(&postgres, &postgres.url(), facts).unwrap(), "f|t|f|f");
    query(&postgres, &postgres.url(), "create role r; create schema s; set role esteira").unwrap();
    assert_eq!(query(&postgres, &postgres.url(), "select lower('ÁÇÃO')").unwrap(), "áção");
    let wrong = postgres.url().replace("esteira:", "esteira:x");
    assert!(query(&postgres, &wrong, "select 1").unwrap_err().contains("password authentication failed"));
    postgres.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_an_earlier_life_left_is_stopped_and_its_data_kept() {
    let dir = private_folder();
    let orphan = start(dir.path()).await;
    query(&orphan, &orphan.url(), "create schema s; create table s.t as select 7 as x").unwrap();
    let pid = orphan.pid();
    // As after a kill -9 of the parent: nobody stops it.
    std::mem::forget(orphan);

    let next = start(dir.path()).await;
    assert_ne!(next.pid(), pid);
    assert_eq!(query(&next, &next.url(), "select x from s.t").unwrap(), "7");
    next.stop().await.unwrap();
}

#[tokio::test]
async fn a_killed_server_recovers_and_a_stale_pid_file_is_no_obstacle() {
    let dir = private_folder();
    let mut killed = start(dir.path()).await;
    query(&killed, &killed.url(), "create schema s; create table s.t as select 7 as x").unwrap();
    let pid = rustix::process::Pid::from_raw(killed.pid()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    assert!(!killed.ended().await.unwrap().success());
    // The number in the file is a living process that is no Postgres: this one.
    let pid_file = dir.path().join("postgres/postmaster.pid");
    let text = std::fs::read_to_string(&pid_file).unwrap();
    std::fs::write(&pid_file, text.replacen(&killed.pid().to_string(), &std::process::id().to_string(), 1))
        .unwrap();

    let next = start(dir.path()).await;
    assert_eq!(query(&next, &next.url(), "select x from s.t").unwrap(), "7");
    next.stop().await.unwrap();
}

#[tokio::test]
async fn data_of_a_version_that_is_not_installed_are_refused_by_name() {
    let dir = private_folder();
    std::fs::create_dir(dir.path().join("postgres")).unwrap();
    std::fs::write(dir.path().join("postgres/PG_VERSION"), "99\n").unwrap();
    let error = EmbeddedPostgres::start(dir.path(), PostgresOptions::default()).await.err().unwrap();
    assert!(matches!(error, PostgresError::Binaries(_)));
    assert!(error.to_string().contains("written by Postgres 99"), "{error}");
}

#[tokio::test]
async fn a_half_made_cluster_is_made_anew() {
    let dir = private_folder();
    std::fs::create_dir(dir.path().join("postgres.new")).unwrap();
    std::fs::write(dir.path().join("postgres.new/PG_VERSION"), "15\n").unwrap();
    start(dir.path()).await.stop().await.unwrap();
    assert!(!dir.path().join("postgres.new").exists());
}

#[test]
fn databases_of_a_test_cluster_are_clones_that_do_not_touch_each_other() {
    let cluster = TestCluster::shared();
    let template = cluster.create_database(None);
    cluster.psql(&template.url, "create schema s create table t (x int)");
    let [a, b] = [(), ()].map(|()| cluster.create_database(Some(&template.name)));
    cluster.psql(&a.url, "insert into s.t values (1)");
    assert_eq!(cluster.psql(&a.url, "select count(*) from s.t"), "1");
    assert_eq!(cluster.psql(&b.url, "select count(*) from s.t"), "0");
}
