//! What does a caller see of an upload that it announced?

use chrono::{DateTime, Utc};
use esteira_engine::artifact::{Part, Reserved};
use esteira_engine::id::UploadId;
use serde::Serialize;
use utoipa::ToSchema;

/// An upload that is to be brought.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Upload)]
pub(crate) struct UploadView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: UploadId,
    /// What is to be brought where: one part up to 64 MiB, more beyond.
    pub parts: Vec<PartView>,
    /// Until when it can be brought and completed.
    pub expires_at: DateTime<Utc>,
}

/// A part of an upload: some bytes of the file, which follow on those of the part before.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UploadPart)]
pub(crate) struct PartView {
    /// Its number, from 1.
    #[schema(minimum = 1, maximum = 10_000)]
    pub number: i32,
    /// Where to PUT it, without a token. The answer's header `ETag` is for the completion.
    #[schema(example = "https://esteira.s3.sa-east-1.amazonaws.com/uploads/0192f0c1?X-Amz-Signature=…")]
    pub url: String,
    /// How many bytes, exactly.
    #[schema(minimum = 1, example = 67_108_864)]
    pub bytes: u64,
}

impl From<Reserved> for UploadView {
    fn from(reserved: Reserved) -> Self {
        let part = |Part { number, url, bytes }: Part| PartView { number, url, bytes };
        let Reserved { id, parts, expires_at } = reserved;
        Self { id, parts: parts.into_iter().map(part).collect(), expires_at }
    }
}
