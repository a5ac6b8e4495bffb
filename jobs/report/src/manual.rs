//! What does `report.generate` say about itself? Its manual, schemas, defaults and resources.

use std::time::Duration;

use chrono::{DateTime, Utc};
use esteira_engine::job::{KindDefaults, KindInfo, Resources, RetryPolicy};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde_json::{Value, json};

use crate::dataset::Dataset;
use crate::input;
use crate::limits::ReportLimits;
use crate::model::Report;
use crate::period::Span;
use crate::render::Made;

/// The kind's manual.
pub fn info() -> KindInfo {
    KindInfo {
        name: input::NAME,
        title: input::TITLE,
        description: input::DESCRIPTION,
        input_schema: input::input_schema(),
        output_schema: output_schema(),
        example: input::example(),
        settings: serde_json::to_value(ReportLimits::default()).unwrap_or_else(|_| json!({})),
        settings_schema: schema_for!(ReportLimits).to_value(),
        defaults: KindDefaults {
            max_attempts: 3,
            timeout: Duration::from_secs(600),
            // Typst says nothing while it works.
            stall: Duration::from_secs(300),
            retry: RetryPolicy::default(),
        },
        resources: Resources {
            // Address space: the stack of the thread that sets pages is 256 MiB of it, touched where it is needed.
            memory_bytes: 2 << 30,
            // A template may loop without an end.
            cpu_seconds: 60,
            file_bytes: 512 << 20,
            open_files: 64,
            threads: 32,
            read_only: Vec::new(),
        },
    }
}

/// What a job answers.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Output<'a> {
    /// What the report is called, with its owner and its period.
    title: String,
    /// What a reader should know first.
    summary: String,
    /// The language of the report.
    locale: &'static str,
    /// The period that the report tells of.
    period: Span,
    /// The time zone of its days.
    timezone: &'a str,
    /// When its data end.
    data_until: DateTime<Utc>,
    /// The files that were made.
    files: Vec<&'static str>,
    /// What the files do not keep of what their formats promise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<&'a str>,
}

fn output_schema() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    generator.into_root_schema_for::<Output<'static>>().to_value()
}

/// What a job answers.
pub fn output(report: &Report<'_>, dataset: &Dataset, made: &[Made]) -> Value {
    let output = Output {
        title: format!("{} – {} – {}", report.title, report.owner, report.locale.span(&report.period)),
        summary: report.lead.clone(),
        locale: report.locale.tag(),
        period: dataset.period,
        timezone: dataset.timezone.name(),
        data_until: dataset.data_until,
        files: made.iter().map(|file| file.name).collect(),
        warnings: made.iter().filter_map(|file| file.warning.as_deref()).collect(),
    };
    serde_json::to_value(output).unwrap_or_else(|_| json!({}))
}
