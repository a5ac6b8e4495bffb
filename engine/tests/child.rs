//! The child process: every way in which a kind can fail or attack is stopped, named, and survived.
//!
//! The kind is `examples/hostile.rs`, which `cargo test` builds beside this file. The same tests run
//! as root, where children become other users, and without.
#![expect(unsafe_code, reason = "a descriptor is left open on purpose")]
#![expect(clippy::expect_used, reason = "the helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use esteira_engine::child::protocol::{Assignment, LogLevel, Report};
use esteira_engine::child::sandbox::{SandboxConfig, SandboxMode, probe};
use esteira_engine::child::{
    AttemptDir, AttemptDirs, BadArtifact, ChildPool, ChildProgram, Ended, Ending, Limits, PoolConfig,
    open_artifact, supervise,
};
use esteira_engine::job::Resources;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, geteuid, kill_process, pidfd_open,
    test_kill_process_group, waitid,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// Long enough never to matter.
const LONG: Duration = Duration::from_secs(60);

fn hostile() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let target = test.parent().and_then(|deps| deps.parent()).expect("a target directory");
    let program = target.join("examples/hostile");
    assert!(program.exists(), "build it first: cargo build -p esteira-engine --example hostile");
    program
}

fn program(arguments: &[&str]) -> ChildProgram {
    ChildProgram { path: hostile(), args: arguments.iter().map(Into::into).collect() }
}

/// The number of a process in a line of text.
fn process(number: &str) -> Pid {
    number.parse().ok().and_then(Pid::from_raw).expect("a pid")
}

/// Waits until a process has ended.
fn await_end(process: &OwnedFd) {
    let mut ended = [PollFd::new(process, PollFlags::IN)];
    let limit = Timespec { tv_sec: 10, tv_nsec: 0 };
    assert_eq!(poll(&mut ended, Some(&limit)), Ok(1), "a process lives on");
}

/// A pool whose children are hostile, and a place for their directories.
struct Stage {
    pool: ChildPool,
    dirs: AttemptDirs,
    _base: tempfile::TempDir,
}

/// One attempt: what it may use, how long it may take, when it is cancelled.
struct Attempt {
    resources: Resources,
    limits: Limits,
    cancel_at: fn(&Report) -> bool,
}

impl Default for Attempt {
    fn default() -> Self {
        let resources = Resources {
            memory_bytes: 1 << 30,
            cpu_seconds: 60,
            file_bytes: 1 << 20,
            open_files: 64,
            threads: 16,
            read_only: Vec::new(),
        };
        let limits = Limits { deadline: LONG, stall: LONG, grace: Limits::GRACE };
        Self { resources, limits, cancel_at: |_| false }
    }
}

/// What is left of an attempt.
struct Played {
    ending: Ending,
    reports: Vec<Report>,
    dir: AttemptDir,
}

impl Played {
    fn code(&self) -> String {
        self.ending.ended.verdict().map_or_else(|| "done".to_owned(), |verdict| verdict.code)
    }

    fn output(&self) -> &Value {
        match &self.ending.ended {
            Ended::Done { output, .. } => output,
            other => panic!("not done: {other:?}, stderr: {}", self.ending.stderr),
        }
    }
}

impl Stage {
    fn set() -> Self {
        Self::with(SandboxConfig::default())
    }

    fn with(sandbox: SandboxConfig) -> Self {
        Self::of(PoolConfig { program: program(&["child"]), sandbox, ..PoolConfig::default() })
    }

    /// Without a template: every child is executed.
    fn executing() -> Self {
        Self::of(PoolConfig { program: program(&["child"]), template: false, ..PoolConfig::default() })
    }

    fn of(config: PoolConfig) -> Self {
        let base = tempfile::tempdir().expect("a directory");
        let pool = ChildPool::start(config).expect("a pool");
        Self { pool, dirs: AttemptDirs::open(base.path()).expect("a folder"), _base: base }
    }

    async fn play(&self, input: Value) -> Played {
        self.play_as(input, Attempt::default()).await
    }

