//! The kind as the engine runs it: a directory, a dataset that was prepared, artifacts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use esteira_engine::child::WorkDir;
use esteira_engine::job::{Kind, KindError};
use esteira_report::{DATASET, ReportGenerate};
use serde_json::{Value, json};

use crate::samples;

fn work(folder: &Path, stop: bool) -> WorkDir {
    std::fs::write(folder.join("dataset.json"), serde_json::to_vec(&samples::busy()).unwrap()).unwrap();
    let files = BTreeMap::from([(DATASET.to_owned(), folder.join("dataset.json"))]);
    let reports = Box::new(std::io::sink());
    WorkDir::open(folder.to_owned(), files, 1, reports, Arc::new(AtomicBool::new(stop))).unwrap()
}

fn run(input: &Value, stop: bool) -> (Result<Value, KindError>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let output = ReportGenerate.run(input, &Value::Null, &mut work(folder.path(), stop));
    let files = std::fs::read_dir(folder.path().join("out")).unwrap();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    (output, names)
}

#[test]
fn the_example_runs_as_it_stands_and_its_output_fits_the_schema() {
    let info = ReportGenerate.info();
    assert!(jsonschema::is_valid(&info.input_schema, &info.example));
    assert!(jsonschema::is_valid(&info.settings_schema, &info.settings));
    ReportGenerate.check(&info.example, &info.settings).unwrap();
    let (output, names) = run(&info.example, false);
    assert!(jsonschema::is_valid(&info.output_schema, &output.unwrap()));
    assert_eq!(names, ["report.pdf", "report.xlsx"]);
}

#[test]
fn the_smallest_input_makes_a_pdf() {
    let (output, names) = run(&json!({"report": "usage", "period": "last_7_days"}), false);
    assert_eq!(output.unwrap()["files"], json!(["report.pdf"]));
    assert_eq!(names, ["report.pdf"]);
}

#[test]
fn a_job_that_is_told_to_stop_publishes_nothing() {
    let (output, names) = run(&ReportGenerate.info().example, true);
    assert_eq!(output.unwrap_err().code, "cancelled");
    assert!(names.is_empty());
}

#[test]
fn a_dataset_that_is_missing_or_of_another_form_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut work = work(folder.path(), false);
    let input = json!({"report": "usage", "period": "last_7_days"});
    std::fs::write(folder.path().join("dataset.json"), b"{\"version\": \"1\"}").unwrap();
    assert_eq!(ReportGenerate.run(&input, &Value::Null, &mut work).unwrap_err().code, "dataset_unreadable");
    std::fs::remove_file(folder.path().join("dataset.json")).unwrap();
    assert_eq!(ReportGenerate.run(&input, &Value::Null, &mut work).unwrap_err().code, "file_missing");
}
