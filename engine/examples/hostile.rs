//! A kind that does its worst, for `tests/child.rs`. It is in no shipped list.
//!
//! Its input is `{"mode": "…"}`; each mode is a function below. A mode that tries something forbidden
//! answers with the error that it met: `{"refused": "EPERM"}`, and with `{"refused": null}` if it got
//! through. Started as a program it is a child, or with the argument `worker` a worker that hangs, or with `work` one that
//! works for a database, until it is killed.
#![expect(unsafe_code, reason = "an intruder does not keep to safe Rust")]

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::FromRawFd;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::ExitCode;
use std::ptr;
use std::sync::mpsc;
use std::time::Duration;

use esteira_engine::Engine;
use esteira_engine::artifact::{Store, StoreOptions};
use esteira_engine::child::protocol::{Assignment, LogLevel};
use esteira_engine::child::{self, AttemptDirs, ChildPool, Limits, PoolConfig, WorkDir, supervise};
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::document::{DocumentHead, Passage};
use esteira_engine::job::{
    Catalog, CheckedInput, InputError, Kind, KindDefaults, KindError, KindInfo, Resources, RetryPolicy,
};
use esteira_engine::worker::{Worker, WorkerOptions};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let worked = match arguments.as_slice() {
        ["worker", base] => worker(Path::new(base)),
        ["work", database, s3, base] => work(database, s3, Path::new(base)),
        _ => return child::main(vec![Box::new(Hostile)]),
    };
    if worked.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one job that never ends, and writes its child's process number when the job has begun.
#[tokio::main(flavor = "current_thread")]
async fn worker(base: &Path) -> io::Result<()> {
    let pool = ChildPool::start(PoolConfig::default()).map_err(io::Error::other)?;
    let dirs = AttemptDirs::open(base)?;
    let attempt = dirs.create()?;
    let child = pool.take().await?;
    let pid = child.pid();
    let assignment = Assignment {
        kind: "test.hostile".to_owned(),
        input: json!({"mode": "hang"}),
        settings: json!({}),
        work_dir: attempt.path().to_owned(),
        files: BTreeMap::new(),
        file_names: BTreeMap::new(),
        checkpoints: None,
        resources: Hostile.info().resources,
        parallelism: 1,
    };
    let long = Duration::from_secs(600);
    let limits = Limits { deadline: long, stall: long, grace: long };
    let tell = |_report| drop(writeln!(io::stdout(), "{pid}"));
    supervise(child, &assignment, limits, &CancellationToken::new(), tell).await;
    Ok(())
}

/// Works for a database and a bucket for ever, and brings checkpoints to the bucket without delay.
#[tokio::main]
async fn work(database: &str, s3: &str, base: &Path) -> io::Result<()> {
    let store = Store::open(&StoreOptions {
        bucket: "esteira".into(),
        region: "us-east-1".into(),
        endpoint: Some(s3.into()),
        public_endpoint: None,
        path_style: true,
        credentials: Some(("test".into(), "testsecret".into())),
        prefix: String::new(),
    })
    .await;
    let db = Db::open(&DatabaseOptions::new(database)).map_err(io::Error::other)?;
    let kinds: Vec<Box<dyn Kind>> = vec![Box::new(Hostile)];
    let catalog = Catalog::new(kinds, &BTreeMap::new()).map_err(io::Error::other)?;
    let mut options = WorkerOptions::new(BTreeMap::from([("test.hostile".into(), 1)]), base.into());
    options.checkpoints.delay = Duration::from_millis(100);
    let worker = Worker::start(Engine::new(db, store, catalog), options).await.map_err(io::Error::other)?;
    worker.run(CancellationToken::new()).await;
    Ok(())
}

struct Hostile;

