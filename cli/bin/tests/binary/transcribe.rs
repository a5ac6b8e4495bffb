//! A recording through the whole of a running server: the sandbox, the artifacts, the search, and `esteira models`.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::running::{Server, error_of, esteira};

/// A reader of LibriVox, out of Debian's pocketsphinx-testdata.
const CLIP: &str = "/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0870.wav";

fn text_of(server: &Server, args: &[&str]) -> String {
    let output = server.client(args);
    assert!(output.status.success(), "{args:?}: {}", error_of(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Submits a job on a file; answers its id.
fn submit(server: &Server, dir: &Path, file: &str, mut input: Value, wait: bool) -> String {
    input["source"] = json!(text_of(server, &["file", "put", file]));
    let path = dir.join("input.json");
    fs::write(&path, input.to_string()).unwrap();
    let wait: &[&str] = if wait { &["--wait"] } else { &[] };
    let args = ["job", "submit", "--kind", "media.transcribe", "--input", path.to_str().unwrap()];
    text_of(server, &[&args, wait].concat())
}

/// The reader once, and so many times again.
fn looped(dir: &Path, times: u32) -> String {
    let long = dir.join("long.flac");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-stream_loop", &times.to_string(), "-i", CLIP]).arg(&long);
    assert!(ffmpeg.stdin(Stdio::null()).status().unwrap().success());
    long.to_str().unwrap().to_owned()
}

#[test]
fn a_recording_is_written_down_in_the_sandbox_and_found_by_what_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let job = submit(&server, dir.path(), CLIP, json!({"language": "en"}), true);
    let subtitles = dir.path().join("out.vtt");
    text_of(&server, &["artifact", "get", &job, "transcript.vtt", "-o", subtitles.to_str().unwrap()]);
    let subtitles = fs::read_to_string(subtitles).unwrap();
    assert!(subtitles.starts_with("WEBVTT\n\n") && subtitles.contains("Dashwood"), "{subtitles}");
    let found: Value = serde_json::from_str(&text_of(&server, &["search", "leisure", "--json"])).unwrap();
    assert_eq!(found["items"][0]["seconds"].as_f64().map(|seconds| seconds < 1.0), Some(true), "{found}");
    // A video takes either as its captions.
    for name in ["transcript.vtt", "transcript.srt"] {
        let clip = json!({"type": "color", "color": "#204060", "length": 5});
        let video = json!({
            "output": {"width": 320, "height": 180, "fps": 10}, "tracks": [{"clips": [clip]}],
            "captions": {"source": format!("artifact://{job}/{name}"), "language": "en"},
        });
        let path = dir.path().join("video.json");
        fs::write(&path, video.to_string()).unwrap();
        let args = ["job", "submit", "--kind", "video.generate", "--input", path.to_str().unwrap(), "--wait"];
        let video = text_of(&server, &args);
        let captions = dir.path().join("captions.vtt");
        text_of(&server, &["artifact", "get", &video, "captions.vtt", "-o", captions.to_str().unwrap()]);
        assert!(fs::read_to_string(captions).unwrap().contains("Dashwood"), "{name}");
    }
}

#[test]
fn a_cancel_in_the_middle_ends_the_job_within_five_seconds() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let long = looped(dir.path(), 200);
    let job = submit(&server, dir.path(), &long, json!({"language": "en"}), false);
    let view =
        || -> Value { serde_json::from_str(&text_of(&server, &["job", "get", &job, "--json"])).unwrap() };
    while view()["progress"]["stage"] != "transcribing" {
        assert_ne!(view()["state"], "failed", "{}", view());
    }
    let began = Instant::now();
    text_of(&server, &["job", "cancel", &job]);
    while view()["state"] != "cancelled" {}
    // A busy machine starts the client slowly.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

/// `esteira worker` alone, whose death is soon noticed; what it says goes into a file.
fn worker(server: &Server, dir: &Path, log: &Path) -> Child {
    let mut command = server.role(&["worker", "--concurrency", "media.transcribe=1"]);
    command
        .env("ESTEIRA_WORK_DIR", dir.join("work-of-the-worker"))
        .env("ESTEIRA_WORKER_LEASE_SECONDS", "3")
        .env("ESTEIRA_WORKER_HEARTBEAT_SECONDS", "1")
        .env("ESTEIRA_WORKER_CHECKPOINT_MS", "100")
        .stderr(File::create(log).unwrap());
    command.spawn().unwrap()
}

#[test]
fn another_worker_goes_on_where_a_killed_one_was() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut without_hands = esteira();
    without_hands.env("ESTEIRA_WORKER_CONCURRENCY", "media.transcribe=0");
    let server = Server::start_by(without_hands, &data);
    let mut first = worker(&server, &data, &dir.path().join("first.log"));
    let long = looped(dir.path(), 27);
    let job = submit(&server, dir.path(), &long, json!({"language": "en"}), false);
    let view =
        || -> Value { serde_json::from_str(&text_of(&server, &["job", "get", &job, "--json"])).unwrap() };
    // Four chunks or more were heard by then, of seven.
    while view()["progress"]["fraction"].as_f64() < Some(0.5) {
        assert_ne!(view()["state"], "failed", "{}", view());
    }
    first.kill().unwrap();
    first.wait().unwrap();
    let log = dir.path().join("second.log");
    let mut second = worker(&server, &data, &log);
    let done = server.client(&["job", "watch", &job, "--json"]);
    assert!(done.status.success(), "{}", error_of(&done));
    let done: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((&done["state"], &done["attempt"]), (&json!("succeeded"), &json!(2)));
    assert!(done["output"]["counts"]["words"].as_u64() > Some(50), "{done}");
    second.kill().unwrap();
    second.wait().unwrap();
    let said = fs::read_to_string(log).unwrap();
    assert!(said.contains("goes on from checkpoints"), "{said}");
}

#[test]
fn models_are_listed_verified_and_refused_by_name() {
    let empty = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        esteira()
            .arg("models")
            .args(args)
            .args(["--folder", empty.path().to_str().unwrap()])
            .output()
            .unwrap()
    };
    let listed = String::from_utf8(run(&["list"]).stdout).unwrap();
    assert!(listed.contains("tiny.en") && listed.contains("esteira models import"), "{listed}");
    assert!(!run(&["verify", "base"]).status.success(), "it is not there");
    let verified = run(&["verify"]);
    assert!(!verified.status.success() && error_of(&verified).contains("there is no model"));
    for (args, said) in [
        (&["pull", "huge"][..], "there is no model"),
        (&["pull", "base"], "made of wheels"),
        (&["pull", "small", "--from", "http://127.0.0.1/x"], "only https"),
        (&["import", "/nowhere.whl"], "/nowhere.whl"),
    ] {
        let refused = run(args);
        assert!(error_of(&refused).contains(said), "{args:?}: {}", error_of(&refused));
    }
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}
