//! The whole input of a job.

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Colour, Period, Which};
use crate::words::Locale;

/// The input of `report.generate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Which report: `usage` (what was used, and what it may cost), `activity` (what was made, what failed and what to do),
    /// `quality` (how sure the results are); or a template of your own, as the name of a file in Typst.
    pub report: Which,
    /// Which time: `yesterday`, `last_7_days`, `month_to_date`, `last_month`, or the days `from` and `to`, both included.
    pub period: Period,
    /// The time zone whose days count, by its IANA name, such as `America/Sao_Paulo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", length(max = 64))]
    pub timezone: Option<Tz>,
    /// The language of words, numbers and dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What is made besides `report.pdf`, which is made in any case.
    #[serde(default = "pdf_alone")]
    pub formats: Vec<Format>,
    /// How it looks.
    #[serde(default)]
    pub branding: Branding,
    /// Whether the figures are compared with the period before.
    #[serde(default)]
    pub compare: bool,
}

fn pdf_alone() -> Vec<Format> {
    vec![Format::Pdf]
}

/// A format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// `report.pdf`: for reading and printing.
    Pdf,
    /// `report.xlsx`: a workbook with a sheet a table, with all rows.
    Xlsx,
    /// `report.csv`: the rows of the report's main table.
    Csv,
    /// `report.json`: all figures and tables, by a schema.
    Json,
    /// `report.html`: one file, for a browser or a message.
    Html,
}

/// The looks of a report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Branding {
    /// Whose report it is; the tenant's name where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 120))]
    pub name: Option<String>,
    /// The colour of headings and charts, such as `#0f766e`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<Colour>,
    /// A picture for the head of the first page: PNG, JPEG or WebP.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub logo: Option<String>,
}
