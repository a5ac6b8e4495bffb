//! Which ids are there? One newtype each, all in this list.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id: UUIDv7, so that ids sort by the time they were made.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "every call gives another id")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )*};
}

uuid_ids! {
    /// A job, for all its attempts.
    JobId;
    /// Jobs that were submitted together.
    BatchId;
    /// A file that a tenant brought.
    UploadId;
    /// An API key.
    KeyId;
    /// One life of a worker process, from its registration until its lease ends.
    WorkerId;
    /// A tenant's webhook: an address that it wants to be told at.
    WebhookId;
    /// What a webhook is told, for all its attempts; the id of the message, too.
    DeliveryId;
    /// A tenant's schedule.
    ScheduleId;
    /// What became of one due instant of a schedule, or of a run by hand.
    RunId;
    /// A document that a job read.
    DocumentId;
    /// A database of Esteira, drawn when it is made; the marker in its bucket names it too.
    EsteiraId;
}

/// A tenant's number, never used again for another tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct TenantId(pub i32);

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The least UUIDv7 of an instant: its milliseconds are the first 48 bits.
pub(crate) fn first_uuid(instant: DateTime<Utc>) -> Uuid {
    let millis = u128::try_from(instant.timestamp_millis().max(0)).unwrap_or(0);
    Uuid::from_u128((millis & 0xffff_ffff_ffff) << 80)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn an_id_lies_between_the_bounds_of_its_instant() {
        let id = Uuid::now_v7();
        let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
        let instant = DateTime::from_timestamp(i64::try_from(seconds).unwrap(), nanos).unwrap();
        assert!(first_uuid(instant) < id && id < first_uuid(instant + TimeDelta::milliseconds(1)));
        assert_eq!(first_uuid(DateTime::<Utc>::MIN_UTC), Uuid::nil());
    }
}
