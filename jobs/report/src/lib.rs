//! `report.generate`: what a tenant's jobs did, as PDF, XLSX, CSV, HTML and JSON.
//!
//! The way of a report: `input` reads and checks what is asked; `period` turns it into instants; somebody who may read the
//! tenant's rows writes a `dataset`; `compose` makes of it a report in words, figures, charts and tables (`model`); `write`
//! puts it into each format. From the dataset on all is one pure function, [`render`]: the same dataset, the same bytes.

mod compose;
mod dataset;
mod error;
mod input;
mod limits;
mod manual;
mod model;
mod period;
mod render;
mod survey;
mod words;
mod write;

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;

use esteira_engine::child::WorkDir;
use esteira_engine::job::{CheckedInput, InputError, Kind, KindError, KindInfo, Survey};
use serde_json::Value;

pub use dataset::*;
pub use error::ReportError;
pub use input::{Branding, Colour, Format, Input, Period, Which};
pub use limits::ReportLimits;
pub use period::{Asked, Span, before, resolve};
pub use render::{Made, Materials, render, render_one};
pub use words::Locale;
pub use write::report_schema;

/// The name by which the dataset is staged for [`ReportGenerate`], beside the files that the input names.
pub const DATASET: &str = "survey://dataset.json";

/// The kind `report.generate`.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReportGenerate;

impl Kind for ReportGenerate {
    fn info(&self) -> KindInfo {
        manual::info()
    }

    fn check(&self, input: &Value, settings: &Value) -> Result<CheckedInput, Vec<InputError>> {
        let limits =
            limits::settings(settings).map_err(|error| vec![InputError::new("", error.to_string())])?;
        input::check(&input::read(input)?, &limits)
    }

    fn check_settings(&self, settings: &Value) -> Result<(), String> {
        let limits = limits::settings(settings).map_err(|error| error.to_string())?;
        limits::fault(&limits).map_or(Ok(()), |fault| Err(format!("settings of report.generate: {fault}")))
    }

    fn survey(&self) -> Option<&dyn Survey> {
        Some(self)
    }

    fn run(&self, input: &Value, settings: &Value, work: &mut WorkDir) -> Result<Value, KindError> {
        let limits =
            limits::settings(settings).map_err(|error| KindError::fail("bad_settings", error.to_string()))?;
        let input = input::read(input).map_err(|faults| bad_input(&faults))?;
        input::check(&input, &limits).map_err(|faults| bad_input(&faults))?;
        work.progress(0.0, "read", "")?;
        let dataset = read_dataset(&work.file(DATASET)?)?;
        let logo = staged(work, input.branding.logo.as_deref(), limits.logo_bytes, "/branding/logo")?;
        let template = staged(work, input.report.template(), limits.template_bytes, "/report")?;
        let scratch = work.scratch("");
        let materials = Materials { logo: logo.as_deref(), template: template.as_deref(), scratch: &scratch };
        work.progress(0.1, "write", "")?;
        let report = compose::compose(&input, &dataset, &limits).map_err(KindError::from)?;
        let made = render::files(&report, &input, &dataset, &materials, &limits).map_err(KindError::from)?;
        // Nothing is published of a job that was told to stop meanwhile.
        work.progress(0.9, "keep", "")?;
        for file in &made {
            work.write_artifact(file.name, file.media_type, &file.bytes)?;
        }
        work.progress(1.0, "keep", "")?;
        Ok(manual::output(&report, &dataset, &made))
    }
}

fn bad_input(faults: &[InputError]) -> KindError {
    let message = faults.iter().map(|fault| format!("/input{}: {}", fault.pointer, fault.message));
    KindError::fail("bad_input", message.collect::<Vec<_>>().join("; "))
}

fn read_dataset(path: &Path) -> Result<Dataset, KindError> {
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    serde_json::from_reader(BufReader::with_capacity(1 << 16, file)).map_err(|error| {
        KindError::fail("dataset_unreadable", format!("the data of the report have another form: {error}"))
    })
}

/// The bytes of a file that the input names, where it names one.
fn staged(work: &WorkDir, uri: Option<&str>, most: u64, pointer: &str) -> Result<Option<Vec<u8>>, KindError> {
    let Some(uri) = uri else { return Ok(None) };
    let path = work.file(uri)?;
    let bytes = std::fs::metadata(&path).map_err(|error| unreadable(&error))?.len();
    if bytes > most {
        let message = format!("/input{pointer}: the file has {bytes} bytes; {most} are allowed");
        return Err(KindError::fail("file_too_large", message));
    }
    std::fs::read(&path).map(Some).map_err(|error| unreadable(&error))
}

fn unreadable(error: &std::io::Error) -> KindError {
    let message = format!("the work directory refused a read: {}", error.kind());
    match error.kind() {
        ErrorKind::NotFound => KindError::fail("file_missing", message),
        _ => KindError::retry("work_dir_unreadable", message),
    }
}
