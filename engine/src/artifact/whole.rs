//! How is an object written and read that fits into memory? In one request.

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use super::store::remote;
use super::{Store, StoreError};

impl Store {
    /// Writes an object.
    ///
    /// # Errors
    /// When the object store does not take it.
    pub(crate) async fn put_whole(&self, key: &str, bytes: Bytes) -> Result<(), StoreError> {
        let put = self.client.put_object().bucket(&self.bucket).key(self.key(key));
        put.content_type("application/octet-stream").body(ByteStream::from(bytes)).send().await?;
        Ok(())
    }

    /// Reads an object of at most `limit` bytes.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub(crate) async fn get_whole(&self, key: &str, limit: u64) -> Result<Vec<u8>, StoreError> {
        let object = self.client.get_object().bucket(&self.bucket).key(self.key(key)).send().await?;
        let mut body = object.body;
        let mut bytes = Vec::new();
        while let Some(chunk) = body.try_next().await.map_err(remote)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() as u64 > limit {
                return Err(StoreError::TooLarge { limit });
            }
        }
        Ok(bytes)
    }
}
