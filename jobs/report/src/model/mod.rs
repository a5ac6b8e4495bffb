//! What is a report, before it is in any format? Words, figures, charts and tables.

mod chart;
mod table;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub use chart::{Bar, Chart, Columns, Series, Tone, ticks};
pub use table::{Cell, Column, Form, Place, Table};

use crate::input::Colour;
use crate::period::Span;
use crate::words::Locale;

/// A report.
pub struct Report<'a> {
    /// Which: `usage`, `activity`, `quality` or `template`.
    pub name: &'static str,
    /// The language of its words.
    pub locale: Locale,
    /// What it is called.
    pub title: String,
    /// Whose it is.
    pub owner: String,
    /// The tenant's slug.
    pub tenant: &'a str,
    /// The period.
    pub period: Span,
    /// The time zone of its days and moments.
    pub timezone: Tz,
    /// When its data end.
    pub data_until: DateTime<Utc>,
    /// The colour of headings and charts, fit to be read on white.
    pub colour: Colour,
    /// The figures of its first line.
    pub figures: Vec<Figure>,
    /// What a reader should know first, in a sentence or two.
    pub lead: String,
    /// Its parts.
    pub sections: Vec<Section<'a>>,
    /// What has to be known of its data.
    pub notes: Vec<String>,
    /// Where the amounts of money are: the currency's code.
    pub currency: &'a str,
}

/// A key figure.
pub struct Figure {
    /// Its name for programs.
    pub name: &'static str,
    /// Its name for readers.
    pub label: String,
    /// What it is.
    pub value: Cell<'static>,
    /// What it was in the period before.
    pub before: Option<Cell<'static>>,
    /// Whether more of it is good news; nothing where it is neither.
    pub more_is_good: Option<bool>,
}

/// A part of a report.
pub struct Section<'a> {
    /// Its heading.
    pub heading: String,
    /// A sentence about it, or nothing.
    pub lead: String,
    /// Its charts.
    pub charts: Vec<Chart>,
    /// Its table.
    pub table: Option<Table<'a>>,
}

impl<'a> Report<'a> {
    /// All tables, in their order.
    pub fn tables(&self) -> impl Iterator<Item = &Table<'a>> {
        self.sections.iter().filter_map(|section| section.table.as_ref())
    }

    /// The table of which a CSV file is made.
    pub fn main_table(&self) -> Option<&Table<'a>> {
        self.tables().find(|table| table.main).or_else(|| self.tables().next())
    }

    /// How a cell is shown to a reader.
    pub fn shown(&self, cell: &Cell<'_>) -> String {
        cell.shown(self.locale, self.timezone, self.currency)
    }
}
