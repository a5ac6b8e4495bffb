//! Which instant does a text name? RFC 3339, of a year that both ends can write.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Deserializer, de};

/// An instant that a request names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timestamp(pub DateTime<Utc>);

impl FromStr for Timestamp {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let instant = DateTime::parse_from_rfc3339(text)
            .map_err(|_| "is not an RFC 3339 timestamp like 2026-12-01T02:00:00Z")?
            .to_utc();
        // An offset can carry the year across the edge of what Postgres and RFC 3339 can write.
        if (1..=9999).contains(&instant.year()) {
            Ok(Self(instant))
        } else {
            Err("must be of a year from 1 to 9999")
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_turned_into_utc() {
        let instant = "2026-12-01T02:00:00-03:00".parse::<Timestamp>().unwrap();
        assert_eq!(instant.0.to_rfc3339(), "2026-12-01T05:00:00+00:00");
    }

    #[test]
    fn other_notations_are_refused() {
        for text in ["2026-12-01", "1764554400", "2026-12-01T02:00:00", "0000-01-01T00:00:00Z", ""] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
