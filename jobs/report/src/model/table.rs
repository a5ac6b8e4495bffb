//! A table: typed cells, made row by row, so that a long one need not be held twice.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::words::Locale;

/// A table of a report.
pub struct Table<'a> {
    /// Its name for programs.
    pub name: &'static str,
    /// Its name for readers.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// How many rows it has.
    pub rows: usize,
    /// Makes a row of as many cells as there are columns.
    pub row: Box<dyn Fn(usize) -> Vec<Cell<'a>> + 'a>,
    /// What its rows add up to.
    pub total: Option<Vec<Cell<'a>>>,
    /// What is said where there is no row.
    pub empty: String,
    /// Whether it is the table of which a CSV file is made.
    pub main: bool,
    /// Whether it is shown in formats for reading, or only in those that are data.
    pub shown: bool,
    /// How many rows there would be, where some were not read.
    pub of: Option<i64>,
}

impl<'a> Table<'a> {
    /// All rows, made as they are asked for.
    pub fn each_row(&self) -> impl Iterator<Item = Vec<Cell<'a>>> + '_ {
        (0..self.rows).map(|at| (self.row)(at))
    }
}

/// A column of a table.
pub struct Column {
    /// Its name for programs.
    pub name: &'static str,
    /// Its name for readers.
    pub heading: String,
    /// The form of its cells.
    pub form: Form,
    /// Where it stands in formats for reading.
    pub place: Place,
}

/// Where a column stands in formats for reading; in those that are data each stands by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// By itself, as wide as its cells.
    Own,
    /// By itself, with a share of the room that is left.
    Wide(f64),
    /// Below the cell of the column before it, smaller.
    Under,
    /// Nowhere.
    Hidden,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Words.
    Text,
    /// A word for programs.
    Code,
    /// A whole number.
    Count,
    /// A number with so many decimal places.
    Number(usize),
    /// A part of one.
    Percent,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Money.
    Money,
    /// A local day.
    Day,
    /// A moment.
    Moment,
}

impl Form {
    /// Its name in the schema of JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code => "code",
            Self::Count => "count",
            Self::Number(_) => "number",
            Self::Percent => "fraction",
            Self::Seconds => "seconds",
            Self::Bytes => "bytes",
            Self::Money => "money",
            Self::Day => "day",
            Self::Moment => "moment",
        }
    }

    /// Whether its cells end at the right edge, one below the other.
    pub fn is_numeric(self) -> bool {
        !matches!(self, Self::Text | Self::Code | Self::Day | Self::Moment)
    }
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// None.
    Nothing,
    /// Words.
    Text(Cow<'a, str>),
    /// Words with where they lead to.
    Link {
        /// The words.
        text: Cow<'a, str>,
        /// An address of the API.
        href: String,
    },
    /// A word for programs.
    Code(Cow<'a, str>),
    /// A whole number.
    Count(i64),
    /// A number with so many decimal places.
    Number(f64, usize),
    /// A part of one.
    Percent(f64),
    /// Seconds.
    Seconds(f64),
    /// Bytes.
    Bytes(i64),
    /// Hundredths of the report's currency.
    Money(i64),
    /// A local day.
    Day(NaiveDate),
    /// A moment.
    Moment(DateTime<Utc>),
}

impl Cell<'_> {
    /// How it is shown to a reader.
    pub fn shown(&self, locale: Locale, zone: Tz, currency: &str) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) | Self::Code(text) | Self::Link { text, .. } => text.to_string(),
            Self::Count(count) => locale.integer(*count),
            Self::Number(number, places) => locale.decimal(*number, *places),
            Self::Percent(part) => locale.percent(*part),
            Self::Seconds(seconds) => locale.duration(*seconds),
            Self::Bytes(bytes) => locale.bytes(*bytes),
            Self::Money(hundredths) => locale.money(*hundredths, currency),
            Self::Day(day) => locale.day(*day),
            Self::Moment(instant) => locale.moment(*instant, zone),
        }
    }

    /// What it measures, where it can be compared with another.
    pub fn amount(&self) -> Option<f64> {
        match self {
            Self::Count(whole) | Self::Bytes(whole) | Self::Money(whole) => Some(*whole as f64),
            Self::Number(number, _) | Self::Percent(number) | Self::Seconds(number) => {
                number.is_finite().then_some(*number)
            }
            _ => None,
        }
    }
}
