//! `report.json`: the figures and tables of a report for programs, by a schema.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::ReportError;
use crate::model::{Cell, Report, Table};
use crate::period::Span;
use crate::render::Made;

/// A report for programs.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "report.json of report.generate")]
struct Document<'a> {
    /// The version of this form: `1`, as long as fields only come to it.
    version: &'static str,
    /// Which report: `usage`, `activity`, `quality` or `template`.
    report: &'static str,
    /// The language of headings and sentences.
    locale: &'static str,
    /// The tenant's slug.
    tenant: &'a str,
    /// The period.
    period: Span,
    /// The time zone of its days.
    timezone: String,
    /// When the data end.
    data_until: DateTime<Utc>,
    /// The currency of amounts of money, by ISO 4217.
    #[serde(skip_serializing_if = "str::is_empty")]
    currency: &'a str,
    /// What a reader should know first.
    lead: &'a str,
    /// The key figures.
    figures: Vec<Figure<'a>>,
    /// The tables, with all rows.
    tables: Vec<Grid<'a>>,
    /// What was missing or late, and when the data end.
    notes: &'a [String],
}

/// A key figure.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Figure<'a> {
    /// Its name.
    name: &'static str,
    /// Its name for readers.
    label: &'a str,
    /// What it is.
    value: Plain,
    /// What it was in the period before.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Plain>,
}

/// A table.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Grid<'a> {
    /// Its name.
    name: &'static str,
    /// Its name for readers.
    title: &'a str,
    /// Its columns.
    columns: Vec<Head<'a>>,
    /// Its rows, each with a value a column.
    #[schemars(with = "Vec<Vec<Plain>>")]
    rows: Rows<'a>,
    /// What the rows add up to, where that means anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<Vec<Plain>>,
}

/// A column.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Head<'a> {
    /// Its name.
    name: &'static str,
    /// Its name for readers.
    heading: &'a str,
    /// What its values are: `text`, `code`, `count`, `number`, `fraction` (of one), `seconds`, `bytes`, `money` (in the
    /// currency), `day` or `moment` (RFC 3339).
    #[serde(rename = "type")]
    form: &'static str,
}

/// A value as JSON has it.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Plain {
    /// None.
    Null(()),
    /// A whole number.
    Whole(i64),
    /// Another number.
    Number(f64),
    /// A text.
    Text(String),
    /// A local day.
    Day(NaiveDate),
    /// A moment.
    Moment(DateTime<Utc>),
}

impl From<&Cell<'_>> for Plain {
    fn from(cell: &Cell<'_>) -> Self {
        match cell {
            Cell::Nothing => Self::Null(()),
            Cell::Text(text) | Cell::Code(text) | Cell::Link { text, .. } => Self::Text(text.to_string()),
            Cell::Count(whole) | Cell::Bytes(whole) => Self::Whole(*whole),
            Cell::Money(hundredths) => Self::Number(*hundredths as f64 / 100.0),
            Cell::Number(number, _) | Cell::Percent(number) | Cell::Seconds(number) => {
                match number.is_finite() {
                    true => Self::Number(*number),
                    false => Self::Null(()),
                }
            }
            Cell::Day(day) => Self::Day(*day),
            Cell::Moment(instant) => Self::Moment(*instant),
        }
    }
}

/// The rows of a table, made while they are written.
struct Rows<'a> {
    count: usize,
    row: Box<dyn Fn(usize) -> Vec<Plain> + 'a>,
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.count))?;
        for at in 0..self.count {
            rows.serialize_element(&(self.row)(at))?;
        }
        rows.end()
    }
}

/// Writes a report.
///
/// # Errors
/// Only where this program has a fault.
pub fn json(report: &Report<'_>) -> Result<Made, ReportError> {
    let document = Document {
        version: "1",
        report: report.name,
        locale: report.locale.tag(),
        tenant: report.tenant,
        period: report.period,
        timezone: report.timezone.to_string(),
        data_until: report.data_until,
        currency: report.currency,
        lead: &report.lead,
        figures: report.figures.iter().map(figure).collect(),
        tables: report.tables().map(grid).collect(),
        notes: &report.notes,
    };
    let mut bytes = serde_json::to_vec(&document)
        .map_err(|error| ReportError::Write { format: "JSON", cause: error.to_string() })?;
    bytes.push(b'\n');
    Ok(Made { name: "report.json", media_type: "application/json", bytes, warning: None })
}

fn figure(figure: &crate::model::Figure) -> Figure<'_> {
    Figure {
        name: figure.name,
        label: &figure.label,
        value: (&figure.value).into(),
        before: figure.before.as_ref().map(Plain::from),
    }
}

fn grid<'a>(table: &'a Table<'_>) -> Grid<'a> {
    let head = |column: &'a crate::model::Column| Head {
        name: column.name,
        heading: &column.heading,
        form: column.form.name(),
    };
    Grid {
        name: table.name,
        title: &table.title,
        columns: table.columns.iter().map(head).collect(),
        rows: Rows {
            count: table.rows,
            row: Box::new(move |at| (table.row)(at).iter().map(Plain::from).collect()),
        },
        total: table.total.as_ref().map(|cells| cells.iter().map(Plain::from).collect()),
    }
}

/// The JSON Schema of `report.json`.
#[must_use]
pub fn report_schema() -> Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Document<'static>>()
        .to_value()
}
