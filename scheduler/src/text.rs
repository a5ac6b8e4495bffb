//! What does a cron text mean? One or two calendars for the `cron` crate, and a time zone.

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::DateTime;
use chrono_tz::Tz;
use cron::Schedule;

use super::field::FIELDS;

/// A cron text with its time zone.
#[derive(Debug, Clone)]
pub struct Cron {
    /// Local times that match; two calendars where day of month and day of week are alternatives.
    pub(crate) calendars: Vec<Schedule>,
    pub(crate) zone: Tz,
    /// Due more than once in each hour of the day: it follows real time when clocks change.
    pub(crate) is_interval: bool,
}

/// The text or the time zone cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Neither five fields, nor six, nor a name.
    #[error(
        "a cron text has five fields, six with seconds first, or is @yearly, @monthly, @weekly, @daily or @hourly; this has {0} fields"
    )]
    Fields(usize),
    /// There is no such name.
    #[error("{0} is not @yearly, @annually, @monthly, @weekly, @daily, @midnight or @hourly")]
    Name(String),
    /// A field does not fit.
    #[error("{field}: {reason}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// No date ever matches, as 30 February.
    #[error("no date ever matches")]
    Never,
    /// There is no such zone.
    #[error("{0:?} is not a time zone of the IANA database, such as America/Sao_Paulo")]
    Zone(String),
}

impl Cron {
    /// Reads a cron text, whose times are local in `zone` (an IANA name).
    ///
    /// # Errors
    /// When either cannot be understood; the message names the field.
    pub fn parse(text: &str, zone: &str) -> Result<Self, CronError> {
        let zone = Tz::from_str(zone).map_err(|_| CronError::Zone(zone.to_owned()))?;
        let text = if text.trim_start().starts_with('@') { named(text.trim())? } else { text };
        let mut fields: Vec<&str> = text.split_whitespace().collect();
        match fields.len() {
            5 => fields.insert(0, "0"),
            6 => {}
            count => return Err(CronError::Fields(count)),
        }
        let mut lists = Vec::with_capacity(FIELDS.len());
        for (field, text) in FIELDS.iter().zip(&fields) {
            let numbers =
                field.parse(text).map_err(|reason| CronError::Field { field: field.name, reason })?;
            lists.push(numbers);
        }
        // The crate counts the days of the week from Sunday = 1.
        lists[5] = lists[5].iter().map(|day| day % 7 + 1).collect();

        // crontab(5): a field that begins with `*` does not restrict, and two that do are alternatives.
        let alternatives = !fields[3].starts_with('*') && !fields[5].starts_with('*');
        let calendars = if alternatives {
            vec![calendar(&lists, Some(5))?, calendar(&lists, Some(3))?]
        } else {
            vec![calendar(&lists, None)?]
        };
        if calendars.iter().all(|calendar| calendar.after(&DateTime::UNIX_EPOCH).next().is_none()) {
            return Err(CronError::Never);
        }
        let is_interval = lists[2].len() == 24 && (lists[0].len() > 1 || lists[1].len() > 1);
        Ok(Self { calendars, zone, is_interval })
    }
}

/// The crate's schedule for six lists of numbers, one of which may be left open.
fn calendar(lists: &[BTreeSet<u32>], open: Option<usize>) -> Result<Schedule, CronError> {
    let texts: Vec<String> = lists
        .iter()
        .enumerate()
        .map(|(index, numbers)| {
            if open == Some(index) {
                return "*".to_owned();
            }
            numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
        })
        .collect();
    Schedule::from_str(&texts.join(" "))
        .map_err(|error| CronError::Field { field: "text", reason: error.to_string() })
}

fn named(name: &str) -> Result<&'static str, CronError> {
    match name {
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        "@monthly" => Ok("0 0 1 * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@hourly" => Ok("0 * * * *"),
        _ => Err(CronError::Name(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> CronError {
        Cron::parse(text, "UTC").unwrap_err()
    }

    #[test]
    fn a_refusal_names_what_is_wrong() {
        assert_eq!(refusal("* * * *"), CronError::Fields(4));
        assert_eq!(refusal("@reboot"), CronError::Name("@reboot".to_owned()));
        assert_eq!(refusal("0 0 30 feb *"), CronError::Never);
        assert_eq!(refusal("61 * * * *").to_string(), "minute: \"61\" is not between 0 and 59");
        assert!(matches!(Cron::parse("@daily", "Mars/Base"), Err(CronError::Zone(_))));
    }
}
