//! How does an input name a file? By the text forms of [`FileUri`].

use std::fmt;
use std::str::FromStr;

use crate::id::{JobId, UploadId};

/// A file named inside an input: an upload, another job's artifact, an object in an allowed bucket, or a
/// file of the web.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FileUri {
    /// `upload://<upload id>`
    Upload(UploadId),
    /// `artifact://<job id>/<name>`
    Artifact {
        /// The job that made it.
        job: JobId,
        /// Its name among that job's artifacts.
        name: String,
    },
    /// `s3://<bucket>/<key>`
    S3 {
        /// The bucket, which the tenant's settings must list.
        bucket: String,
        /// The key of the object.
        key: String,
    },
    /// `https://…` or `http://…`, as it is written; the catalog says which hosts are allowed.
    Web(String),
}

/// The text is not one of the forms of a file name.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct BadFileUri(&'static str);

const FORMS: BadFileUri =
    BadFileUri("name a file as upload://<upload id>, artifact://<job id>/<name> or s3://<bucket>/<key>");

impl FromStr for FileUri {
    type Err = BadFileUri;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once("://").ok_or(FORMS)?;
        match scheme {
            "upload" => rest.parse().map(Self::Upload).map_err(|_| BadFileUri("not an upload id")),
            "artifact" => {
                let (job, name) = rest.split_once('/').ok_or(FORMS)?;
                let job = job.parse().map_err(|_| BadFileUri("not a job id"))?;
                if !is_artifact_name(name) {
                    return Err(BadFileUri("not the name of an artifact"));
                }
                Ok(Self::Artifact { job, name: name.to_owned() })
            }
            "s3" => match rest.split_once('/') {
                Some((bucket, key)) if is_bucket_name(bucket) && is_plain_key(key) => {
                    Ok(Self::S3 { bucket: bucket.to_owned(), key: key.to_owned() })
                }
                _ => Err(FORMS),
            },
            "http" | "https" => Ok(Self::Web(text.to_owned())),
            _ => Err(FORMS),
        }
    }
}

/// The characters of a bucket's name, by the rules of S3.
fn is_bucket_name(name: &str) -> bool {
    (3..=63).contains(&name.len())
        && !name.contains("..")
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
}

/// S3 takes any key, but a server that keeps objects as files may read `..` as a step up.
fn is_plain_key(key: &str) -> bool {
    key.len() <= 1024
        && !key.contains(char::is_control)
        && key.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

impl fmt::Display for FileUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upload(id) => write!(f, "upload://{id}"),
            Self::Artifact { job, name } => write!(f, "artifact://{job}/{name}"),
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::Web(address) => f.write_str(address),
        }
    }
}

/// Whether a text can be an artifact's name: one path segment or several, none hidden, none `..`.
///
/// HLS writes `hls/720p/segment_001.m4s`; a name is therefore a relative path of plain segments.
#[must_use]
pub fn is_artifact_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && name.split('/').all(|segment| {
            !segment.is_empty()
                && !segment.starts_with('.')
                && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_survives_a_round_trip() {
        for text in [
            "upload://0192f0c1-2345-7abc-8def-0123456789ab",
            "artifact://0192f0c1-2345-7abc-8def-0123456789ab/hls/720p.m3u8",
            "s3://bucket/a/key",
            "https://Example.org/a/film.mp4?b=%41",
        ] {
            assert_eq!(text.parse::<FileUri>().map(|uri| uri.to_string()).ok().as_deref(), Some(text));
        }
    }

    #[test]
    fn paths_and_other_schemes_are_refused() {
        for text in [
            "ftp://example.org/a",
            "HTTP://example.org/a",
            "file:///etc/passwd",
            "/etc/passwd",
            "upload://x",
            "s3://only",
            "s3://bucket/../other/key",
            "s3://../key",
            "s3://bucket//key",
        ] {
            assert!(text.parse::<FileUri>().is_err(), "{text}");
        }
    }

    #[test]
    fn artifact_names_cannot_climb() {
        assert!(is_artifact_name("hls/720p/seg_1.m4s"));
        for name in ["", "../x", "a//b", "/a", "a/.hidden", "a b", "é"] {
            assert!(!is_artifact_name(name), "{name}");
        }
    }
}
