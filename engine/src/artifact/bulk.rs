//! Which objects are there, and how do many of them go at once? A thousand a request.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use chrono::{DateTime, Utc};

use super::store::remote;
use super::{Store, StoreError};

/// The most that S3 lists or deletes in one request.
const PAGE: usize = 1000;

/// Some of the objects below a prefix, in the order of their keys.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The objects.
    pub objects: Vec<Listed>,
    /// Where the next page begins: after this key; `None` at the end.
    pub next: Option<String>,
}

/// An object that is there.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Its key, as rows name it.
    pub key: String,
    /// When it was written, by the clock of S3.
    pub modified: DateTime<Utc>,
}

impl Store {
    /// A page of the objects below a prefix, after a key.
    pub(crate) async fn list(&self, prefix: &str, after: &str) -> Result<Listing, StoreError> {
        let after = if after.is_empty() { None } else { Some(self.key(after)) };
        let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(self.key(prefix));
        let page = request.set_start_after(after).send().await?;
        let objects: Vec<Listed> = page
            .contents()
            .iter()
            .filter_map(|object| {
                let modified = object.last_modified()?;
                let modified = DateTime::from_timestamp(modified.secs(), modified.subsec_nanos())?;
                Some(Listed { key: object.key()?.strip_prefix(&self.prefix)?.to_owned(), modified })
            })
            .collect();
        let last = objects.last().map(|object| object.key.clone());
        Ok(Listing { next: last.filter(|_| page.is_truncated() == Some(true)), objects })
    }

    /// Deletes objects; one that is gone already is no fault.
    ///
    /// # Errors
    /// What was deleted before stays deleted.
    pub async fn delete(&self, keys: &[String]) -> Result<(), StoreError> {
        for page in keys.chunks(PAGE) {
            self.delete_page(page.iter().map(|key| self.key(key))).await?;
        }
        Ok(())
    }

    /// Deletes every object below a prefix; tells how many.
    ///
    /// # Errors
    /// What was deleted before stays deleted.
    pub async fn delete_prefix(&self, prefix: &str) -> Result<usize, StoreError> {
        let mut deleted = 0;
        loop {
            let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(self.key(prefix));
            let page = request.send().await?;
            let keys: Vec<String> =
                page.contents().iter().filter_map(|object| object.key().map(str::to_owned)).collect();
            if keys.is_empty() {
                return Ok(deleted);
            }
            deleted += keys.len();
            self.delete_page(keys.into_iter()).await?;
        }
    }

    async fn delete_page(&self, keys: impl Iterator<Item = String>) -> Result<(), StoreError> {
        let objects: Result<Vec<ObjectIdentifier>, _> =
            keys.map(|key| ObjectIdentifier::builder().key(key).build()).collect();
        let delete = Delete::builder()
            .set_objects(Some(objects.map_err(remote)?))
            .quiet(true)
            .build()
            .map_err(remote)?;
        let answer = self.client.delete_objects().bucket(&self.bucket).delete(delete).send().await?;
        // An object that is not there is none to complain of, though not every server sees it that way.
        match answer.errors().iter().find(|error| error.code() != Some("NoSuchKey")) {
            None => Ok(()),
            Some(error) => {
                let message = error.message().unwrap_or("an object could not be deleted").to_owned();
                Err(StoreError::Remote(message.into()))
            }
        }
    }
}
