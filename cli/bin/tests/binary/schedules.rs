//! `esteira schedule` against a running server, which fires by itself; and `esteira scheduler` beside it.

use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::running::{Server, error_of};

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", error_of(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn schedules_are_made_fired_paused_run_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let schedule = |args: &[&str]| server.client(&[&["schedule"], args, &["--json"]].concat());
    // Its jobs wait, so that none of them has to be done.
    assert!(server.client(&["queue", "pause"]).status.success());
    let input = dir.path().join("job.json");
    std::fs::write(&input, r##"{"tracks": [{"clips": [{"type": "color", "color": "#369", "length": 1}]}]}"##)
        .unwrap();
    let input = input.to_str().unwrap();
    let create = ["create", "--name", "often", "--kind", "video.generate", "--input", input, "--cron"];

    let refused = schedule(&[&create[..], &["61 * * * *"]].concat());
    assert!(error_of(&refused).contains("is not between 0 and 59"), "{}", error_of(&refused));
    let made = json(&schedule(
        &[&create[..], &["* * * * * *", "--timezone", "Asia/Tokyo", "--overlap", "queue"]].concat(),
    ));
    let id = made["id"].as_str().unwrap();
    assert_eq!((&made["timezone"], &made["overlap"]), (&json!("Asia/Tokyo"), &json!("queue")));
    let fired = loop {
        let runs = json(&schedule(&["runs", id, "--state", "fired"]));
        if let Some(run) = runs.get(0) {
            break run.clone();
        }
    };
    let job = json(&server.client(&["job", "get", fired["job_id"].as_str().unwrap(), "--json"]));
    assert_eq!(job["metadata"]["schedule_id"], made["id"]);
    assert_eq!(json(&schedule(&["pause", id]))["next_runs"], json!([]));
    let changed = json(&schedule(&["update", id, "--cron", "@yearly", "--overlap", "replace"]));
    assert_eq!((&changed["cron"], &changed["enabled"]), (&json!("@yearly"), &json!(false)));
    assert_eq!(json(&schedule(&["run", id]))["by_hand"], true);
    assert_eq!(json(&schedule(&["resume", id]))["next_runs"].as_array().unwrap().len(), 5);
    assert_eq!(json(&schedule(&["list"]))[0]["id"], made["id"]);
    let listed = server.client(&["schedule", "list"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("NEXT"), "{listed:?}");
    assert_eq!(json(&schedule(&["show", id]))["name"], "often");
    assert!(server.client(&["schedule", "delete", id]).status.success());
    assert_eq!(json(&schedule(&["list"])), json!([]));

    // Another process that waits to lead ends in order.
    assert!(server.role(&["doctor", "--role", "scheduler"]).output().unwrap().status.success());
    let mut beside = server.role(&["scheduler"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(beside.stderr.take().unwrap()).lines();
    lines.by_ref().map(Result::unwrap).find(|line| line.contains("scheduler ready")).unwrap();
    kill_process(Pid::from_child(&beside), Signal::TERM).unwrap();
    assert_eq!(beside.wait().unwrap().code(), Some(0));
    assert_eq!(server.terminate(), Some(0));
}
