//! How long is something kept? Some days, or forever.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A century: more is a mistake, or means forever.
const MOST_DAYS: i32 = 36_500;
const FOREVER: &str = "forever";

/// How long something is kept after its end. A word and no number stands for "no end", so that a 0 that was meant
/// the one way or the other is refused instead of guessed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// So many days.
    Days(i32),
    /// Nothing is pruned.
    Forever,
}

impl Retention {
    /// Why it cannot be, if it cannot.
    #[must_use]
    pub fn fault(self) -> Option<&'static str> {
        match self {
            Self::Days(days) if !(1..=MOST_DAYS).contains(&days) => {
                Some("must be between 1 and 36500 days, or \"forever\"")
            }
            Self::Days(_) | Self::Forever => None,
        }
    }

    /// What ended before this instant is kept no longer.
    #[must_use]
    pub fn cutoff(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Days(days) => now.checked_sub_signed(TimeDelta::days(i64::from(days))),
            Self::Forever => None,
        }
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => days.fmt(f),
            Self::Forever => f.write_str(FOREVER),
        }
    }
}

/// Of the text of a column.
impl FromStr for Retention {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == FOREVER { Ok(Self::Forever) } else { text.parse().map(Self::Days) }
    }
}

impl Serialize for Retention {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Days(days) => serializer.serialize_i32(*days),
            Self::Forever => serializer.serialize_str(FOREVER),
        }
    }
}

impl<'de> Deserialize<'de> for Retention {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DaysOrForever)
    }
}

struct DaysOrForever;

impl de::Visitor<'_> for DaysOrForever {
    type Value = Retention;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number of days or \"forever\"")
    }

    // A number that does not fit becomes one that `fault` refuses with its reason.
    fn visit_i64<E>(self, days: i64) -> Result<Retention, E> {
        Ok(Retention::Days(i32::try_from(days).unwrap_or(0)))
    }

    fn visit_u64<E>(self, days: u64) -> Result<Retention, E> {
        Ok(Retention::Days(i32::try_from(days).unwrap_or(0)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Retention, E> {
        if text == FOREVER {
            Ok(Retention::Forever)
        } else {
            Err(E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_days_or_forever_is_read_and_written_alike() {
        for (json, retention) in [("30", Retention::Days(30)), ("\"forever\"", Retention::Forever)] {
            assert_eq!(serde_json::from_str::<Retention>(json).unwrap(), retention);
            assert_eq!(serde_json::to_string(&retention).unwrap(), json);
            assert_eq!(retention.to_string().parse::<Retention>().unwrap(), retention);
        }
        for json in ["\"30\"", "\"never\"", "1.5", "true"] {
            assert!(serde_json::from_str::<Retention>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn no_days_at_all_are_refused_rather_than_guessed_at() {
        for json in ["0", "-1", "36501", "99999999999999"] {
            let retention: Retention = serde_json::from_str(json).unwrap();
            assert!(retention.fault().is_some(), "{json}");
        }
        assert_eq!((Retention::Days(36_500).fault(), Retention::Forever.fault()), (None, None));
    }

    #[test]
    fn forever_has_no_cutoff() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(Retention::Forever.cutoff(now), None);
        assert_eq!(Retention::Days(1).cutoff(now).map(|cutoff| cutoff.timestamp()), Some(-86_400));
    }
}