impl Kind for Hostile {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: "test.hostile",
            title: "Hostile",
            description: "Does what a taken-over process would do.",
            input_schema: json!({}),
            output_schema: json!({}),
            example: json!({"mode": "succeed"}),
            settings: json!({}),
            settings_schema: json!({}),
            defaults: KindDefaults {
                max_attempts: 1,
                timeout: Duration::from_secs(60),
                stall: Duration::from_secs(60),
                retry: RetryPolicy::default(),
            },
            resources: Resources {
                memory_bytes: 1 << 30,
                cpu_seconds: 60,
                file_bytes: 1 << 20,
                open_files: 64,
                threads: 16,
                read_only: Vec::new(),
            },
        }
    }

    fn check(&self, _input: &Value, _settings: &Value) -> Result<CheckedInput, Vec<InputError>> {
        Ok(CheckedInput::default())
    }

    fn check_settings(&self, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn checkpoint_version(&self) -> Option<&'static str> {
        Some("1")
    }

    fn run(&self, input: &Value, _settings: &Value, work: &mut WorkDir) -> Result<Value, KindError> {
        let text = |key: &str| input[key].as_str().unwrap_or_default();
        let number = |key: &str| i32::try_from(input[key].as_i64().unwrap_or_default()).unwrap_or_default();
        match text("mode") {
            "succeed" => succeed(work),
            "document" => document(work, input),
            "pages" => pages(work, input),
            "state" => state(work, number("times"), usize::try_from(number("bytes")).unwrap_or_default()),
            "bad_checkpoint" => bad_checkpoint(text("how")),
            "fail" => Err(KindError::fail("bad_clip", "clip 3 is not a picture")),
            "panic" => panic!("clip {} broke the kind", number("clip")),
            "abort" => std::process::abort(),
            "fault" => fault(),
            "exit" => std::process::exit(number("code")),
            "hang" => hang(work),
            "obey" => obey(work),
            "chatter" => chatter(work),
            "eat_memory" => eat_memory(),
            "eat_memory_at_once" => Ok(json!({"eaten": vec![1_u8; 1 << 40].len()})),
            "eat_memory_in_c" => eat_memory_in_c(),
            "survive_memory" => survive_memory(),
            "burn" => burn(text("how") == "ignoring"),
            "fill_file" => fill_file(work, text("how") == "ignoring"),
            "open_files" => open_files(work),
            "threads" => threads(),
            "inspect" => inspect(),
            "read" => Ok(refused(File::open(text("path")))),
            "list" => Ok(refused(fs::read_dir(text("path")))),
            "read_staged" => Ok(json!({"text": fs::read_to_string("in/0").map_err(|e| broken(&e))?})),
            "read_named" => {
                let staged = work.file(text("name"))?;
                Ok(json!({"text": fs::read_to_string(staged).map_err(|e| broken(&e))?}))
            }
            "write" => Ok(refused(File::create(text("path")))),
            "write_staged" => Ok(refused(OpenOptions::new().write(true).open("in/0"))),
            "link" => Ok(refused(symlink(text("path"), "out/link"))),
            "twin" => Ok(refused(fs::hard_link(text("path"), "out/twin"))),
            "pipe" => Ok(refused(pipe("out/pipe"))),
            "declare" => declare(work, text("name")),
            "say" => say(text("text"), usize::try_from(number("times")).unwrap_or_default()),
            "print" => print(work),
            "socket" => {
                Ok(call(libc::SYS_socket, [i64::from(number("family")), i64::from(libc::SOCK_STREAM), 0]))
            }
            "connect" => Ok(refused(std::net::TcpStream::connect("127.0.0.1:1"))),
            "fork" => Ok(refused_call(unsafe { libc::fork() }.into())),
            "vfork" => Ok(call(
                libc::SYS_clone,
                [i64::from(libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD), 0, 0],
            )),
            "clone3" => Ok(call(libc::SYS_clone3, [0, 0, 0])),
            "exec" => Ok(exec("/bin/true")),
            "run" => Ok(refused(std::process::Command::new("/bin/true").status())),
            "kill" => Ok(refused_call(unsafe { libc::kill(number("pid"), libc::SIGKILL) }.into())),
            "chmod" => Ok(refused(fs::set_permissions(
                text("path"),
                fs::metadata("in").map_err(|e| broken(&e))?.permissions(),
            ))),
            "memfd" => Ok(call(libc::SYS_memfd_create, [c"x".as_ptr() as i64, 0, 0])),
            "shared_memory" => Ok(call(libc::SYS_shmget, [0, 4096, i64::from(libc::IPC_CREAT | 0o600)])),
            "io_uring" => Ok(call(libc::SYS_io_uring_setup, [1, 0, 0])),
            "unknown_call" => Ok(call(4095, [0, 0, 0])),
            "raise_limit" => Ok(raise_limit()),
            "become_root" => Ok(refused_call(unsafe { libc::setuid(0) }.into())),
            "ptrace" => {
                Ok(call(libc::SYS_ptrace, [i64::from(libc::PTRACE_ATTACH), i64::from(number("pid")), 0]))
            }
            "peek" => Ok(call(libc::SYS_process_vm_readv, [i64::from(number("pid")), 0, 0])),
            "mount" => Ok(call(libc::SYS_mount, [0, 0, 0])),
            "namespace" => Ok(call(libc::SYS_unshare, [i64::from(libc::CLONE_NEWUSER), 0, 0])),
            "bpf" => Ok(call(libc::SYS_bpf, [0, 0, 0])),
            "keyring" => Ok(call(libc::SYS_keyctl, [0, 0, 0])),
            other => Err(KindError::fail("unknown_mode", other.to_owned())),
        }
    }
}

