//! A job from the command line to the downloaded file, and what a worker's death does to it.

use std::fs;
use std::path::Path;
use std::process::{Child, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::running::{Server, error_of, esteira};

const KIND: &str = "video.generate";

/// A video of a flat colour, which needs no file.
fn colour(seconds: u32, size: (u32, u32)) -> Value {
    json!({
        "output": {"width": size.0, "height": size.1, "fps": 30},
        "tracks": [{"clips": [{"type": "color", "color": "#336699", "length": seconds}]}],
    })
}

fn write(dir: &Path, name: &str, input: &Value) -> String {
    let path = dir.join(name);
    fs::write(&path, input.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", error_of(output)))
}

/// `esteira worker` alone, on the database and the bucket of a running `up`.
fn worker(server: &Server, dir: &Path) -> Child {
    let mut command = server.role(&["worker", "--concurrency", "video.generate=1"]);
    command
        .env("ESTEIRA_WORK_DIR", dir.join("work-of-the-worker"))
        .env("ESTEIRA_WORKER_LEASE_SECONDS", "3")
        .env("ESTEIRA_WORKER_HEARTBEAT_SECONDS", "1")
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

/// An `up` that leaves the work to others.
fn without_hands(dir: &Path) -> Server {
    let mut command = esteira();
    command.env("ESTEIRA_WORKER_CONCURRENCY", "video.generate=0");
    Server::start_by(command, dir)
}

#[test]
fn a_job_is_submitted_followed_and_fetched() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let input = write(dir.path(), "job.json", &colour(1, (320, 180)));
    let done = server.client(&["job", "submit", "--kind", KIND, "--input", &input, "--wait", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", error_of(&done));
    let job = json_of(&done);
    assert_eq!((&job["state"], &job["attempt"]), (&json!("succeeded"), &json!(1)));

    let id = job["id"].as_str().unwrap();
    let film = dir.path().join("film.mp4");
    let got = server.client(&["artifact", "get", id, "video.mp4", "-o", film.to_str().unwrap()]);
    assert!(got.status.success(), "{}", error_of(&got));
    let bytes = job["artifacts"].as_array().unwrap().iter().find(|a| a["name"] == "video.mp4").unwrap();
    assert_eq!(Some(fs::metadata(&film).unwrap().len()), bytes["bytes"].as_u64());
    let beginning = server.client(&["artifact", "preview", id, "video.mp4"]);
    assert_eq!(beginning.stdout, fs::read(&film).unwrap(), "{}", error_of(&beginning));

    let me = json_of(&server.client(&["whoami", "--json"]));
    assert_eq!((&me["tenant"]["slug"], &me["operator"]), (&json!("demo"), &json!(false)));
    let operator = json_of(&server.client(&["whoami", "--operator", "--json"]));
    assert_eq!((&operator["tenant"], &operator["operator"]), (&json!(null), &json!(true)));
    let mine = json_of(&server.client(&["queue", "mine", "--json"]));
    assert!(mine["items"].as_array().unwrap().iter().any(|kind| kind["kind"] == KIND), "{mine}");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_job_that_fails_has_an_exit_code_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let lie = write(dir.path(), "photo.jpg", &json!("no photo"));
    let put = server.client(&["file", "put", &lie]);
    let uri = String::from_utf8(put.stdout).unwrap();
    let input = json!({
        "output": {"width": 320, "height": 180, "fps": 30},
        "tracks": [{"clips": [{"type": "image", "source": uri.trim(), "length": 1}]}],
    });
    let input = write(dir.path(), "job.json", &input);
    let failed = server.client(&["job", "submit", "--kind", KIND, "--input", &input, "--wait"]);
    assert_eq!(failed.status.code(), Some(3), "{}", error_of(&failed));

    let wrong = write(dir.path(), "wrong.json", &colour(0, (320, 180)));
    let refused = server.client(&["job", "submit", "--kind", KIND, "--input", &wrong, "--wait"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(error_of(&refused).contains("/input/tracks/0/clips/0/length"), "{}", error_of(&refused));
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_worker_killed_in_the_middle_costs_an_attempt_and_no_job() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = without_hands(&data);
    let mut first = worker(&server, &data);
    // Long enough to be met in the middle, on any machine.
    let input = write(dir.path(), "job.json", &colour(60, (1280, 720)));
    let submitted = json_of(&server.client(&["job", "submit", "--kind", KIND, "--input", &input, "--json"]));
    let id = submitted["id"].as_str().unwrap();
    loop {
        // The server holds each answer for a second, or until the job is final.
        let path = format!("{}/v1/jobs/{id}?wait=1", server.connection()["url"].as_str().unwrap());
        let key = server.connection()["api_key"].as_str().unwrap().to_owned();
        let mut answer = ureq::get(&path).header("authorization", format!("Bearer {key}")).call().unwrap();
        let job: Value = answer.body_mut().read_json().unwrap();
        assert_ne!(job["state"], "succeeded", "it was not met in the middle");
        if job["state"] == "running" && job["progress"]["fraction"].as_f64() > Some(0.0) {
            break;
        }
    }
    first.kill().unwrap();
    first.wait().unwrap();

    let mut second = worker(&server, &data);
    let done = server.client(&["job", "watch", id, "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", error_of(&done));
    let job = json_of(&done);
    assert_eq!((&job["state"], &job["attempt"]), (&json!("succeeded"), &json!(2)));
    kill_process(Pid::from_child(&second), Signal::TERM).unwrap();
    assert_eq!(second.wait().unwrap().code(), Some(0));
    assert_eq!(server.terminate(), Some(0));
}
