//! What may a tenant use? Its limits; none of them is set by default.

use serde::{Deserialize, Serialize};

use super::Retention;

/// The limits of a tenant. `None` means: no limit, and for the retentions: as the operator's settings say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limits {
    /// Its share of a contended kind, relative to other tenants' weights.
    pub weight: f32,
    /// Jobs that run at the same moment, over all kinds.
    pub max_running: Option<i32>,
    /// Jobs that wait (blocked, scheduled or queued).
    pub max_queued: Option<i32>,
    /// Bytes of its uploads and artifacts.
    pub max_storage_bytes: Option<i64>,
    /// HTTP requests a minute.
    pub requests_per_minute: Option<i32>,
    /// Kinds that it may submit.
    pub kinds: Option<Vec<String>>,
    /// Buckets that its inputs may name by `s3://`.
    pub s3_buckets: Vec<String>,
    /// How long finished jobs are kept, with their artifacts.
    pub retention_days: Option<Retention>,
    /// How long uploads are kept that no unfinished job names.
    pub upload_retention_days: Option<Retention>,
}

/// New values for some limits; a field that is absent stays, one that is `null` is lifted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsChange {
    /// See [`Limits::weight`]; between 0.001 and 1,000,000.
    pub weight: Option<f64>,
    /// See [`Limits::max_running`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub max_running: Option<Option<i32>>,
    /// See [`Limits::max_queued`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub max_queued: Option<Option<i32>>,
    /// See [`Limits::max_storage_bytes`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub max_storage_bytes: Option<Option<i64>>,
    /// See [`Limits::requests_per_minute`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<Option<i32>>,
    /// See [`Limits::kinds`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Option<Vec<String>>>,
    /// See [`Limits::s3_buckets`].
    pub s3_buckets: Option<Vec<String>>,
    /// See [`Limits::retention_days`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<Option<Retention>>,
    /// See [`Limits::upload_retention_days`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub upload_retention_days: Option<Option<Retention>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            weight: 1.0,
            max_running: None,
            max_queued: None,
            max_storage_bytes: None,
            requests_per_minute: None,
            kinds: None,
            s3_buckets: Vec::new(),
            retention_days: None,
            upload_retention_days: None,
        }
    }
}

impl Limits {
    /// Lays a change over these limits.
    pub fn apply(&mut self, change: &LimitsChange) {
        let LimitsChange {
            weight,
            max_running,
            max_queued,
            max_storage_bytes,
            requests_per_minute,
            kinds,
            s3_buckets,
            retention_days,
            upload_retention_days,
        } = change.clone();
        // The column is a real; `fault` keeps the value within it.
        self.weight = weight.map_or(self.weight, |weight| weight as f32);
        self.max_running = max_running.unwrap_or(self.max_running);
        self.max_queued = max_queued.unwrap_or(self.max_queued);
        self.max_storage_bytes = max_storage_bytes.unwrap_or(self.max_storage_bytes);
        self.requests_per_minute = requests_per_minute.unwrap_or(self.requests_per_minute);
        if let Some(kinds) = kinds {
            self.kinds = kinds;
        }
        if let Some(buckets) = s3_buckets {
            self.s3_buckets = buckets;
        }
        self.retention_days = retention_days.unwrap_or(self.retention_days);
        self.upload_retention_days = upload_retention_days.unwrap_or(self.upload_retention_days);
    }
}

/// Tells a field that is `null` from one that is absent.
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

impl LimitsChange {
    /// The first value that cannot be a limit: its field and why.
    #[must_use]
    pub fn fault(&self) -> Option<(&'static str, &'static str)> {
        let negative = |value: Option<Option<i64>>| value.flatten().is_some_and(|n| n < 0);
        if self.weight.is_some_and(|w| !(0.001..=1_000_000.0).contains(&w)) {
            return Some(("weight", "must be between 0.001 and 1,000,000"));
        }
        for (field, value) in [
            ("max_running", self.max_running.map(|v| v.map(i64::from))),
            ("max_queued", self.max_queued.map(|v| v.map(i64::from))),
            ("max_storage_bytes", self.max_storage_bytes),
            ("requests_per_minute", self.requests_per_minute.map(|v| v.map(i64::from))),
        ] {
            if negative(value) {
                return Some((field, "must not be negative"));
            }
        }
        [("retention_days", self.retention_days), ("upload_retention_days", self.upload_retention_days)]
            .into_iter()
            .find_map(|(field, value)| Some((field, value.flatten()?.fault()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_lifts_a_limit_and_absence_keeps_it() {
        let change: LimitsChange = serde_json::from_str(r#"{"max_running": null}"#).unwrap();
        assert_eq!((change.max_running, change.max_queued), (Some(None), None));
    }

    #[test]
    fn a_weight_that_is_none_is_refused() {
        for weight in [0.0, -1.0, 1e-50, 1e39, f64::NAN] {
            let change = LimitsChange { weight: Some(weight), ..LimitsChange::default() };
            assert_eq!(change.fault().map(|(field, _)| field), Some("weight"), "{weight}");
        }
    }
}
