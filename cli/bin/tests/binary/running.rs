//! A running `esteira up` for a test, which leaves nothing behind whatever the test does.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use serde_json::Value;

/// The binary, in an environment that holds no settings of whoever runs the tests.
pub fn esteira() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_esteira"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).current_dir("/");
    command
}

/// An `esteira up` in a process group of its own.
pub struct Server {
    child: Child,
    dir: PathBuf,
}

impl Server {
    /// Starts one on `dir` and waits until it says that it is ready.
    pub fn start(dir: &Path) -> Self {
        Self::start_by(esteira(), dir)
    }

    /// The same by a command that ends with the binary.
    pub fn start_by(mut command: Command, dir: &Path) -> Self {
        command.args(["up", "--listen", "127.0.0.1:0", "--data-dir"]).arg(dir);
        command.stdout(Stdio::piped()).stderr(Stdio::inherit()).process_group(0);
        let mut child = command.spawn().unwrap();
        let mut said = String::new();
        // The line comes when it is ready; the pipe closes when it is not going to be.
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        let server = Self { child, dir: dir.to_owned() };
        assert!(said.starts_with("Esteira is ready at http://127.0.0.1:"), "said {said:?}");
        server
    }

    /// What `esteira.json` says.
    pub fn connection(&self) -> Value {
        serde_json::from_slice(&fs::read(self.dir.join("esteira.json")).unwrap()).unwrap()
    }

    /// The same, of one field.
    pub fn said(&self, name: &str) -> String {
        self.connection()[name].as_str().unwrap().to_owned()
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it by a signal and waits for that.
    pub fn end(mut self, signal: rustix::process::Signal) -> ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
        self.child.wait().unwrap()
    }

    /// The exit code after SIGTERM.
    pub fn terminate(self) -> Option<i32> {
        let status = self.end(rustix::process::Signal::TERM);
        assert_eq!(status.signal(), None, "it should end by itself");
        status.code()
    }

    /// Runs a client command against it.
    pub fn client(&self, args: &[&str]) -> Output {
        esteira().args(args).arg("--data-dir").arg(&self.dir).output().unwrap()
    }

    /// A role in a process of its own, on the database and the bucket of this one.
    pub fn role(&self, args: &[&str]) -> Command {
        let connection = self.connection();
        let secrets: Value =
            serde_json::from_slice(&fs::read(self.dir.join("secrets.json")).unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut command = esteira();
        command
            .args(args)
            .env("DATABASE_URL", text(&connection["database_url"]))
            .env("ESTEIRA_S3_BUCKET", "esteira")
            .env("ESTEIRA_S3_ENDPOINT", text(&connection["s3_endpoint"]))
            .env("ESTEIRA_S3_PATH_STYLE", "true")
            .env("ESTEIRA_S3_ACCESS_KEY", text(&secrets["s3_access_key"]))
            .env("ESTEIRA_S3_SECRET_KEY", text(&secrets["s3_secret_key"]));
        command
    }

    /// The number of the Postgres that it runs.
    pub fn postgres_pid(&self) -> i32 {
        let text = fs::read_to_string(self.dir.join("postgres/postmaster.pid")).unwrap();
        text.lines().next().unwrap().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed half-way; Postgres is stopped by way of its own parent.
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let pid = rustix::process::Pid::from_child(&self.child);
            let _ended_meanwhile = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
            let _ = self.child.wait();
        }
    }
}

/// Whether a process of this number lives; a zombie does not.
pub fn lives(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}

/// Every living process whose command line or working directory lies in `dir`.
pub fn processes_in(dir: &Path) -> Vec<String> {
    let dir = fs::canonicalize(dir).unwrap();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let cwd = fs::read_link(entry.path().join("cwd")).unwrap_or_default();
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        if cwd.starts_with(&dir) || command.contains(&dir.display().to_string()) {
            found.push(command);
        }
    }
    found
}

/// What a command said on standard error.
pub fn error_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
