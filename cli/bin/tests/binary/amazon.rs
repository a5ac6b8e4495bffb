//! Amazon Transcribe from a submit to the artifacts, as `ministack` plays it, and what is left there: nothing.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::running::{Server, error_of, esteira};

/// A reader of LibriVox, out of Debian's pocketsphinx-testdata.
const CLIP: &str = "/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0870.wav";
/// Long enough never to matter in a passing test.
const LONG: Duration = Duration::from_secs(60);

/// A running ministack with an empty bucket; it ends with the test.
struct Amazon {
    url: String,
    server: Child,
    _folder: tempfile::TempDir,
}

impl Amazon {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Free a moment ago; the server takes no port 0.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program());
        command
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("SERVICES", "s3,transcribe")
            .env("IOT_MTLS_ENABLED", "0")
            .env("TMPDIR", folder.path())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
        while !lines.next().unwrap().unwrap().contains("Running on") {}
        // Read on, or it stops when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        let amazon = Self { url: format!("http://127.0.0.1:{port}"), server, _folder: folder };
        ureq::put(format!("{}/esteira", amazon.url))
            .header("authorization", signed("s3"))
            .send_empty()
            .unwrap();
        amazon
    }

    /// The jobs that it knows.
    fn jobs(&self) -> Vec<Value> {
        let mut answer = ureq::post(&self.url)
            .header("x-amz-target", "Transcribe.ListTranscriptionJobs")
            .header("content-type", "application/x-amz-json-1.1")
            .header("authorization", signed("transcribe"))
            .send("{}")
            .unwrap();
        let listed: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        listed["TranscriptionJobSummaries"].as_array().unwrap().clone()
    }

    /// The names of all objects, as XML.
    fn objects(&self) -> String {
        let request =
            ureq::get(format!("{}/esteira?list-type=2", self.url)).header("authorization", signed("s3"));
        request.call().unwrap().body_mut().read_to_string().unwrap()
    }

    /// An `esteira up` whose bucket and Amazon Transcribe are here.
    fn esteira(&self, dir: &Path) -> Server {
        let settings = dir.join("esteira.toml");
        let aws = format!("{{ enabled = true, endpoint = \"{}\", first_seconds = 1.0 }}", self.url);
        std::fs::write(&settings, format!("[kinds.\"media.transcribe\".settings]\naws = {aws}\n")).unwrap();
        let mut command = esteira();
        command
            .env("ESTEIRA_CONFIG", settings)
            .env("ESTEIRA_S3_BUCKET", "esteira")
            .env("ESTEIRA_S3_ENDPOINT", &self.url)
            .env("ESTEIRA_S3_PATH_STYLE", "true")
            .env("ESTEIRA_S3_ACCESS_KEY", "test")
            .env("ESTEIRA_S3_SECRET_KEY", "test");
        Server::start_by(command, &dir.join("data"))
    }
}

impl Drop for Amazon {
    fn drop(&mut self) {
        let _ended_meanwhile = self.server.kill();
        let _ = self.server.wait();
    }
}

fn signed(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=none"
    )
}

/// Where `ops/test.sh` installs it.
fn program() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from);
    let program = cache.join("esteira/test-tools/bin/ministack");
    assert!(program.exists(), "there is no {}; ops/test.sh installs it", program.display());
    program
}

fn text_of(server: &Server, args: &[&str]) -> String {
    let output = server.client(args);
    assert!(output.status.success(), "{args:?}: {}", error_of(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn submit(server: &Server, dir: &Path, mut input: Value, wait: &[&str]) -> String {
    input["source"] = json!(text_of(server, &["file", "put", CLIP]));
    let path = dir.join("input.json");
    std::fs::write(&path, input.to_string()).unwrap();
    let args = ["job", "submit", "--kind", "media.transcribe", "--input", path.to_str().unwrap()];
    text_of(server, &[&args, wait].concat())
}

fn until(what: &str, mut is: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < LONG, "{what}");
    }
}

#[test]
fn amazon_writes_a_recording_down_and_keeps_nothing_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let amazon = Amazon::start();
    let server = amazon.esteira(dir.path());
    let job = submit(&server, dir.path(), json!({"diarize": true, "language": "en"}), &["--wait"]);
    let view: Value = serde_json::from_str(&text_of(&server, &["job", "get", &job, "--json"])).unwrap();
    assert_eq!(view["output"]["engine"], json!({"name": "aws", "model": "Amazon Transcribe"}), "{view}");
    assert_eq!(view["attempt"], 1, "waiting is no attempt: {view}");
    let place = dir.path().join("transcript.json");
    text_of(&server, &["artifact", "get", &job, "transcript.json", "-o", place.to_str().unwrap()]);
    let transcript: Value = serde_json::from_slice(&std::fs::read(place).unwrap()).unwrap();
    let segments = transcript["segments"].as_array().unwrap();
    let said: Vec<&str> = segments.iter().map(|segment| segment["text"].as_str().unwrap()).collect();
    assert!(said.join(" ").starts_with("[ministack mock transcript]"), "{said:?}");
    assert_eq!(transcript["speakers"][0], "speaker 1");
    assert!(segments.iter().any(|segment| segment["speaker"] == "speaker 2"), "{transcript}");
    let found: Value = serde_json::from_str(&text_of(&server, &["search", "placeholder", "--json"])).unwrap();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    until("the job is deleted", || amazon.jobs().is_empty());
    until("its result is deleted", || !amazon.objects().contains("/service/"));
}

#[test]
fn a_job_that_is_cancelled_while_amazon_has_it_is_deleted_there() {
    let dir = tempfile::tempdir().unwrap();
    let amazon = Amazon::start();
    let server = amazon.esteira(dir.path());
    let job = submit(&server, dir.path(), json!({"engine": "aws"}), &[]);
    until("the job is started", || !amazon.jobs().is_empty());
    text_of(&server, &["job", "cancel", &job]);
    until("the job is deleted", || amazon.jobs().is_empty());
    let view: Value = serde_json::from_str(&text_of(&server, &["job", "get", &job, "--json"])).unwrap();
    assert_eq!(view["state"], "cancelled");
}
