//! What if a pooler stands before Postgres? With `ESTEIRA_TEST_PGBOUNCER` set, one does in every test.
//!
//! It is PgBouncer in transaction mode, where two statements of one connection may run on two servers unless a
//! transaction holds them together. LISTEN and migrations go past it, as in production.

use std::fmt::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use esteira_embedded::TestDatabase;
use esteira_engine::db::DatabaseOptions;

/// Ends with the test process, whose end closes its standard input.
const RUN: &str =
    "pgbouncer -q $1 \"$2/pgbouncer.ini\" & pooler=$!; cat >/dev/null; kill $pooler; rm -rf -- \"$2\"";

struct Pooler {
    port: u16,
    /// Holds the standard input open.
    _runner: Child,
}

/// How a test reaches its database.
pub fn options(database: &TestDatabase) -> DatabaseOptions {
    let direct = DatabaseOptions::new(&database.url);
    if std::env::var_os("ESTEIRA_TEST_PGBOUNCER").is_none() {
        return direct;
    }
    static POOLER: OnceLock<Pooler> = OnceLock::new();
    let pooler = POOLER.get_or_init(|| start(&database.url));
    let Parts { user, password, .. } = parts(&database.url);
    DatabaseOptions {
        url: format!("postgres://{user}:{password}@127.0.0.1:{}/{}", pooler.port, database.name),
        direct_url: Some(database.url.clone()),
        named_statements: false,
        ..direct
    }
}

struct Parts<'a> {
    user: &'a str,
    password: &'a str,
    port: &'a str,
}

fn parts(url: &str) -> Parts<'_> {
    let (login, place) = url.trim_start_matches("postgres://").split_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    let (server, _) = place.split_once('/').unwrap();
    Parts { user, password, port: server.rsplit_once(':').unwrap().1 }
}

fn start(url: &str) -> Pooler {
    let Parts { user, password, port: server } = parts(url);
    let dir = tempfile::Builder::new().prefix("esteira-pooler-").tempdir().unwrap().keep();
    // PgBouncer refuses to be root, and then has to read what root wrote.
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o755)).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut settings = String::new();
    write!(
        settings,
        "[databases]\n* = host=127.0.0.1 port={server}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\npool_mode = transaction\n\
         auth_type = plain\nauth_file = {}\nmax_client_conn = 5000\ndefault_pool_size = 6\n\
         server_reset_query = DEALLOCATE ALL\nserver_reset_query_always = 1\n\
         server_idle_timeout = 2\nignore_startup_parameters = extra_float_digits\n",
        dir.join("users.txt").display()
    )
    .unwrap();
    std::fs::write(dir.join("pgbouncer.ini"), settings).unwrap();
    std::fs::write(dir.join("users.txt"), format!("\"{user}\" \"{password}\"\n")).unwrap();
    let as_user = if rustix::process::geteuid().is_root() { "-u postgres" } else { "" };
    let runner = Command::new("/bin/sh")
        .args(["-c", &RUN.replace("$1", as_user), "esteira-test-pooler", ""])
        .arg(&dir)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(10), "PgBouncer does not run: is it installed?");
        std::thread::yield_now();
    }
    Pooler { port, _runner: runner }
}
