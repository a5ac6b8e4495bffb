//! When is a schedule due, and what becomes of it? Cron text and a time zone give instants; pure, without a clock.
//!
//! The dialect is that of crontab(5): five fields, six with seconds first, names of months and days,
//! `@daily` and its like; if day of month and day of week are both restricted, either will do. The crate `cron` steps
//! through the calendar; it is told lists of numbers, since its own dialect is another one.
//!
//! Clock changes: a local time that is skipped is due once, at the first instant after the gap; one
//! that comes twice is due once, the first time. Several times that fall into one gap are one. What is due more than
//! once in each hour of the day follows real time instead.
//!
//! Zones come from `chrono-tz`, which carries the IANA database within it, and not from jiff: the crate `cron`, the
//! database and the rest of Esteira speak chrono, so that no instant has to be translated.

mod change;
mod due;
mod field;
mod plan;
mod policy;
mod text;

pub use chrono_tz::IANA_TZDB_VERSION;
pub use due::Due;
pub use plan::{Decision, MOST_CAUGHT_UP, Standing, Verdict, decide};
pub use policy::{CatchUp, Overlap, Reason};
pub use text::{Cron, CronError};