fn broken(error: &io::Error) -> KindError {
    KindError::fail("test_broken", error.to_string())
}

fn refused<T>(result: io::Result<T>) -> Value {
    let name = |error: io::Error| match error.raw_os_error() {
        Some(libc::EPERM) => "EPERM".to_owned(),
        Some(libc::EACCES) => "EACCES".to_owned(),
        Some(libc::ENOSYS) => "ENOSYS".to_owned(),
        Some(libc::EXDEV) => "EXDEV".to_owned(),
        _ => error.to_string(),
    };
    json!({"refused": result.err().map(name)})
}

fn refused_call(answer: i64) -> Value {
    refused(if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) })
}

fn call(number: i64, arguments: [i64; 3]) -> Value {
    refused_call(unsafe { libc::syscall(number, arguments[0], arguments[1], arguments[2]) })
}

/// Leaves the document and the passages of its input, or those lines as they stand, and ends as it is told.
fn document(work: &mut WorkDir, input: &Value) -> Result<Value, KindError> {
    let head: DocumentHead = serde_json::from_value(input["head"].clone()).map_err(strange)?;
    let passages: Vec<Passage> = serde_json::from_value(input["passages"].clone()).map_err(strange)?;
    let mut document = work.begin_document()?;
    for _ in 0..input["times"].as_u64().unwrap_or(1) {
        for passage in &passages {
            document.add(passage)?;
        }
    }
    work.finish_document(document, &head)?;
    let left = work.scratch("passages.jsonl");
    if let Some(lines) = input["lines"].as_str() {
        fs::write(&left, lines).map_err(strange)?;
    }
    if input["removed"] == true {
        fs::remove_file(&left).map_err(strange)?;
    }
    match input["fail"].as_str() {
        Some(message) => Err(KindError::fail("told_to", message)),
        None => Ok(json!({"read": true})),
    }
}

/// Reads pages, and keeps each. The first attempt halts after some of them; one that finds any goes on. It tells how many
/// it found and which it made.
fn pages(work: &mut WorkDir, input: &Value) -> Result<Value, KindError> {
    let number = |key: &str| usize::try_from(input[key].as_u64().unwrap_or_default()).unwrap_or_default();
    let content = |page: usize| format!("{page:04} ").repeat(number("words").max(1));
    let found = work.checkpoint_keys();
    let mut made = Vec::new();
    for page in 0..number("pages") {
        let key = format!("page-{page}");
        if let Some(kept) = work.checkpoint(&key)? {
            if kept != content(page).as_bytes() {
                return Err(KindError::fail("not_what_was_kept", key));
            }
            continue;
        }
        if found.is_empty() && made.len() == number("halt_after") {
            return match input["halt"].as_str() {
                Some("abort") => std::process::abort(),
                Some("retry") => Err(KindError::retry("again", "once more")),
                Some("fail") => Err(KindError::fail("told_to", "no more")),
                _ => halt(work),
            };
        }
        work.keep_checkpoint(&key, content(page).as_bytes())?;
        made.push(page);
    }
    Ok(json!({"found": found.len(), "made": made}))
}

/// Keeps one state again and again, and halts; an attempt that finds one tells which.
fn state(work: &mut WorkDir, times: i32, bytes: usize) -> Result<Value, KindError> {
    if let Some(kept) = work.checkpoint("state")? {
        let last = kept.first_chunk().map(|last| i32::from_le_bytes(*last));
        return Ok(json!({"last": last}));
    }
    for number in 0..times {
        let mut state = vec![7; bytes];
        state.splice(..4, number.to_le_bytes());
        work.keep_checkpoint("state", &state)?;
    }
    halt(work)
}

/// Waits to be stopped, and tells who is to be killed.
fn halt(work: &mut WorkDir) -> Result<Value, KindError> {
    work.progress(0.5, "halted", &std::process::id().to_string())?;
    loop {
        work.check_stop()?;
        wait(Duration::from_millis(5));
    }
}

