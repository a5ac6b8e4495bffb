//! When is a schedule due? Cron text and a time zone give instants.
//!
//! The dialect is that of crontab(5): five fields, six with seconds first, names of months and days,
//! `@daily` and its like; if day of month and day of week are both restricted, either will do.
//!
//! Clock changes: a local time that is skipped is due once, at the first instant after the gap; one
//! that comes twice is due once, the first time. Several times that fall into one gap are one.

mod due;
mod field;
mod text;

pub use due::Due;
pub use text::{Cron, CronError};
