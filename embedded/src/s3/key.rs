//! Which keys does the store take? Those that name one file, and the same file, by every road.
//!
//! `s3s-fs` makes a path of a key and tidies it up: `a/../../other/b` would leave its bucket, and `a//b` would
//! be the file of `a/b` with other side files.

use s3s::dto::CopySource;
use s3s::{S3Result, s3_error};

/// Refuses a key of which a file system makes something else.
pub(super) fn check(key: &str) -> S3Result<()> {
    if key.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return Err(s3_error!(
            InvalidArgument,
            "the embedded store takes no key with an empty segment, a `.` or a `..`"
        ));
    }
    Ok(())
}

/// The same for the object that a copy reads.
pub(super) fn check_source(source: &CopySource) -> S3Result<()> {
    match source {
        CopySource::Bucket { key, .. }
        | CopySource::AccessPoint { key, .. }
        | CopySource::Outpost { key, .. } => check(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_a_path_would_change_is_refused() {
        for bad in ["", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/../b", "../b/a", "a/.."] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "a/b", ".a", "..a/b..", "a/...", "t/0192/x.mp4"] {
            assert!(check(good).is_ok(), "{good:?}");
        }
    }
}