/// Leaves something else where the worker looks for a checkpoint, and waits to be stopped.
fn bad_checkpoint(how: &str) -> Result<Value, KindError> {
    let place = Path::new("tmp/checkpoints/1");
    let record = |key: &str, length: u64| {
        [
            &u16::try_from(key.len()).unwrap_or_default().to_le_bytes()[..],
            &length.to_le_bytes(),
            key.as_bytes(),
        ]
        .concat()
    };
    let left = match how {
        "absent" => Ok(()),
        "folder" => fs::create_dir(place),
        "pipe" => pipe("tmp/checkpoints/1"),
        "link" => symlink("/etc/passwd", place),
        "twin" => fs::hard_link("in/checkpoints", place),
        "nonsense" => fs::write(place, "nonsense"),
        "short" => fs::write(place, record("key", 1_000)),
        "endless" => fs::write(place, record("key", u64::MAX)),
        "sparse" => fs::write(place, record("key", 1 << 19))
            .and_then(|()| OpenOptions::new().write(true).open(place)?.set_len((1 << 19) + 13)),
        "climbing" => fs::write(place, [record("../../../../etc/passwd", 1), b"a".to_vec()].concat()),
        "elsewhere" => fs::remove_dir("tmp/checkpoints")
            .and_then(|()| fs::create_dir("out/1"))
            .and_then(|()| fs::rename("out", "tmp/checkpoints")),
        other => return Err(KindError::fail("unknown_mode", other.to_owned())),
    };
    let left = refused(left);
    report(&format!("{}\n", json!({"event": "checkpoint", "number": 1})))?;
    report(&format!(
        "{}\n",
        json!({"event": "progress", "fraction": 0.5, "stage": "left", "message": left.to_string()})
    ))?;
    loop {
        wait(Duration::from_millis(5));
    }
}

fn strange(error: impl std::fmt::Display) -> KindError {
    KindError::fail("strange", error.to_string())
}

fn succeed(work: &mut WorkDir) -> Result<Value, KindError> {
    work.progress(0.5, "halfway", "one of two")?;
    work.log(LogLevel::Info, "all is well")?;
    work.write_artifact("hls/result.txt", "text/plain", b"good")?;
    work.progress(1.0, "done", "two of two")?;
    Ok(json!({"good": true}))
}

fn fault() -> ! {
    unsafe { ptr::null_mut::<u8>().write_volatile(1) };
    std::process::exit(99)
}

/// Ignores TERM and does nothing for ever.
fn hang(work: &mut WorkDir) -> Result<Value, KindError> {
    unsafe { libc::signal(libc::SIGTERM, libc::SIG_IGN) };
    work.progress(0.1, "hanging", "")?;
    loop {
        unsafe { libc::poll(ptr::null_mut(), 0, -1) };
    }
}

/// Works until it is asked to stop.
fn obey(work: &mut WorkDir) -> Result<Value, KindError> {
    loop {
        work.progress(0.1, "working", "")?;
        wait(Duration::from_millis(5));
    }
}

/// Talks without getting on.
fn chatter(work: &mut WorkDir) -> Result<Value, KindError> {
    loop {
        work.log(LogLevel::Info, "still here")?;
        wait(Duration::from_millis(5));
    }
}

fn wait(time: Duration) {
    let (_sender, receiver) = mpsc::channel::<()>();
    let _timed_out = receiver.recv_timeout(time);
}

fn eat_memory() -> Result<Value, KindError> {
    let mut eaten = Vec::new();
    loop {
        eaten.push(vec![1_u8; 16 << 20]);
    }
}

/// As C does that does not look at what `malloc` gave.
fn eat_memory_in_c() -> Result<Value, KindError> {
    loop {
        unsafe {
            let block: *mut u8 = libc::malloc(16 << 20).cast();
            block.write_volatile(1);
        }
    }
}

/// As a library does that gives up in order, and tells a reason of its own.
fn survive_memory() -> Result<Value, KindError> {
    unsafe {
        let mut blocks = Vec::new();
        loop {
            let block = libc::malloc(16 << 20);
            if block.is_null() {
                break;
            }
            blocks.push(block);
        }
        blocks.into_iter().for_each(|block| libc::free(block));
    }
    let _leaves_another_error_number = File::open("absent");
    Err(KindError::fail("encoder_failed", "the encoder gave no reason"))
}

fn burn(ignoring: bool) -> Result<Value, KindError> {
    if ignoring {
        unsafe { libc::signal(libc::SIGXCPU, libc::SIG_IGN) };
    }
    loop {
        std::hint::spin_loop();
    }
}

