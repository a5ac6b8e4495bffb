//! The watchers that `docs/watch.md` shows, as they stand there, follow a job over several streams to its end.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use esteira_api::ApiOptions;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::serve::{LONG, start};
use crate::support::{Esteira, Hands};

const MANUAL: &str = include_str!("../../docs/watch.md");

/// The one block of a language.
fn snippet(language: &str) -> &'static str {
    let (_, rest) = MANUAL.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```\n").unwrap().0
}

/// Lets a watcher follow a job whose streams end every 200 ms, and gives what it printed.
async fn printed(program: &str, arguments: &[&str], comes_again: bool) -> Vec<String> {
    let options = ApiOptions { stream_time: Duration::from_millis(200), ..ApiOptions::default() };
    let esteira = Esteira::with(if comes_again { options } else { ApiOptions::default() }).await;
    let (tenant, key) = esteira.tenant("acme").await;
    let hands = Hands::of(&esteira).await;
    let job = esteira.submit(&key, "x").await;
    let server = start(&esteira).await;
    let mut watcher = Command::new(program)
        .args(arguments)
        .env("ESTEIRA_URL", format!("http://{}", server.address))
        .env("ESTEIRA_API_KEY", &key)
        .env("JOB", job.to_string())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watcher.stdout.take().unwrap()).lines();
    let mut printed = Vec::new();
    let watching = async {
        let mut lease = None;
        while let Some(line) = lines.next_line().await.unwrap() {
            // Each step is taken when the watcher has told the one before, in its own words or in the stream's.
            let tells = |word: &str, json: &str| line.ends_with(word) || line.contains(json);
            if tells("state queued", "\"state\":\"queued\"") {
                lease = Some(hands.claim(1).await.remove(0));
            } else if tells("state running", "\"state\":\"running\"") {
                hands.report(&tenant, lease.as_ref().unwrap(), 1, 0.5).await;
            } else if tells("progress 0.5", "\"fraction\":0.5") {
                hands.succeed(&tenant, lease.as_ref().unwrap()).await;
            }
            printed.push(line);
        }
    };
    timeout(LONG, watching).await.expect("it ends");
    assert!(watcher.wait().await.unwrap().success());
    printed
}

const TOLD: [&str; 5] = ["state queued", "state running", "log line 1", "progress 0.5", "state succeeded"];

#[tokio::test]
async fn the_watcher_in_python_follows_a_job_to_its_end() {
    assert_eq!(printed("python3", &["-c", snippet("python")], true).await, TOLD);
}

#[tokio::test]
async fn the_watcher_in_javascript_follows_a_job_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let program: &Path = &folder.path().join("watch.mjs");
    std::fs::write(program, snippet("javascript")).unwrap();
    assert_eq!(printed("node", &[program.to_str().unwrap()], true).await, TOLD);
}

#[tokio::test]
async fn curl_shows_the_stream() {
    let printed = printed("sh", &["-c", snippet("sh")], false).await;
    let data: Vec<_> = printed.iter().filter(|line| line.starts_with("data: ")).collect();
    assert!(data.len() == TOLD.len() && data[4].contains("\"succeeded\""), "{printed:?}");
}
