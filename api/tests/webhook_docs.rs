//! The receivers that `docs/webhooks.md` shows, as they stand there, are told and verify.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::webhooks::{delivering, tried};

const MANUAL: &str = include_str!("../../docs/webhooks.md");

/// The one block of a language.
fn snippet(language: &str) -> &'static str {
    let (_, rest) = MANUAL.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```\n").unwrap().0
}

/// A receiver under way, and the address at which it listens.
struct Shown {
    _process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Shown {
    async fn start(program: &Path, arguments: &[&str], secret: &str) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).env("PORT", "0").env("WEBHOOK_SECRET", secret);
        let mut process = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = lines.next_line().await.unwrap().expect("it says where it listens");
        let url = first.strip_prefix("listening on ").expect("it says where it listens").to_owned();
        Self { _process: process, lines, url }
    }
}

/// A Python with the library that the manual names; it is fetched once.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("webhooks-python");
        let program = place.join("bin/python");
        let run = |program: &Path, arguments: &[&str]| {
            let done = std::process::Command::new(program).args(arguments).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        };
        let has = std::process::Command::new(&program).args(["-c", "import standardwebhooks"]).output();
        if !has.is_ok_and(|done| done.status.success()) {
            run(Path::new("python3"), &["-m", "venv", place.to_str().unwrap()]);
            run(&program, &["-m", "pip", "install", "--quiet", "standardwebhooks"]);
        }
        program
    })
}

/// Tells the receiver with the secret that it knows, and then with another one.
async fn is_told_and_verifies(program: &Path, arguments: &[&str]) {
    let (esteira, _deliverer) = delivering().await;
    let (_, key) = esteira.tenant("acme").await;
    let secret = format!("whsec_{}", "QUJD".repeat(10));
    let mut shown = Shown::start(program, arguments, &secret).await;
    let body = json!({"url": shown.url, "secret": secret});
    let good = esteira.post(&key, "/v1/webhooks", body).await.json()["id"].as_str().unwrap().to_owned();
    esteira.post(&key, &format!("/v1/webhooks/{good}/test"), json!({})).await;
    let delivery = tried(&esteira, &key, &good).await;
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    let line = shown.lines.next_line().await.unwrap().unwrap();
    assert!(line.starts_with("webhook.test ") && line.contains(&good), "{line}");

    let body = json!({"url": shown.url});
    let bad = esteira.post(&key, "/v1/webhooks", body).await.json()["id"].as_str().unwrap().to_owned();
    esteira.post(&key, &format!("/v1/webhooks/{bad}/test"), json!({})).await;
    let delivery = tried(&esteira, &key, &bad).await;
    assert_eq!(
        (&delivery["state"], &delivery["attempts"][0]["response"]["status"]),
        (&json!("pending"), &json!(400))
    );
}

#[tokio::test]
async fn the_receiver_in_python_is_told_and_verifies() {
    is_told_and_verifies(python(), &["-c", snippet("python")]).await;
}

#[tokio::test]
async fn the_receiver_in_node_is_told_and_verifies() {
    is_told_and_verifies(Path::new("node"), &["-e", snippet("javascript")]).await;
}
