//! The flow that `docs/quickstart.md` shows, as it stands there, in each of its languages.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::running::{Server, error_of, esteira};

const MANUAL: &str = include_str!("../../../../docs/quickstart.md");

/// A picture of one grey dot.
const DOT: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\
    \0\0\0\nIDATx\xdac\xf8\x0f\0\x01\x01\x01\0\x1c\xb0\x8c\x99\0\0\0\0IEND\xaeB`\x82";

/// The one block of a language.
fn snippet(language: &str) -> &'static str {
    let (_, rest) = MANUAL.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```\n").unwrap().0
}

/// A Python with the library that the manual names; it is fetched once.
fn python() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("quickstart-python");
    let program = place.join("bin/python");
    let run = |program: &Path, arguments: &[&str]| {
        let done = Command::new(program).args(arguments).output().unwrap();
        assert!(done.status.success(), "{}", error_of(&done));
    };
    let has = Command::new(&program).args(["-c", "import standardwebhooks"]).output();
    if !has.is_ok_and(|done| done.status.success()) {
        run(Path::new("python3"), &["-m", "venv", place.to_str().unwrap()]);
        run(&program, &["-m", "pip", "install", "--quiet", "standardwebhooks"]);
    }
    program
}

#[test]
fn the_flow_runs_as_it_stands_in_curl_python_and_javascript() {
    let dir = tempfile::tempdir().unwrap();
    let mut up = esteira();
    up.env("ESTEIRA_WEBHOOKS_ALLOW_HTTP", "true").env("ESTEIRA_WEBHOOKS_ALLOWED_HOSTS", "127.0.0.1");
    let server = Server::start_by(up, &dir.path().join("data"));
    let connection = server.connection();
    for (language, program, arguments) in [
        ("bash", PathBuf::from("bash"), ["-euo", "pipefail", "-c"].as_slice()),
        ("python", python(), &["-c"]),
        ("javascript", PathBuf::from("node"), &["-e"]),
    ] {
        let place = dir.path().join(language);
        fs::create_dir(&place).unwrap();
        fs::write(place.join("holiday.png"), DOT).unwrap();
        let mut command = Command::new(program);
        command.args(arguments).arg(snippet(language)).current_dir(&place);
        command.env("ESTEIRA_URL", connection["url"].as_str().unwrap());
        command.env("ESTEIRA_API_KEY", connection["api_key"].as_str().unwrap());
        let done = command.output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{language}: {said}{}", error_of(&done));
        let job = said.split(' ').nth(1).unwrap();
        assert!(said.starts_with(&format!("job {job} has succeeded\n")), "{language}: {said}");
        if language != "bash" {
            assert!(said.ends_with(&format!("told of {job}: job.succeeded\n")), "{language}: {said}");
        }
        let video = fs::read(place.join("video.mp4")).unwrap();
        assert_eq!(&video[4..8], b"ftyp", "{language}");
    }
    assert_eq!(server.terminate(), Some(0));
}

/// Verifies a message with the shell of the manual; `now` is what its `date` says.
fn verified(body: &str, signature: &str, now: &str) -> Output {
    let script = format!("date() {{ echo {now}; }}\n{}", snippet("shell"));
    let mut command = Command::new("sh");
    command.args(["-euc", &script]).stdin(Stdio::piped());
    command.env("WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    command.env("WEBHOOK_ID", "msg_p5jXN8AQM9LWM0D4loKWxJek").env("WEBHOOK_TIMESTAMP", "1614265330");
    let mut child = command.env("WEBHOOK_SIGNATURE", signature).spawn().unwrap();
    child.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_shell_verifies_a_message_and_refuses_a_changed_or_an_old_one() {
    const BODY: &str = r#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let rotated = format!("v1,bm90IHRoaXMgb25l {SIGNATURE}");
    assert!(verified(BODY, SIGNATURE, "1614265330").status.success());
    assert!(verified(BODY, &rotated, "1614265030").status.success());
    assert!(!verified(BODY, SIGNATURE, "1614265631").status.success(), "it is old");
    assert!(!verified(BODY, SIGNATURE, "1614265029").status.success(), "it is of the future");
    assert!(!verified("{}", SIGNATURE, "1614265330").status.success(), "it is changed");
    assert!(!verified(BODY, "v1,", "1614265330").status.success(), "it is not signed");
}