    async fn play_as(&self, input: Value, attempt: Attempt) -> Played {
        let dir = self.dirs.create().expect("a directory");
        fs::write(dir.path().join(AttemptDir::staged(0)), "staged").expect("a staged file");
        dir.seal().expect("sealed");
        let assignment = Assignment {
            kind: "test.hostile".to_owned(),
            input,
            settings: json!({}),
            work_dir: dir.path().to_owned(),
            files: BTreeMap::new(),
            file_names: BTreeMap::new(),
            checkpoints: None,
            resources: attempt.resources,
            parallelism: 1,
        };
        let child = self.pool.take().await.expect("a child");
        let pid = child.pid();
        let cancel = CancellationToken::new();
        let mut reports = Vec::new();
        let hear = |report: Report| {
            if (attempt.cancel_at)(&report) {
                cancel.cancel();
            }
            reports.push(report);
        };
        let ending = supervise(child, &assignment, attempt.limits, &cancel, hear).await;
        let group = Pid::from_raw(i32::try_from(pid).expect("a pid")).expect("a pid");
        assert!(test_kill_process_group(group).is_err(), "the group of {pid} is left");
        Played { ending, reports, dir }
    }

    /// The mode ends with `code`, and the next job finds everything in order.
    async fn expect(&self, input: Value, attempt: Attempt, code: &str) -> Played {
        let played = self.play_as(input.clone(), attempt).await;
        assert_eq!(played.code(), code, "{input}: {:?}\n{}", played.ending.ended, played.ending.stderr);
        let next = self.play(json!({"mode": "succeed"})).await;
        assert_eq!(next.output(), &json!({"good": true}), "after {input}");
        played
    }
}

#[tokio::test]
async fn a_good_job_reports_its_way_and_leaves_its_artifact() {
    let stage = Stage::set();
    let played = stage.play(json!({"mode": "succeed"})).await;
    assert_eq!(played.output(), &json!({"good": true}));
    assert!(matches!(played.reports.first(), Some(Report::Started)));
    assert!(matches!(&played.reports[1], Report::Progress(progress) if progress.stage == "halfway"));
    assert!(matches!(&played.reports[2], Report::Log { level: LogLevel::Info, .. }));
    let text = std::io::read_to_string(open_artifact(played.dir.path(), "hls/result.txt").expect("opens"));
    assert_eq!(text.expect("reads"), "good");
    assert!(played.ending.usage.peak_rss_bytes > 0 && played.ending.usage.cpu > Duration::ZERO);
}

#[tokio::test]
async fn errors_crashes_and_panics_are_told_apart() {
    let stage = Stage::set();
    let expect = async |input: Value, code: &str| stage.expect(input, Attempt::default(), code).await;
    let failed = expect(json!({"mode": "fail"}), "bad_clip").await;
    assert!(failed.ending.ended.verdict().is_some_and(|verdict| !verdict.retryable && !verdict.crash));
    let panicked = expect(json!({"mode": "panic", "clip": 3}), "panicked").await;
    let verdict = panicked.ending.ended.verdict().expect("an error");
    assert_eq!(verdict.message, "the kind panicked: clip 3 broke the kind");
    for mode in ["abort", "fault"] {
        let crashed = expect(json!({"mode": mode}), "crashed").await;
        assert!(crashed.ending.ended.verdict().is_some_and(|verdict| verdict.retryable && verdict.crash));
    }
    expect(json!({"mode": "exit", "code": 3}), "crashed").await;
    expect(json!({"mode": "exit", "code": 0}), "crashed").await;
}

