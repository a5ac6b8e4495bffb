//! What does a caller see of a file that it brought?

use chrono::{DateTime, Utc};
use esteira_engine::artifact::Upload;
use esteira_engine::id::UploadId;
use serde::Serialize;
use utoipa::ToSchema;

/// A file that a tenant brought.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = File, example = json!({
    "id": "0192f0c1-2345-7abc-8def-0123456789ab", "uri": "upload://0192f0c1-2345-7abc-8def-0123456789ab",
    "file_name": "holiday.jpg", "media_type": "image/jpeg", "bytes": 2_482_133,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "created_at": "2026-11-24T15:04:05Z",
}))]
pub(crate) struct FileView {
    /// Its id.
    #[schema(value_type = Uuid)]
    pub id: UploadId,
    /// How an input names it.
    #[schema(example = "upload://0192f0c1-2345-7abc-8def-0123456789ab")]
    pub uri: String,
    /// The name that it came under.
    pub file_name: String,
    /// Its media type, by its first bytes where they tell, else as the client said.
    pub media_type: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// When it came.
    pub created_at: DateTime<Utc>,
}

impl From<Upload> for FileView {
    fn from(upload: Upload) -> Self {
        Self {
            id: upload.id,
            uri: format!("upload://{}", upload.id),
            file_name: upload.file_name,
            media_type: upload.media_type,
            bytes: upload.bytes,
            sha256: hex::encode(&upload.sha256),
            created_at: upload.created_at,
        }
    }
}
