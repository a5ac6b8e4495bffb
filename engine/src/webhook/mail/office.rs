//! How does a letter go? Over the operator's SMTP server, with the files that fit, and links to the others.

use std::time::Duration;

use chrono::TimeDelta;
use lettre::message::Mailbox;
use lettre::{Address, AsyncTransport};
use tempfile::TempDir;

use super::letter::{Enclosed, Told, Way};
use super::options::MailOptions;
use crate::artifact::{Store, StoreError};
use crate::webhook::claim::Claimed;
use crate::webhook::delivery::SendError;

/// A file of a job, as its row tells it.
#[derive(Debug)]
pub struct Posted {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// Its size.
    pub bytes: i64,
    /// Where it lies.
    pub object_key: String,
}

/// What sends letters.
pub struct Office {
    options: MailOptions,
    store: Store,
}

/// What the SMTP server said.
pub struct Reply {
    /// Its code.
    pub code: Option<u16>,
    /// Its words.
    pub words: String,
    /// Why the letter did not go.
    pub error: Option<SendError>,
}

impl Office {
    /// One that sends by these settings, and has files out of this store.
    pub fn new(options: MailOptions, store: Store) -> Self {
        Self { options, store }
    }

    /// Sends a letter.
    pub async fn send(&self, to: Address, claimed: &Claimed, files: Vec<Posted>) -> Reply {
        let files = match self.enclose(files).await {
            Ok(files) => files,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the files of a letter are not to be had"
                );
                return Reply { code: None, words: String::new(), error: Some(SendError::FilesAway) };
            }
        };
        let told = Told::read(&claimed.payload);
        let until = TimeDelta::from_std(self.options.link_for).unwrap_or_default();
        let until = claimed.now.checked_add_signed(until).unwrap_or(claimed.now);
        let people = (self.options.from.clone(), Mailbox::new(None, to));
        let id = claimed.id.to_string();
        let Ok(letter) = told.letter(people, &id, self.options.tongue, files, until) else {
            return Reply { code: None, words: String::new(), error: Some(SendError::UrlRefused) };
        };
        match self.options.server.send(letter).await {
            Ok(answer) => Reply {
                code: Some(answer.code().into()),
                words: answer.message().collect::<Vec<_>>().join(" "),
                error: None,
            },
            Err(error) => Reply {
                code: error.status().map(Into::into),
                words: if error.status().is_some() { error.to_string() } else { String::new() },
                error: Some(fault(&error)),
            },
        }
    }

    /// Attaches what fits, in the order of the files, and links the rest.
    async fn enclose(&self, files: Vec<Posted>) -> Result<Vec<Enclosed>, StoreError> {
        let mut left = self.options.attach_bytes;
        let mut enclosed = Vec::new();
        for file in files {
            let bytes = u64::try_from(file.bytes).unwrap_or_default();
            let way = match left.checked_sub(bytes) {
                Some(rest) => {
                    left = rest;
                    Way::Attached(self.read(&file.object_key, bytes).await?)
                }
                None => self.link(&file).await?,
            };
            let name = file.name.rsplit('/').next().unwrap_or_default().to_owned();
            enclosed.push(Enclosed { name, media_type: file.media_type, bytes, way });
        }
        Ok(enclosed)
    }

    async fn link(&self, file: &Posted) -> Result<Way, StoreError> {
        if self.options.link_for == Duration::ZERO {
            return Ok(Way::Api);
        }
        let name = file.name.rsplit('/').next().unwrap_or_default();
        let link = self.store.link(&file.object_key, &file.media_type, name, self.options.link_for).await?;
        Ok(Way::Link(link))
    }

    async fn read(&self, key: &str, bytes: u64) -> Result<Vec<u8>, StoreError> {
        let dir = TempDir::new()?;
        let path = dir.path().join("file");
        self.store.fetch(None, key, &path, bytes).await?;
        Ok(tokio::fs::read(&path).await?)
    }
}

fn fault(error: &lettre::transport::smtp::Error) -> SendError {
    if error.is_permanent() {
        SendError::MailRefused
    } else if error.is_transient() {
        SendError::MailPutOff
    } else if error.is_tls() {
        SendError::Tls
    } else if error.is_timeout() {
        SendError::Timeout
    } else {
        SendError::Unreachable
    }
}
