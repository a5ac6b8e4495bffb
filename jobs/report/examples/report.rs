//! Makes reports without an engine, for a look at them and for measurements; a job does the same in its sandbox.
//!
//! `report samples FOLDER`: a busy week, nothing, and forty kinds of failures, each report in both languages.
//! `report dataset ROWS FILE`: a dataset whose list of what was made has so many rows.
//! `report one DATASET INPUT.json FOLDER [TEMPLATE [LOGO]]`: one report of a dataset.
//! `report schemas FOLDER`: the schemas of the dataset and of `report.json`.

#![expect(clippy::unwrap_used, reason = "the samples are those of the tests")]

#[path = "../tests/report/samples.rs"]
mod samples;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use esteira_report::{Asked, Dataset, Input, Materials, ReportLimits, dataset_schema, render, report_schema};
use serde_json::json;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["samples", folder] => write_samples(Path::new(folder)),
        ["dataset", rows, file] => {
            let data = samples::long(rows.parse().context("ROWS is a number")?);
            Ok(fs::write(file, serde_json::to_vec(&data)?)?)
        }
        ["one", dataset, input, folder, rest @ ..] => {
            let data: Dataset = serde_json::from_reader(std::io::BufReader::new(fs::File::open(dataset)?))?;
            let input: Input = serde_json::from_slice(&fs::read(input)?)?;
            let template = rest.first().map(fs::read).transpose()?;
            let logo = rest.get(1).map(fs::read).transpose()?;
            write_one(&input, &data, Path::new(folder), template.as_deref(), logo.as_deref())
        }
        ["schemas", folder] => {
            let folder = Path::new(folder);
            fs::write(folder.join("report.dataset.schema.json"), format!("{:#}\n", dataset_schema()))?;
            Ok(fs::write(folder.join("report.schema.json"), format!("{:#}\n", report_schema()))?)
        }
        _ => bail!(
            "usage: report samples FOLDER | dataset ROWS FILE | one DATASET INPUT FOLDER [TEMPLATE [LOGO]] | schemas FOLDER"
        ),
    }
}

fn write_samples(folder: &Path) -> Result<()> {
    let datasets = [
        ("busy", samples::busy()),
        ("nothing", samples::nothing(Asked::Yesterday)),
        ("failing", samples::failing()),
        ("hostile", samples::hostile()),
    ];
    for (name, data) in &datasets {
        for report in ["usage", "activity", "quality"] {
            for locale in ["pt-BR", "en-US"] {
                let input: Input = serde_json::from_value(json!({
                    "report": report, "period": "last_7_days", "locale": locale, "compare": true,
                    "formats": ["pdf", "xlsx", "csv", "json", "html"],
                    "branding": {"name": "Padaria São João", "color": "#0f5c6e"},
                }))?;
                write_one(&input, data, &folder.join(format!("{name}-{report}-{locale}")), None, None)?;
            }
        }
    }
    Ok(())
}

fn write_one(
    input: &Input,
    data: &Dataset,
    folder: &Path,
    template: Option<&[u8]>,
    logo: Option<&[u8]>,
) -> Result<()> {
    fs::create_dir_all(folder)?;
    let materials = Materials { logo, template, scratch: folder };
    for file in render(input, data, &materials, &ReportLimits::default())? {
        fs::write(folder.join(file.name), file.bytes)?;
    }
    Ok(())
}