fn fill_file(work: &WorkDir, ignoring: bool) -> Result<Value, KindError> {
    if ignoring {
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    }
    let mut file = File::create(work.scratch("full")).map_err(|error| broken(&error))?;
    loop {
        if let Err(error) = file.write_all(&[0; 1 << 16]) {
            return Err(KindError::fail("disk_full", error.kind().to_string()));
        }
    }
}

fn open_files(work: &WorkDir) -> Result<Value, KindError> {
    let mut files = Vec::new();
    loop {
        match File::create(work.scratch(&files.len().to_string())) {
            Ok(file) => files.push(file),
            Err(error) => return Ok(json!({"opened": files.len(), "errno": error.raw_os_error()})),
        }
    }
}

/// Starts threads until no more can be had.
fn threads() -> Result<Value, KindError> {
    let (sender, receiver) = mpsc::channel::<()>();
    let gate = std::sync::Arc::new(std::sync::Mutex::new(receiver));
    let mut started = 0;
    let refused = loop {
        let gate = std::sync::Arc::clone(&gate);
        let thread = std::thread::Builder::new().stack_size(32 << 10).spawn(move || {
            let _over = gate.lock().map(|gate| gate.recv());
        });
        match thread {
            Ok(_) if started < 5_000 => started += 1,
            Ok(_) => break None,
            Err(error) => break error.raw_os_error(),
        }
    };
    drop(sender);
    Ok(json!({"started": started, "errno": refused}))
}

/// What it has been given: environment, descriptors, place, user, capabilities.
fn inspect() -> Result<Value, KindError> {
    let environment: Vec<String> = std::env::vars().map(|(key, _)| key).collect();
    let descriptors: Vec<i32> =
        (0..4096).filter(|fd| unsafe { libc::fcntl(*fd, libc::F_GETFD) } >= 0).collect();
    let capabilities = rustix::thread::capabilities(None).map_err(|error| broken(&error.into()))?;
    Ok(json!({
        "environment": environment,
        "descriptors": descriptors,
        "arguments": std::env::args().collect::<Vec<_>>(),
        "leads_its_group": unsafe { libc::getpgid(0) == libc::getpid() && libc::getsid(0) == libc::getpid() },
        "uid": unsafe { libc::getuid() },
        "groups": unsafe { libc::getgroups(0, ptr::null_mut()) },
        "capabilities": capabilities.effective.bits() | capabilities.permitted.bits(),
        "no_new_privs": unsafe { libc::prctl(libc::PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) },
        "dumpable": unsafe { libc::prctl(libc::PR_GET_DUMPABLE, 0, 0, 0, 0) },
        "temporary": fs::write(std::env::temp_dir().join("probe"), "x").is_ok(),
        "devices": OpenOptions::new().write(true).open("/dev/null").is_ok() && File::open("/dev/urandom").is_ok(),
        "libraries": fs::read_dir("/usr/lib").is_ok(),
        "thread": std::thread::spawn(|| true).join().unwrap_or(false),
    }))
}

fn pipe(path: &str) -> io::Result<()> {
    let path = CString::new(path).map_err(io::Error::other)?;
    if unsafe { libc::mkfifo(path.as_ptr(), 0o600) } < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Declares an artifact past the checks on its own side.
fn declare(work: &WorkDir, name: &str) -> Result<Value, KindError> {
    let _not_there = fs::create_dir_all(work.root().join("out").join(name));
    report(&format!("{}\n", json!({"event": "artifact", "name": name, "media_type": "text/plain"})))?;
    Ok(Value::Null)
}

fn say(text: &str, times: usize) -> Result<Value, KindError> {
    for _ in 0..times {
        report(text)?;
    }
    Ok(Value::Null)
}

/// Prints to standard output as a careless library would.
fn print(work: &mut WorkDir) -> Result<Value, KindError> {
    let mut stdout = unsafe { File::from_raw_fd(1) };
    stdout.write_all(b"a library says hello\n").map_err(|error| broken(&error))?;
    succeed(work)
}

/// Writes to the pipe of reports itself: the lowest descriptor after the standard ones.
fn report(text: &str) -> Result<(), KindError> {
    let mut pipe = unsafe { File::from_raw_fd(3) };
    let written = pipe.write_all(text.as_bytes()).map_err(|error| broken(&error));
    std::mem::forget(pipe);
    written
}

fn exec(path: &str) -> Value {
    let path = CString::new(path).unwrap_or_default();
    let arguments = [path.as_ptr(), ptr::null()];
    refused_call(unsafe { libc::execv(path.as_ptr(), arguments.as_ptr()) }.into())
}

fn raise_limit() -> Value {
    let all = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    refused_call(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const all) }.into())
}
