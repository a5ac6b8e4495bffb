//! Can these be limits? What the engine does not look at: that names are names.

use esteira_engine::job::Catalog;
use esteira_engine::tenant::LimitsChange;

use crate::problem::Problem;

/// Refuses limits that cannot be, with the pointer to the first.
pub(super) fn check(change: &LimitsChange, catalog: &Catalog) -> Result<(), Problem> {
    if let Some((field, message)) = change.fault() {
        return Err(Problem::value(format!("/limits/{field}"), message));
    }
    let mut kinds = change.kinds.iter().flatten().flatten();
    if let Some(position) = kinds.position(|kind| catalog.get(kind).is_none()) {
        return Err(Problem::value(format!("/limits/kinds/{position}"), "there is no such kind"));
    }
    let mut buckets = change.s3_buckets.iter().flatten();
    if let Some(position) = buckets.position(|bucket| !is_bucket_name(bucket)) {
        return Err(Problem::value(format!("/limits/s3_buckets/{position}"), "is not the name of a bucket"));
    }
    Ok(())
}

fn is_bucket_name(text: &str) -> bool {
    (3..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'))
}
