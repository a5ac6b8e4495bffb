//! Which problem is it when something about schedules is refused? The answers that their routes share.

use std::time::Duration;

use esteira_engine::schedule::{CronError, ScheduleError};

use crate::problem::{Code, Problem};

/// How soon another try makes sense while a tenant is being migrated.
const MIGRATING: Duration = Duration::from_secs(60);

impl From<ScheduleError> for Problem {
    fn from(error: ScheduleError) -> Self {
        match error {
            ScheduleError::Unknown => Self::not_found(),
            ScheduleError::TooMany { limit } => Self::new(
                Code::TooManySchedules,
                format!("The tenant has {limit} schedules, and may not have more. Remove one first."),
            ),
            ScheduleError::Cron(error @ CronError::Zone(_)) => Self::value("/timezone", error.to_string()),
            ScheduleError::Cron(error) => Self::value("/cron", error.to_string()),
            ScheduleError::BadField { field, message } => Self::value(format!("/{field}"), message),
            ScheduleError::Busy => Self::new(
                Code::ScheduleBusy,
                "The run before is not over, and the schedule's `overlap` lets nothing more run or wait meanwhile.",
            ),
            ScheduleError::Submit(error) => error.into(),
            ScheduleError::Behind => {
                tracing::warn!("a tenant's schema is older than schedules: run `esteira migrate`");
                Self::new(Code::Unavailable, "The tenant is not migrated to schedules yet. Try again later.")
                    .with_retry_after(MIGRATING)
            }
            ScheduleError::Database(error) => error.into(),
        }
    }
}
