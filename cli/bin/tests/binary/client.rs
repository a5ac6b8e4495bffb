//! The client commands against a running server, and without one.

use crate::running::{Server, error_of, esteira};
use serde_json::Value;

fn json(output: &std::process::Output) -> Value {
    assert!(output.status.success(), "{}", error_of(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn tenants_and_keys_are_looked_after() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());

    let made = json(&server.client(&["tenant", "create", "acme", "--max-running", "2", "--json"]));
    assert_eq!(made["slug"], "acme");
    let twice = server.client(&["tenant", "create", "acme"]);
    assert_eq!(twice.status.code(), Some(1));
    assert!(error_of(&twice).contains("409"), "{}", error_of(&twice));

    let key = server.client(&["key", "create", "acme", "--name", "ci"]);
    let key = String::from_utf8(key.stdout).unwrap().trim().to_owned();
    assert!(key.starts_with("est_"));
    let url = server.connection()["url"].as_str().unwrap().to_owned();
    let with_key = |args: &[&str]| {
        esteira().args(args).env("ESTEIRA_URL", &url).env("ESTEIRA_API_KEY", &key).output().unwrap()
    };
    assert_eq!(json(&with_key(&["job", "list", "--json"])), Value::Array(Vec::new()));

    let keys = json(&server.client(&["key", "list", "acme", "--json"]));
    let id = keys[0]["id"].as_str().unwrap();
    assert!(server.client(&["key", "revoke", "acme", id]).status.success());
    let locked_out = with_key(&["job", "list"]);
    assert!(error_of(&locked_out).contains("401"), "{}", error_of(&locked_out));

    let own = json(&server.client(&["usage", "--from", "2026-11-01", "--to", "2026-11-30", "--json"]));
    assert_eq!((&own["from"], &own["totals"]["jobs"]), (&"2026-11-01".into(), &0.into()));
    assert_eq!(
        json(&server.client(&["usage", "--tenant", "acme", "--json"]))["items"],
        Value::Array(Vec::new())
    );
    let shown = String::from_utf8(server.client(&["usage"]).stdout).unwrap();
    assert!(shown.starts_with("DAY") && shown.contains("kept now: 0 B"), "{shown}");

    let without_key = |args: &[&str]| esteira().args(args).env("ESTEIRA_URL", &url).output().unwrap();
    assert_eq!(json(&without_key(&["health", "--json"]))["ready"], true);
    assert_eq!(json(&without_key(&["health", "--live", "--json"]))["status"], "ok");
    let nobody = esteira().args(["health", "--url", "http://127.0.0.1:9"]).output().unwrap();
    assert!(error_of(&nobody).contains("failed to reach"), "{}", error_of(&nobody));

    assert!(server.client(&["tenant", "grant-submit", "acme", "esteira"]).status.success());
    assert!(server.client(&["tenant", "revoke-submit", "acme", "esteira"]).status.success());
    let nobody = server.client(&["tenant", "grant-submit", "*", "no_such_role"]);
    assert!(error_of(&nobody).contains("404"), "{}", error_of(&nobody));

    assert_eq!(json(&server.client(&["tenant", "suspend", "acme", "--json"]))["state"], "suspended");
    assert_eq!(json(&server.client(&["tenant", "resume", "acme", "--json"]))["state"], "active");
    let wrong = server.client(&["tenant", "delete", "acme", "--confirm", "acne"]);
    assert!(!wrong.status.success(), "the slug must be typed again");
    assert!(server.client(&["tenant", "delete", "acme", "--confirm", "acme"]).status.success());
    let slugs = json(&server.client(&["tenant", "list", "--json"]));
    assert_eq!(slugs.as_array().unwrap().len(), 1, "only demo is left: {slugs}");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn what_limits_a_tenant_is_named_and_taken_away_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let limits = ["max_running", "max_queued", "max_storage_bytes", "requests_per_minute"];
    let given =
        ["--max-running=2", "--max-queued=0", "--max-storage-bytes=4096", "--requests-per-minute=600"];
    assert!(server.client(&[&["tenant", "create", "acme"][..], &given].concat()).status.success());
    let days = ["--retention-days=7", "--upload-retention-days=forever"];
    let change = |options: &[&str]| {
        json(&server.client(&[&["tenant", "limit", "acme", "--json"][..], options].concat()))["limits"]
            .clone()
    };
    let before = change(&days);
    assert_eq!(limits.map(|limit| before[limit].as_u64()), [Some(2), Some(0), Some(4096), Some(600)]);

    // One goes, and what is not named stays.
    let after = change(&["--max-queued=none"]);
    assert_eq!(limits.map(|limit| after[limit].as_u64()), [Some(2), None, Some(4096), Some(600)]);
    assert_eq!((&after["max_queued"], &after["retention_days"]), (&Value::Null, &7.into()));

    let none = ["--max-running=none", "--max-storage-bytes=none", "--requests-per-minute=none"];
    let after =
        change(&[&none[..], &["--retention-days=default", "--upload-retention-days=default"]].concat());
    for limit in limits.into_iter().chain(["retention_days", "upload_retention_days"]) {
        assert_eq!(after.get(limit), Some(&Value::Null), "{limit}");
    }
    let wrong = server.client(&["tenant", "limit", "acme", "--max-running", "nothing"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", error_of(&wrong));
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_refused_job_shows_why_and_fails() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("input.json");
    std::fs::write(&input, "{}").unwrap();
    let server = Server::start(&dir.path().join("data"));
    let submit = |kind: &str, input: &str| {
        server.client(&["job", "submit", "--kind", kind, "--input", input, "--wait"])
    };
    let unknown = submit("no.such", input.to_str().unwrap());
    assert_eq!(unknown.status.code(), Some(1));
    assert!(error_of(&unknown).contains("/kind: there is no such kind"), "{}", error_of(&unknown));
    std::fs::write(&input, "{ not json").unwrap();
    let broken = submit("no.such", input.to_str().unwrap());
    assert!(error_of(&broken).contains("is not JSON"), "{}", error_of(&broken));
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn without_a_server_it_is_told_how_to_find_one() {
    let dir = tempfile::tempdir().unwrap();
    let output = esteira().args(["job", "list", "--data-dir"]).arg(dir.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(error_of(&output).contains("esteira up"), "{}", error_of(&output));
    let gone = esteira()
        .args(["job", "list", "--url", "http://127.0.0.1:1", "--api-key", "est_x"])
        .output()
        .unwrap();
    assert!(error_of(&gone).contains("failed to reach http://127.0.0.1:1"), "{}", error_of(&gone));
}

#[test]
fn settings_are_explained_and_secrets_are_not_shown() {
    let output = esteira()
        .args(["config", "--explain"])
        .env("DATABASE_URL", "postgres://u:hunter2@nowhere/d")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success() && !text.contains("hunter2"));
    assert!(text.contains("database.url = [secret]  (environment DATABASE_URL)"), "{text}");
    assert!(text.contains("worker.lease_seconds = 10  (default)"), "{text}");
}

#[test]
fn one_setting_that_does_not_fit_hides_no_other_and_a_misspelt_one_is_told() {
    let output = esteira()
        .arg("config")
        .env("ESTEIRA_WORKER_LEASE_SECONDS", "soon")
        .env("ESTEIRA_S3_BUKET", "films")
        .output()
        .unwrap();
    let (text, error) = (String::from_utf8(output.stdout.clone()).unwrap(), error_of(&output));
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(
        text.contains("worker.lease_seconds = soon  (environment ESTEIRA_WORKER_LEASE_SECONDS)"),
        "{text}"
    );
    assert!(text.contains("api.listen = 127.0.0.1:8080  (default)"), "{text}");
    assert!(
        error.contains("ESTEIRA_S3_BUKET is no setting and has no effect; is ESTEIRA_S3_BUCKET meant?"),
        "{error}"
    );
    assert_eq!(error.matches("\"soon\"").count(), 1, "{error}");
}

#[test]
fn an_option_goes_before_the_environment_and_an_empty_variable_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&data);
    let mut elsewhere = esteira();
    elsewhere.env("ESTEIRA_URL", "http://127.0.0.1:1").env("ESTEIRA_API_KEY", "est_x");
    let found = elsewhere.args(["job", "list", "--data-dir"]).arg(&data).output().unwrap();
    assert!(found.status.success(), "{}", error_of(&found));
    let mut empty = esteira();
    empty.env("ESTEIRA_URL", "").env("ESTEIRA_API_KEY", "").env("ESTEIRA_DATA_DIR", &data);
    let found = empty.args(["job", "list"]).output().unwrap();
    assert!(found.status.success(), "{}", error_of(&found));
    let doctor = esteira().args(["doctor", "--data-dir"]).arg(&data).output().unwrap();
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("as process "), "{doctor:?}");
    let keys = json(&server.client(&["key", "list", "--operator", "--json"]));
    let id = keys[0]["id"].as_str().unwrap();
    let last = server.client(&["key", "revoke", "--operator", id]);
    assert!(error_of(&last).contains("409 last_operator_key"), "{}", error_of(&last));
    let folder = server.client(&["file", "put", dir.path().to_str().unwrap()]);
    assert!(error_of(&folder).contains("is a folder: name files"), "{}", error_of(&folder));
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn the_doctor_tells_what_is_missing_and_how_to_mend_it() {
    let output = esteira().args(["doctor", "--role", "api", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let database = findings.iter().find(|finding| finding["part"] == "database").unwrap();
    assert_eq!(database["verdict"], "unfit");
    assert!(database["cure"].as_str().unwrap().contains("DATABASE_URL"));
}

#[test]
fn an_operator_pauses_drains_and_sees_why_a_job_waits() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let kind = "video.generate";
    let lines = |args: &[&str]| String::from_utf8(server.client(args).stdout).unwrap();

    let workers = json(&server.client(&["worker", "list", "--json"]));
    let worker = workers[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(workers[0]["state"], "live");
    assert_eq!(json(&server.client(&["worker", "drain", &worker, "--json"]))["state"], "drained");
    assert!(lines(&["worker", "list"]).lines().nth(1).unwrap().contains("drained"));

    let pause = json(&server.client(&["queue", "pause", "--kind", kind, "--json"]));
    assert_eq!((&pause["kind"], &pause["tenant"]), (&Value::from(kind), &Value::Null));
    let input = dir.path().join("input.json");
    let colour = r##"{"type": "color", "color": "#336699", "length": 1}"##;
    let output = r#"{"width": 320, "height": 180, "fps": 30}"#;
    std::fs::write(&input, format!(r#"{{"output": {output}, "tracks": [{{"clips": [{colour}]}}]}}"#))
        .unwrap();
    let job = lines(&["job", "submit", "--kind", kind, "--input", input.to_str().unwrap()]);
    let why = lines(&["job", "why", job.trim()]);
    assert!(why.starts_with("queued\n- the kind is paused since 2"), "{why}");
    assert!(why.ends_with("- no live worker takes jobs of its kind\n"), "{why}");
    let why = json(&server.client(&["job", "why", job.trim(), "--json"]));
    assert_eq!(why["waits_for"][0]["reason"], "pause");

    let stats = lines(&["queue", "stats"]);
    let row = stats.lines().find(|line| line.starts_with(kind)).unwrap();
    assert!(row.ends_with("paused") && stats.contains(&format!("\npaused: {kind}, since 2")), "{stats}");
    let stats = json(&server.client(&["queue", "stats", "--tenant", "demo", "--json"]));
    assert_eq!(
        stats["items"].as_array().unwrap().iter().find(|item| item["kind"] == kind).unwrap()["queued"],
        1
    );

    assert_eq!(lines(&["queue", "resume"]), "there was no such pause\n");
    assert_eq!(lines(&["queue", "resume", "--kind", kind]), "resumed\n");
    assert_eq!(json(&server.client(&["worker", "resume", &worker, "--json"]))["state"], "live");
    assert!(server.client(&["job", "watch", job.trim()]).status.success());
    let unknown = server.client(&["queue", "pause", "--tenant", "nobody"]);
    assert!(error_of(&unknown).contains("/tenant: there is no such tenant"), "{}", error_of(&unknown));
    let mixed = server.client(&["worker", "--concurrency", "video.generate=1", "list"]);
    assert_eq!(mixed.status.code(), Some(2), "{}", error_of(&mixed));
    assert_eq!(server.terminate(), Some(0));
}
