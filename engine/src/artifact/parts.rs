//! How does a client bring a file to S3 itself? In parts, each by a link that takes exactly its bytes.
//!
//! A small file is one part. An object of parts is there only once they are joined, and their links lead nowhere
//! afterwards: nobody can change a file that was checked.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use sha2::{Digest, Sha256};

use super::media_type::HEAD_BYTES;
use super::store::remote;
use super::{Store, StoreError};

/// Files up to here are one part.
const USUAL_PART: u64 = 64 * 1024 * 1024;
/// The most parts that S3 takes.
const MOST_PARTS: u64 = 10_000;

/// A part of a file, as its client is to bring it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its number, from 1.
    pub number: i32,
    /// The link for its PUT.
    pub url: String,
    /// Its size, exactly.
    pub bytes: u64,
}

/// A part that a client has brought.
#[derive(Debug, Clone)]
pub struct BroughtPart {
    /// Its number.
    pub number: i32,
    /// The `ETag` of the answer to its PUT.
    pub etag: String,
}

/// What an object was found to be.
#[derive(Debug)]
pub(super) struct Measured {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Vec<u8>,
    /// Its first bytes.
    pub head: Vec<u8>,
}

/// Why parts were not joined.
#[derive(Debug)]
pub(super) enum JoinError {
    /// S3 knows no such parts: a wrong `ETag`, or one that came after another PUT of the part.
    WrongParts,
    /// The upload is over: its parts are joined already, or given up.
    Over,
    /// S3 failed.
    Store(StoreError),
}

/// How large each part but the last is: as many bytes as let S3's number of parts reach.
pub(super) fn part_bytes(bytes: u64) -> u64 {
    USUAL_PART.max(bytes.div_ceil(MOST_PARTS))
}

/// The sizes of a file's parts, by their numbers.
pub(super) fn plan(bytes: u64, part_bytes: u64) -> BTreeMap<i32, u64> {
    let starts = (0..bytes).step_by(usize::try_from(part_bytes).unwrap_or(usize::MAX));
    (1..).zip(starts.map(|start| part_bytes.min(bytes - start))).collect()
}

impl Store {
    /// Announces an object of parts; gives what S3 calls it.
    pub(super) async fn begin_parts(&self, key: &str, media_type: &str) -> Result<String, StoreError> {
        let begin = self.client.create_multipart_upload().bucket(&self.bucket).key(self.key(key));
        let begun = begin.content_type(media_type).send().await?;
        begun.upload_id.ok_or_else(|| StoreError::Remote("the upload has no id".into()))
    }

    /// The link for one part. Its length is signed too, so that it takes neither more nor less.
    pub(super) async fn part_link(
        &self,
        key: &str,
        upload: &str,
        number: i32,
        bytes: u64,
        good_for: Duration,
    ) -> Result<Part, StoreError> {
        let config = PresigningConfig::expires_in(good_for).map_err(remote)?;
        let put = self.signer.upload_part().bucket(&self.bucket).key(self.key(key));
        let put = put.upload_id(upload).part_number(number);
        let length = i64::try_from(bytes).unwrap_or(i64::MAX);
        let request = put.content_length(length).presigned(config).await?;
        Ok(Part { number, url: request.uri().to_owned(), bytes })
    }

    /// The sizes of the parts that have been brought, by their numbers; `None` when they are joined or given up.
    pub(super) async fn parts_there(
        &self,
        key: &str,
        upload: &str,
    ) -> Result<Option<BTreeMap<i32, u64>>, StoreError> {
        let mut there = BTreeMap::new();
        let mut after = None;
        loop {
            let list = self.client.list_parts().bucket(&self.bucket).key(self.key(key)).upload_id(upload);
            let page = match list.set_part_number_marker(after.take()).send().await {
                Err(error) if error.code() == Some("NoSuchUpload") => return Ok(None),
                page => page?,
            };
            for part in page.parts() {
                let size = part.size().and_then(|size| u64::try_from(size).ok());
                there.extend(part.part_number().zip(size));
            }
            after = page.next_part_number_marker().map(str::to_owned);
            if page.is_truncated() != Some(true) || after.is_none() {
                return Ok(Some(there));
            }
        }
    }

    /// Makes an object of its parts.
    pub(super) async fn join_parts(
        &self,
        key: &str,
        upload: &str,
        parts: &[BroughtPart],
    ) -> Result<(), JoinError> {
        let part = |part: &BroughtPart| {
            // With the quotes of the header, whether the client kept them or not.
            let etag = format!("\"{}\"", part.etag.trim_matches('"'));
            CompletedPart::builder().part_number(part.number).e_tag(etag).build()
        };
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.iter().map(part).collect()));
        let join = self.client.complete_multipart_upload().bucket(&self.bucket).key(self.key(key));
        match join.upload_id(upload).multipart_upload(parts.build()).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.code() {
                Some("InvalidPart" | "InvalidPartOrder" | "EntityTooSmall") => JoinError::WrongParts,
                // The embedded server knows an upload that is over no better than one of somebody else.
                Some("NoSuchUpload" | "AccessDenied") => JoinError::Over,
                _ => JoinError::Store(error.into()),
            }),
        }
    }

    /// Forgets the parts of an object that is never to be; harmless when they are gone.
    pub(crate) async fn abort_parts(&self, key: &str, upload: &str) -> Result<(), StoreError> {
        let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(self.key(key));
        match abort.upload_id(upload).send().await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.code(), Some("NoSuchUpload" | "AccessDenied")) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads an object once, a piece at a time, and tells what it is.
    pub(super) async fn measure(&self, key: &str) -> Result<Measured, StoreError> {
        let object = self.client.get_object().bucket(&self.bucket).key(self.key(key)).send().await?;
        let mut body = object.body;
        let (mut hash, mut bytes, mut head) = (Sha256::new(), 0, Vec::new());
        while let Some(piece) = body.try_next().await.map_err(remote)? {
            hash.update(&piece);
            bytes += piece.len() as u64;
            let room = HEAD_BYTES - head.len();
            head.extend_from_slice(piece.get(..room).unwrap_or(&piece));
        }
        Ok(Measured { bytes, sha256: hash.finalize().to_vec(), head })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_part_up_to_64_mib_and_never_more_than_s3_takes() {
        for (bytes, parts) in [(1, 1), (USUAL_PART, 1), (USUAL_PART + 1, 2), (5 << 40, 10_000)] {
            let plan = plan(bytes, part_bytes(bytes));
            assert_eq!(plan.values().sum::<u64>(), bytes);
            assert!(plan.len() <= parts && plan.keys().copied().eq(1..=i32::try_from(plan.len()).unwrap()));
        }
    }
}
