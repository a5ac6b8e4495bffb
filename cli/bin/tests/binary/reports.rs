//! Reports of a running server: what its jobs did, in each format, with the figures of the ledger; a schedule's, and a template's.

use std::fs;
use std::path::Path;
use std::process::Output;

use chrono::{Days, Utc};
use serde_json::{Value, json};

use crate::running::{Server, error_of, esteira};

fn text_of(output: Output) -> String {
    assert!(output.status.success(), "{}", error_of(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn json_of(output: Output) -> Value {
    serde_json::from_str(&text_of(output)).unwrap()
}

/// Submits a job and waits for its end.
fn run(server: &Server, dir: &Path, kind: &str, input: &Value) -> Output {
    let path = dir.join("input.json");
    fs::write(&path, input.to_string()).unwrap();
    server.client(&["job", "submit", "--kind", kind, "--input", path.to_str().unwrap(), "--wait"])
}

/// Yesterday and today, since a day may end while the test runs.
#[expect(clippy::disallowed_methods, reason = "the server that is asked goes by the machine's clock")]
fn period() -> Value {
    let today = Utc::now().date_naive();
    json!({"from": today - Days::new(1), "to": today})
}

fn artifact(server: &Server, dir: &Path, job: &str, name: &str) -> Vec<u8> {
    let path = dir.join(name);
    text_of(server.client(&["artifact", "get", job, name, "-o", path.to_str().unwrap()]));
    fs::read(path).unwrap()
}

fn figure(report: &Value, name: &str) -> Value {
    let figures = report["figures"].as_array().unwrap();
    figures.iter().find(|figure| figure["name"] == name).unwrap()["value"].clone()
}

#[test]
fn a_report_tells_what_the_jobs_of_a_server_did_with_the_sums_of_its_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let clip = json!({"type": "color", "color": "#204060", "length": 1});
    let video = json!({"output": {"width": 320, "height": 180, "fps": 10}, "tracks": [{"clips": [clip]}]});
    let made = text_of(run(&server, dir.path(), "video.generate", &video));
    let text = dir.path().join("no-picture.jpg");
    fs::write(&text, "no picture").unwrap();
    let upload = text_of(server.client(&["file", "put", text.to_str().unwrap()]));
    let broken = json!({"tracks": [{"clips": [{"type": "image", "source": upload, "length": 1}]}]});
    assert!(!run(&server, dir.path(), "video.generate", &broken).status.success());

    let formats = json!(["pdf", "xlsx", "csv", "html", "json"]);
    let usage = json!({"report": "usage", "period": period(), "formats": formats, "locale": "en-US"});
    let job = text_of(run(&server, dir.path(), "report.generate", &usage));
    assert!(artifact(&server, dir.path(), &job, "report.pdf").starts_with(b"%PDF-"));
    assert!(artifact(&server, dir.path(), &job, "report.xlsx").starts_with(b"PK"));
    let html = String::from_utf8(artifact(&server, dir.path(), &job, "report.html")).unwrap();
    assert!(html.contains("Usage report"), "{html}");
    let report: Value = serde_json::from_slice(&artifact(&server, dir.path(), &job, "report.json")).unwrap();
    // The report does not count itself.
    assert_eq!((figure(&report, "jobs"), figure(&report, "success")), (json!(2), json!(0.5)));
    let ledger = json_of(server.client(&["usage", "--json"]));
    let videos =
        ledger["items"].as_array().unwrap().iter().find(|day| day["kind"] == "video.generate").unwrap();
    let csv = String::from_utf8(artifact(&server, dir.path(), &job, "report.csv")).unwrap();
    let row = csv.lines().find(|line| line.contains("video.generate")).unwrap();
    let seconds = videos["processing_seconds"].as_f64().unwrap();
    assert!(row.split(',').any(|cell| cell.parse() == Ok(seconds)), "{seconds}: {row}");
    assert_eq!(figure(&report, "video_seconds").as_f64(), videos["media_seconds"].as_f64());

    let activity = json!({"report": "activity", "period": period(), "formats": ["json"], "locale": "pt-BR"});
    let job = text_of(run(&server, dir.path(), "report.generate", &activity));
    let told = json_of(server.client(&["job", "get", &job, "--json"]));
    assert!(
        told["output"]["title"].as_str().unwrap().starts_with("Relatório de atividade – demo – "),
        "{told}"
    );
    let report = String::from_utf8(artifact(&server, dir.path(), &job, "report.json")).unwrap();
    assert!(report.contains(&made) && report.contains("image_unreadable"), "{report}");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_schedule_makes_reports_and_a_template_with_a_mistake_is_told_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let template = dir.path().join("template.typ");
    let upload = |source: &str| {
        fs::write(&template, source).unwrap();
        text_of(server.client(&["file", "put", template.to_str().unwrap()]))
    };
    let good = upload("#let data = json(\"/dataset.json\")\n= Resumo de #data.tenant\n");
    let input = dir.path().join("report.json");
    fs::write(&input, json!({"report": good, "period": "last_7_days"}).to_string()).unwrap();
    let made = json_of(server.client(&[
        "schedule",
        "create",
        "--name",
        "nightly",
        "--cron",
        "0 2 * * *",
        "--timezone",
        "America/Sao_Paulo",
        "--kind",
        "report.generate",
        "--input",
        input.to_str().unwrap(),
        "--json",
    ]));
    let fired = json_of(server.client(&["schedule", "run", made["id"].as_str().unwrap(), "--json"]));
    let job = fired["job_id"].as_str().unwrap();
    assert!(server.client(&["job", "watch", job]).status.success());
    assert!(artifact(&server, dir.path(), job, "report.pdf").starts_with(b"%PDF-"));

    let bad = upload("= Resumo\n\n#nada(1)\n");
    let refused = run(&server, dir.path(), "report.generate", &json!({"report": bad, "period": "yesterday"}));
    let said = format!("{}{}", error_of(&refused), String::from_utf8_lossy(&refused.stdout));
    assert!(said.contains("template_failed") && said.contains("line 3"), "{said}");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_template_that_does_not_end_meets_the_processor_time_of_its_sandbox() {
    let dir = tempfile::tempdir().unwrap();
    let settings = dir.path().join("esteira.toml");
    fs::write(&settings, "[kinds.\"report.generate\".resources]\ncpu_seconds = 2\n").unwrap();
    let mut command = esteira();
    command.env("ESTEIRA_CONFIG", &settings);
    let server = Server::start_by(command, &dir.path().join("data"));
    let template = dir.path().join("template.typ");
    let each = |name: &str, body: &str| format!("for {name} in range(10000) {{ {body} }}");
    fs::write(&template, format!("#{}", each("a", &each("b", &each("c", ""))))).unwrap();
    let uploaded = text_of(server.client(&["file", "put", template.to_str().unwrap()]));
    let input = json!({"report": uploaded, "period": "yesterday"});
    let refused = run(&server, dir.path(), "report.generate", &input);
    let said = format!("{}{}", error_of(&refused), String::from_utf8_lossy(&refused.stdout));
    assert!(!refused.status.success() && said.contains("cpu_limit"), "{said}");
    assert_eq!(server.terminate(), Some(0));
}