#[tokio::test]
async fn a_cancel_reaches_a_job_that_listens_and_one_that_does_not_within_two_seconds() {
    let stage = Stage::set();
    for mode in ["obey", "hang"] {
        let cancel_at = |report: &Report| matches!(report, Report::Progress(_));
        let began = Instant::now();
        let input = json!({"mode": mode});
        stage.expect(input, Attempt { cancel_at, ..Attempt::default() }, "cancelled").await;
        assert!(began.elapsed() < Duration::from_secs(2), "{mode}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_deadline_ends_a_job_that_keeps_reporting() {
    let limits =
        Limits { deadline: Duration::from_millis(300), stall: LONG, grace: Duration::from_millis(50) };
    let stage = Stage::set();
    stage.expect(json!({"mode": "obey"}), Attempt { limits, ..Attempt::default() }, "timeout").await;
    stage.expect(json!({"mode": "hang"}), Attempt { limits, ..Attempt::default() }, "timeout").await;
}

#[tokio::test]
async fn a_job_that_only_talks_or_keeps_silent_is_stalled() {
    let limits =
        Limits { deadline: LONG, stall: Duration::from_millis(300), grace: Duration::from_millis(50) };
    let stage = Stage::set();
    for mode in ["chatter", "hang"] {
        stage.expect(json!({"mode": mode}), Attempt { limits, ..Attempt::default() }, "stalled").await;
    }
}

#[tokio::test]
async fn want_of_memory_is_named_in_rust_and_in_c() {
    let stage = Stage::set();
    for mode in ["eat_memory", "eat_memory_at_once", "eat_memory_in_c"] {
        let mut attempt = Attempt::default();
        attempt.resources.memory_bytes = 256 << 20;
        let played = stage.expect(json!({"mode": mode}), attempt, "out_of_memory").await;
        assert!(played.ending.usage.peak_rss_bytes < 300 << 20);
    }
    let mut attempt = Attempt::default();
    attempt.resources.memory_bytes = 256 << 20;
    let survived = stage.expect(json!({"mode": "survive_memory"}), attempt, "out_of_memory").await;
    let verdict = survived.ending.ended.verdict().expect("an error");
    assert!(verdict.message.contains("encoder_failed: the encoder gave no reason"), "{}", verdict.message);
}

#[tokio::test]
async fn the_limits_of_processor_and_file_size_are_named() {
    let stage = Stage::set();
    let mut attempt = Attempt::default();
    attempt.resources.cpu_seconds = 1;
    let burned = stage.expect(json!({"mode": "burn"}), attempt, "cpu_limit").await;
    assert!(burned.ending.usage.cpu < Duration::from_secs(3));
    let filled = stage.expect(json!({"mode": "fill_file"}), Attempt::default(), "file_size_limit").await;
    let size = fs::metadata(filled.dir.path().join("tmp/full")).expect("the file").len();
    assert_eq!(size, 1 << 20);
    stage.expect(json!({"mode": "fill_file", "how": "ignoring"}), Attempt::default(), "disk_full").await;
}

#[tokio::test]
async fn a_child_that_ignores_the_processor_limit_is_killed_by_it() {
    let stage = Stage::set();
    let mut attempt = Attempt::default();
    attempt.resources.cpu_seconds = 1;
    stage.expect(json!({"mode": "burn", "how": "ignoring"}), attempt, "cpu_limit").await;
}

#[tokio::test]
async fn descriptors_and_threads_run_out() {
    let stage = Stage::set();
    let opened = stage.expect(json!({"mode": "open_files"}), Attempt::default(), "done").await;
    assert_eq!(opened.output()["errno"], libc::EMFILE);
    assert!(opened.output()["opened"].as_u64().is_some_and(|opened| opened < 64));
    let mut attempt = Attempt::default();
    attempt.resources.memory_bytes = 8 << 30;
    let threads = stage.expect(json!({"mode": "threads"}), attempt, "done").await;
    assert_eq!(threads.output()["errno"], libc::EAGAIN, "{}", threads.output());
    if geteuid().is_root() {
        assert!(threads.output()["started"].as_u64().is_some_and(|started| started < 16));
    }
}

#[tokio::test]
async fn nothing_of_the_worker_is_inherited() {
    let leaked = fs::File::open("/etc/passwd").expect("opens");
    // SAFETY: clears the close-on-exec flag of a descriptor that this test owns.
    assert_eq!(unsafe { libc::fcntl(std::os::fd::AsRawFd::as_raw_fd(&leaked), libc::F_SETFD, 0) }, 0);
    for stage in [Stage::set(), Stage::executing()] {
        let played = stage.play(json!({"mode": "inspect"})).await;
        has_nothing_of_the_worker(played.output());
    }
}

fn has_nothing_of_the_worker(found: &Value) {
    assert_eq!(
        found["environment"],
        json!(["GGML_NO_BACKTRACE", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME"]),
        "{found}"
    );
    // The three standard ones, the pipe of reports twice, and the account of its own memory.
    assert_eq!(found["descriptors"], json!([0, 1, 2, 3, 4, 5]));
    assert_eq!(found["arguments"], json!(["esteira", "child"]));
    assert_eq!(found["parent"], std::process::id());
    for (fact, value) in [
        ("leads_its_group", json!(true)),
        ("capabilities", json!(0)),
        ("no_new_privs", json!(1)),
        ("dumpable", json!(0)),
        ("temporary", json!(true)),
        ("devices", json!(true)),
        ("libraries", json!(true)),
        ("thread", json!(true)),
    ] {
        assert_eq!(found[fact], value, "{fact}: {found}");
    }
    if geteuid().is_root() {
        assert!(found["uid"].as_u64().is_some_and(|uid| (60_578..60_706).contains(&uid)), "{found}");
        assert_eq!(found["groups"], 0);
    } else {
        assert_eq!(found["uid"], u64::from(geteuid().as_raw()));
    }
}

#[tokio::test]
async fn files_outside_the_work_directory_are_out_of_reach() {
    if probe().landlock_abi.is_none() {
        // Nothing but Landlock knows paths; `docs/sandbox.md` says what is left without it.
        return;
    }
    let stage = Stage::set();
    let outside = tempfile::tempdir().expect("a directory");
    fs::write(outside.path().join("secret"), "secret").expect("a file");
    let outside = outside.path().display();
    let me = std::process::id();
    for (input, expected) in [
        (json!({"mode": "read", "path": "/etc/passwd"}), "EACCES"),
        (json!({"mode": "read", "path": "/proc/1/environ"}), "EACCES"),
        (json!({"mode": "read", "path": format!("/proc/{me}/environ")}), "EACCES"),
        (json!({"mode": "read", "path": "/proc/self/environ"}), "EACCES"),
        (json!({"mode": "read", "path": format!("{outside}/secret")}), "EACCES"),
        (json!({"mode": "list", "path": "/"}), "EACCES"),
        (json!({"mode": "list", "path": ".."}), "EACCES"),
        (json!({"mode": "write", "path": format!("{outside}/new")}), "EACCES"),
        (json!({"mode": "write", "path": "/dev/shm/new"}), "EACCES"),
        (json!({"mode": "write", "path": "../new"}), "EACCES"),
        (json!({"mode": "chmod", "path": format!("{outside}/secret")}), "EPERM"),
        (json!({"mode": "link", "path": "/etc/passwd"}), "EPERM"),
        (json!({"mode": "twin", "path": "/etc/passwd"}), "EPERM"),
        (json!({"mode": "pipe"}), "EPERM"),
    ] {
        let played = stage.play(input.clone()).await;
        assert_eq!(played.output()["refused"], expected, "{input}");
    }
    let played = stage.play(json!({"mode": "read_staged"})).await;
    assert_eq!(played.output()["text"], "staged");
    let played = stage.play(json!({"mode": "write_staged"})).await;
    assert_eq!(played.output()["refused"], "EACCES");
}

#[tokio::test]
async fn the_workers_environment_is_closed_to_its_children_with_landlock_or_without() {
    let path = format!("/proc/{}/environ", std::process::id());
    let played = Stage::set().play(json!({"mode": "read", "path": path})).await;
    assert_eq!(played.output()["refused"], "EACCES");
}

#[tokio::test]
async fn a_directory_that_the_operator_names_is_readable() {
    if probe().landlock_abi.is_none() {
        // Nothing but Landlock knows paths; `docs/sandbox.md` says what is left without it.
        return;
    }
    let models = tempfile::tempdir().expect("a directory");
    fs::write(models.path().join("model"), "weights").expect("a file");
    rustix::fs::chmod(models.path(), rustix::fs::Mode::from_raw_mode(0o755)).expect("readable");
    let read = json!({"mode": "read", "path": models.path().join("model")});
    let write = json!({"mode": "write", "path": models.path().join("model")});
    let sandbox = SandboxConfig { read_only: vec![models.path().to_owned()], ..SandboxConfig::default() };
    let stage = Stage::with(sandbox);
    assert_eq!(stage.play(read.clone()).await.output()["refused"], Value::Null);
    assert_eq!(stage.play(write).await.output()["refused"], "EACCES");

    let stage = Stage::set();
    let mut attempt = Attempt::default();
    assert_eq!(stage.play(read.clone()).await.output()["refused"], "EACCES");
    attempt.resources.read_only = vec![models.path().to_owned()];
    assert_eq!(stage.play_as(read, attempt).await.output()["refused"], Value::Null);
}

#[tokio::test]
async fn sockets_processes_and_memory_beside_the_limit_are_refused() {
    let stage = Stage::set();
    let me = std::process::id();
    for (input, expected) in [
        (json!({"mode": "socket", "family": libc::AF_INET}), "EPERM"),
        (json!({"mode": "socket", "family": libc::AF_INET6}), "EPERM"),
        (json!({"mode": "socket", "family": libc::AF_UNIX}), "EPERM"),
        (json!({"mode": "socket", "family": libc::AF_NETLINK}), "EPERM"),
        (json!({"mode": "connect"}), "EPERM"),
        (json!({"mode": "fork"}), "EPERM"),
        (json!({"mode": "vfork"}), "EPERM"),
        (json!({"mode": "clone3"}), "ENOSYS"),
        (json!({"mode": "exec"}), "EPERM"),
        (json!({"mode": "run"}), "EPERM"),
        (json!({"mode": "kill", "pid": me}), "EPERM"),
        (json!({"mode": "kill", "pid": -1}), "EPERM"),
        (json!({"mode": "kill", "pid": 0}), "EPERM"),
        (json!({"mode": "memfd"}), "EPERM"),
        (json!({"mode": "shared_memory"}), "EPERM"),
        (json!({"mode": "io_uring"}), "EPERM"),
        (json!({"mode": "unknown_call"}), "ENOSYS"),
        (json!({"mode": "raise_limit"}), "EPERM"),
        (json!({"mode": "become_root"}), "EPERM"),
    ] {
        let played = stage.play(input.clone()).await;
        assert_eq!(played.output()["refused"], expected, "{input}");
    }
}

#[tokio::test]
async fn what_only_an_intruder_calls_ends_the_process() {
    let stage = Stage::set();
    for mode in ["ptrace", "peek", "mount", "namespace", "bpf", "keyring"] {
        let input = json!({"mode": mode, "pid": std::process::id()});
        let played = stage.expect(input, Attempt::default(), "sandbox_violation").await;
        assert!(played.ending.ended.verdict().is_some_and(|verdict| verdict.crash && !verdict.retryable));
    }
}

#[tokio::test]
async fn a_child_that_talks_nonsense_is_ended() {
    let stage = Stage::set();
    for (text, times) in [
        ("garbage\n", 1),
        ("{\"event\":\"started\"}\n", 1),
        ("{\"event\":\"progress\",\"fraction\":\"much\"}\n", 1),
        ("an endless line ", 1_000_000),
        ("\u{0}\n", 1),
    ] {
        let input = json!({"mode": "say", "text": text, "times": times});
        stage.expect(input, Attempt::default(), "bad_child").await;
    }
    let flood = "{\"event\":\"log\",\"level\":\"info\",\"message\":\"again\"}\n";
    let flood = json!({"mode": "say", "text": flood, "times": 600_000});
    let flooded = stage.expect(flood, Attempt::default(), "bad_child").await;
    assert!(flooded.reports.len() < 250_000, "{}", flooded.reports.len());
}

#[tokio::test]
async fn what_a_library_prints_is_no_report() {
    let played = Stage::set().play(json!({"mode": "print"})).await;
    assert_eq!(played.output(), &json!({"good": true}));
    assert!(played.ending.stderr.contains("a library says hello"));
}

#[tokio::test]
async fn an_artifact_that_is_no_file_in_its_place_is_not_opened() {
    let stage = Stage::set();
    for name in ["../secret", "/etc/passwd", ".hidden", "a\u{0}b"] {
        stage.expect(json!({"mode": "declare", "name": name}), Attempt::default(), "bad_child").await;
    }
    let played = stage.expect(json!({"mode": "declare", "name": "folder"}), Attempt::default(), "done").await;
    assert!(matches!(open_artifact(played.dir.path(), "folder"), Err(BadArtifact::NotAFile)));
    assert!(matches!(open_artifact(played.dir.path(), "absent"), Err(BadArtifact::Unopenable(_))));
}

#[tokio::test]
async fn a_kind_that_this_worker_lacks_is_an_error_and_no_crash() {
    let stage = Stage::set();
    let dir = stage.dirs.create().expect("a directory");
    let assignment = Assignment {
        kind: "test.absent".to_owned(),
        input: json!({}),
        settings: json!({}),
        work_dir: dir.path().to_owned(),
        files: BTreeMap::new(),
        file_names: BTreeMap::new(),
        checkpoints: None,
        resources: Attempt::default().resources,
        parallelism: 1,
    };
    let child = stage.pool.take().await.expect("a child");
    let limits = Attempt::default().limits;
    let ending = supervise(child, &assignment, limits, &CancellationToken::new(), |_| {}).await;
    let verdict = ending.ended.verdict().expect("an error");
    assert_eq!((verdict.code.as_str(), verdict.crash), ("unknown_kind", false));
}

#[tokio::test]
async fn two_children_at_once_do_not_share_a_user_when_there_are_users() {
    let stage = Stage::set();
    let held = stage.pool.take().await.expect("a child");
    let beside = stage.play(json!({"mode": "inspect"})).await;
    drop(held);
    let alone = stage.play(json!({"mode": "inspect"})).await;
    let same = beside.output()["uid"] == alone.output()["uid"];
    assert_eq!(same, !probe().other_users);
}

#[tokio::test]
async fn a_required_sandbox_stands_where_the_kernel_has_it() {
    let sandbox = SandboxConfig { mode: SandboxMode::Require, ..SandboxConfig::default() };
    if probe().missing().is_empty() {
        let played = Stage::with(sandbox).play(json!({"mode": "succeed"})).await;
        assert_eq!(played.output(), &json!({"good": true}));
    } else {
        let program = program(&["child"]);
        assert!(ChildPool::start(PoolConfig { program, sandbox, ..PoolConfig::default() }).is_err());
    }
}

#[tokio::test]
async fn a_child_that_was_given_up_is_replaced() {
    let stage = Stage::set();
    stage.pool.warm().await;
    let spare = stage.pool.take().await.expect("a spare");
    drop(spare);
    assert_eq!(stage.play(json!({"mode": "succeed"})).await.output(), &json!({"good": true}));
}

#[tokio::test]
async fn a_child_dies_with_a_worker_that_is_killed() {
    let base = tempfile::tempdir().expect("a directory");
    let mut worker = Command::new(hostile())
        .arg("worker")
        .arg(base.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a worker");
    let mut line = String::new();
    BufReader::new(worker.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    // The child, and the template that it was forked from.
    let processes: Vec<OwnedFd> = line
        .split_whitespace()
        .map(|number| pidfd_open(process(number), PidfdFlags::empty()).expect("it lives"))
        .collect();
    assert_eq!(processes.len(), 2, "{line}");
    worker.kill().expect("killed");
    worker.wait().expect("collected");
    processes.iter().for_each(await_end);
    // A process that the dead worker was just starting may hold its lock for a moment longer.
    let left = fs::read_dir(base.path()).expect("readable").next().expect("a folder").expect("readable");
    let left = fs::File::open(left.path()).expect("opens");
    rustix::fs::flock(&left, rustix::fs::FlockOperation::LockExclusive).expect("unlocked");
    drop(left);
    // The next worker on the same place removes what the dead one left.
    AttemptDirs::open(base.path()).expect("opens");
    assert_eq!(fs::read_dir(base.path()).expect("readable").count(), 0);
}

#[tokio::test]
async fn a_child_process_that_is_dropped_is_killed() {
    let stage = Stage::set();
    let child = stage.pool.take().await.expect("a child");
    let pid = Pid::from_raw(i32::try_from(child.pid()).expect("a pid")).expect("a pid");
    let watched = pidfd_open(pid, PidfdFlags::empty()).expect("the child lives");
    drop(child);
    await_end(&watched);
}

#[tokio::test]
async fn two_forked_children_share_where_their_code_lies_and_no_random_number() {
    let stage = Stage::set();
    let (one, two) = (stage.play(json!({"mode": "draw"})).await, stage.play(json!({"mode": "draw"})).await);
    assert!(stage.pool.template().await.is_some(), "no template serves");
    assert_eq!(one.output()["code"], two.output()["code"]);
    assert_ne!(one.output()["keys"], two.output()["keys"]);
    for drawn in [one, two] {
        assert_eq!(
            drawn.output()["owner"],
            drawn.output()["thread"],
            "libc takes the child for another thread"
        );
    }
    let executing = Stage::executing();
    let (one, two) =
        (executing.play(json!({"mode": "draw"})).await, executing.play(json!({"mode": "draw"})).await);
    assert_eq!(executing.pool.template().await, None);
    assert_ne!(one.output()["keys"], two.output()["keys"]);
}

#[tokio::test]
async fn two_forked_children_are_two_processes_each_in_a_session_of_its_own() {
    let stage = Stage::set();
    let (one, two) =
        (stage.play(json!({"mode": "inspect"})).await, stage.play(json!({"mode": "inspect"})).await);
    let template = stage.pool.template().await.expect("a template");
    assert_ne!(one.output()["pid"], two.output()["pid"]);
    for found in [one.output(), two.output()] {
        assert_ne!(found["pid"], template);
        // It leads a session, and so it is in none of another's.
        assert_eq!((&found["leads_its_group"], &found["parent"]), (&json!(true), &json!(std::process::id())));
    }
}

#[tokio::test]
async fn a_template_that_was_killed_is_missed_by_no_attempt() {
    let stage = Stage::set();
    stage.pool.warm().await;
    let template = stage.pool.template().await.expect("a template");
    let running = stage.pool.take().await.expect("a child");
    kill_process(process(&template.to_string()), Signal::KILL).expect("killed");
    // The first of them may be a spare that was forked before.
    for _ in 0..3 {
        assert_eq!(stage.play(json!({"mode": "succeed"})).await.output(), &json!({"good": true}));
    }
    assert_ne!(stage.pool.template().await, Some(template));
    // What was forked from it lives on.
    let pid = process(&running.pid().to_string());
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    assert!(waitid(WaitId::Pid(pid), look).expect("a child of this process").is_none());
}

#[tokio::test]
async fn nothing_is_forked_from_a_process_that_keeps_a_file_open() {
    let stage = Stage::of(PoolConfig { program: program(&["child", "leaving"]), ..PoolConfig::default() });
    for _ in 0..2 {
        assert_eq!(stage.play(json!({"mode": "succeed"})).await.output(), &json!({"good": true}));
    }
    assert_eq!(stage.pool.template().await, None);
}

#[tokio::test]
async fn a_template_ends_with_its_pool() {
    let stage = Stage::set();
    stage.pool.warm().await;
    let template = process(&stage.pool.template().await.expect("a template").to_string());
    let template = pidfd_open(template, PidfdFlags::empty()).expect("it lives");
    drop(stage);
    await_end(&template);
}
