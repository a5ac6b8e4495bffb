//! What does an archive say of itself?

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The only form so far.
pub(super) const FORMAT: u32 = 1;
/// The name of the entry that lists all others; the last one.
pub(super) const MANIFEST: &str = "manifest.json";

/// What an archive says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of the archive.
    pub format: u32,
    /// Whose it was.
    pub slug: String,
    /// The version of its schema.
    pub schema_version: i32,
    /// What it might use. Keys are not in an archive.
    pub limits: Value,
    /// What its objects' keys began with.
    pub prefix: String,
    /// When it was written.
    pub exported_at: DateTime<Utc>,
    /// Jobs that were not over, and are not in it.
    pub unfinished_jobs: i64,
    /// Every other entry.
    pub entries: Vec<Listed>,
}

/// An entry of an archive.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its name in the archive.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// Of a table: the columns, in the order of their values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Of an object: its key behind the prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

impl Listed {
    /// The table that it holds the rows of.
    pub(super) fn table(&self) -> Option<&str> {
        self.name.strip_prefix("tables/")
    }
}

/// Whether an entry can have this name: none other is looked at, and none becomes a path.
pub(super) fn is_entry(name: &str) -> bool {
    let plain = |rest: &str| {
        (1..=63).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let number =
        |rest: &str| (1..=12).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit());
    name == MANIFEST
        || name.strip_prefix("tables/").is_some_and(plain)
        || name.strip_prefix("objects/").is_some_and(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_table_an_object_or_the_manifest() {
        for good in ["manifest.json", "tables/usage_ledger", "objects/17"] {
            assert!(is_entry(good), "{good}");
        }
        for bad in
            ["", "/etc/passwd", "../x", "tables/../x", "tables/", "objects/x", "objects/1/2", "tables/A b"]
        {
            assert!(!is_entry(bad), "{bad}");
        }
    }
}
