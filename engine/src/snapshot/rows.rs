//! The rows that a snapshot gives.

use chrono::{DateTime, NaiveDate, Utc};

use crate::usage::Used;

/// A time: from an instant on, up to another, which is no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between {
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The instant after the last.
    pub to: DateTime<Utc>,
}

/// Days that follow each other, by the instants at which they begin: of whatever zone, with 23, 24 or 25 hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    first: NaiveDate,
    beginnings: Vec<DateTime<Utc>>,
    between: Between,
}

impl Days {
    /// Days from the first on, each with its beginning, up to the instant at which the last is over. None without a day, or
    /// where one does not begin after the one before.
    #[must_use]
    pub fn new(first: NaiveDate, beginnings: Vec<DateTime<Utc>>, to: DateTime<Utc>) -> Option<Self> {
        let (from, last) = (*beginnings.first()?, *beginnings.last()?);
        let ordered = beginnings.iter().zip(beginnings.iter().skip(1)).all(|(one, next)| one < next);
        (ordered && last < to).then_some(Self { first, beginnings, between: Between { from, to } })
    }

    /// The time that they make up.
    #[must_use]
    pub fn between(&self) -> Between {
        self.between
    }

    pub(super) fn beginnings(&self) -> &[DateTime<Utc>] {
        &self.beginnings
    }

    /// The day of a number, from 1 on.
    pub(super) fn day(&self, number: i32) -> Option<NaiveDate> {
        let after = u64::try_from(number).ok()?.checked_sub(1)?;
        self.first.checked_add_days(chrono::Days::new(after))
    }
}

/// The first rows of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct List<T> {
    /// The rows, as many as were asked for at most.
    pub rows: Vec<T>,
    /// How many there are.
    pub all: i64,
}

/// What was used on a local day by a kind, or by uploads.
#[derive(Debug, Clone, PartialEq)]
pub struct UsedOn {
    /// The day.
    pub day: NaiveDate,
    /// The kind; empty for uploads.
    pub kind: String,
    /// How much.
    pub used: Used,
}

/// A way in which jobs of a kind failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedSo {
    /// The kind.
    pub kind: String,
    /// The code.
    pub code: String,
    /// How many jobs.
    pub jobs: i64,
    /// When the last of them did.
    pub last: DateTime<Utc>,
    /// What was said of that one.
    pub message: String,
    /// Its id.
    pub job: String,
}

/// How long jobs of a kind waited, in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitedFor {
    /// The kind.
    pub kind: String,
    /// Jobs that began.
    pub jobs: i64,
    /// Behind the tenant's own work: the median, and what one in twenty exceeds.
    pub own_work: (f64, f64),
    /// For a slot: the same.
    pub slot: (f64, f64),
}

/// A job that took long.
#[derive(Debug, Clone, PartialEq)]
pub struct TookLong {
    /// Its id.
    pub job: String,
    /// Its kind.
    pub kind: String,
    /// What it is called, or nothing.
    pub name: String,
    /// When its last attempt began.
    pub started_at: DateTime<Utc>,
    /// Seconds that it took.
    pub seconds: f64,
    /// The number of that attempt.
    pub attempts: i64,
}

/// A job that made something.
#[derive(Debug, Clone, PartialEq)]
pub struct MadeBy {
    /// Its id.
    pub job: String,
    /// Its kind.
    pub kind: String,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// What it is called, or nothing.
    pub name: String,
    /// The first of its artifacts, or nothing.
    pub artifact: String,
    /// Bytes of all its artifacts.
    pub bytes: i64,
    /// Seconds of media, as its kind counts them.
    pub media_seconds: Option<f64>,
    /// Pages, as its kind counts them.
    pub pages: Option<i64>,
    /// Seconds that its last attempt took.
    pub seconds: f64,
}

/// A document that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedDocument {
    /// The id of its job.
    pub job: String,
    /// What it is called, or nothing.
    pub name: String,
    /// When it was read.
    pub at: DateTime<Utc>,
    /// Its pages.
    pub pages: i64,
    /// Those that were read from their picture.
    pub ocr_pages: i64,
    /// How sure that was, where the job's output says so.
    pub confidence: Option<f64>,
    /// How many of its pages gave nothing that can be searched.
    pub empty: i64,
    /// The numbers of the first of them.
    pub empty_pages: Vec<u32>,
}

/// Something that was transcribed.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedMedia {
    /// The id of its job.
    pub job: String,
    /// What it is called, or nothing.
    pub name: String,
    /// When it was done.
    pub at: DateTime<Utc>,
    /// The language, or nothing.
    pub language: String,
    /// Seconds of it.
    pub seconds: f64,
    /// How sure that was, where the job's output says so.
    pub confidence: Option<f64>,
}

/// A warning in the output of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warned {
    /// The id of the job.
    pub job: String,
    /// What it is called, or nothing.
    pub name: String,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// The code of the warning; `warning` where it has none.
    pub code: String,
    /// What it says.
    pub message: String,
}
