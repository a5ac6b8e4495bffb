//! How are bytes kept in S3? Streamed in, streamed out, and handed out by presigned links.

use std::error::Error;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use aws_smithy_http_client::tls;
use bytes::{Bytes, BytesMut};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use super::counted::CountCalls;
use crate::metrics::StoreMeter;

/// S3 takes parts of 5 MiB and more; with 8 MiB its 10,000 parts reach 78 GiB.
const PART_BYTES: usize = 8 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// For the first byte of an answer; a part of 8 MiB is taken in well below it.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the objects are.
#[derive(Clone)]
pub struct StoreOptions {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// An endpoint other than AWS's, for this process.
    pub endpoint: Option<String>,
    /// The same server as clients reach it; links are signed for it.
    pub public_endpoint: Option<String>,
    /// Whether the bucket stands in the path, as most servers other than AWS want it.
    pub path_style: bool,
    /// Key id and secret; without them the AWS default chain is asked (task role, environment).
    pub credentials: Option<(String, String)>,
    /// Goes before every key, for a bucket that is shared.
    pub prefix: String,
}

/// Region, credentials and connections of the account in which the bucket lies, for the clients of its other services.
pub type AwsAccount = aws_config::SdkConfig;

/// An object of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Object {
    /// Its bucket.
    pub bucket: String,
    /// Its key there.
    pub key: String,
}

/// S3 refused or could not be reached.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such object.
    #[error("the object is not there")]
    Missing,
    /// The object is larger than the caller takes.
    #[error("the object has more than {limit} bytes")]
    TooLarge {
        /// The most that was wanted.
        limit: u64,
    },
    /// A file or stream on our side failed.
    #[error("failed to read or write the local side")]
    Local(#[from] std::io::Error),
    /// Anything else.
    #[error("the object store did not answer as expected")]
    Remote(#[source] Box<dyn Error + Send + Sync>),
}

impl<E, R> From<SdkError<E, R>> for StoreError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        match error.code() {
            Some("NoSuchKey" | "NotFound") => Self::Missing,
            _ => Self::Remote(Box::new(error)),
        }
    }
}

pub(super) fn remote(error: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Remote(Box::new(error))
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Vec<u8>,
}

/// The object store of one Esteira.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) client: Client,
    pub(super) signer: Client,
    pub(super) bucket: String,
    pub(super) prefix: String,
    account: AwsAccount,
    /// Whether the marker was seen to name our database.
    pub(super) bound: Arc<AtomicBool>,
    meter: StoreMeter,
}

impl Store {
    /// Prepares the clients; nothing is asked of the server yet.
    pub async fn open(options: &StoreOptions) -> Self {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
            .build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .region(Region::new(options.region.clone()))
            .timeout_config(
                TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT).build(),
            );
        if let Some((id, secret)) = &options.credentials {
            loader = loader.credentials_provider(Credentials::new(id, secret, None, None, "esteira"));
        }
        let shared = loader.load().await;
        let meter = StoreMeter::default();
        let config = |endpoint: Option<&String>| {
            let mut config = aws_sdk_s3::config::Builder::from(&shared)
                .force_path_style(options.path_style)
                // Uploads carry a SHA-256 of their own in the database; a second checksum that not every
                // server understands adds nothing.
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
                .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
            if let Some(endpoint) = endpoint {
                config = config.endpoint_url(endpoint);
            }
            config
        };
        let public_endpoint = options.public_endpoint.as_ref().or(options.endpoint.as_ref());
        let counted = config(options.endpoint.as_ref()).interceptor(CountCalls::new(&meter));
        Self {
            client: Client::from_conf(counted.build()),
            // It only signs, and calls nobody.
            signer: Client::from_conf(config(public_endpoint).build()),
            bucket: options.bucket.clone(),
            prefix: options.prefix.clone(),
            account: shared,
            bound: Arc::default(),
            meter,
        }
    }

    /// The calls of this process.
    pub(crate) fn meter(&self) -> &StoreMeter {
        &self.meter
    }

    /// The account in which the bucket lies.
    #[must_use]
    pub fn account(&self) -> &AwsAccount {
        &self.account
    }

    /// An object of our own bucket, as others name it.
    pub(crate) fn object(&self, key: &str) -> S3Object {
        S3Object { bucket: self.bucket.clone(), key: self.key(key) }
    }

    /// Whether the bucket can be reached.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.client.head_bucket().bucket(&self.bucket).send().await?;
        Ok(())
    }

    /// Whether this is the bucket in which all tenants' objects lie.
    pub(crate) fn is_own_bucket(&self, bucket: &str) -> bool {
        self.bucket == bucket
    }

    pub(super) fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Writes an object from a reader, at most `limit` bytes; holds one part in memory.
    ///
    /// # Errors
    /// Parts that were sent are given up when it fails.
    #[tracing::instrument(name = "s3 put", skip_all)]
    pub async fn put(
        &self,
        key: &str,
        media_type: &str,
        limit: u64,
        reader: &mut (impl AsyncRead + Unpin),
    ) -> Result<Stored, StoreError> {
        let mut hash = Sha256::new();
        let first = read_part(reader).await?;
        hash.update(&first);
        let mut bytes = first.len() as u64;
        if bytes > limit {
            return Err(StoreError::TooLarge { limit });
        }
        if first.len() < PART_BYTES {
            self.client
                .put_object()
                .bucket(&self.bucket)
                .key(self.key(key))
                .content_type(media_type)
                .body(ByteStream::from(first))
                .send()
                .await?;
        } else {
            bytes = self.put_parts(key, media_type, limit, first, &mut hash, reader).await?;
        }
        Ok(Stored { bytes, sha256: hash.finalize().to_vec() })
    }

    async fn put_parts(
        &self,
        key: &str,
        media_type: &str,
        limit: u64,
        first: Bytes,
        hash: &mut Sha256,
        reader: &mut (impl AsyncRead + Unpin),
    ) -> Result<u64, StoreError> {
        let key = self.key(key);
        let begun = self
            .client
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(&key)
            .content_type(media_type)
            .send()
            .await?;
        let id = begun.upload_id.unwrap_or_default();
        let sent = async {
            let (parts, bytes) = self.send_parts(&key, &id, limit, first, hash, reader).await?;
            self.client
                .complete_multipart_upload()
                .bucket(&self.bucket)
                .key(&key)
                .upload_id(&id)
                .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
                .send()
                .await?;
            Ok(bytes)
        };
        let sent = sent.await;
        if sent.is_err() {
            // The first error is the one to tell. A process that dies here leaves parts behind, for which a
            // bucket has lifecycle rules.
            let abort = self.client.abort_multipart_upload().bucket(&self.bucket).key(&key).upload_id(&id);
            if let Err(abort) = abort.send().await {
                tracing::warn!(error = &abort as &dyn Error, "multipart upload not aborted");
            }
        }
        sent
    }

    async fn send_parts(
        &self,
        key: &str,
        id: &str,
        limit: u64,
        first: Bytes,
        hash: &mut Sha256,
        reader: &mut (impl AsyncRead + Unpin),
    ) -> Result<(Vec<CompletedPart>, u64), StoreError> {
        let mut parts = Vec::new();
        let mut bytes = first.len() as u64;
        let mut part = first;
        for number in 1.. {
            let sent = self
                .client
                .upload_part()
                .bucket(&self.bucket)
                .key(key)
                .upload_id(id)
                .part_number(number)
                .body(ByteStream::from(part))
                .send()
                .await?;
            parts.push(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build());
            part = read_part(reader).await?;
            if part.is_empty() {
                break;
            }
            hash.update(&part);
            bytes += part.len() as u64;
            if bytes > limit {
                return Err(StoreError::TooLarge { limit });
            }
        }
        Ok((parts, bytes))
    }

    /// Copies an object into a new file, at most `limit` bytes.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    #[tracing::instrument(name = "s3 fetch", skip_all)]
    pub async fn fetch(
        &self,
        bucket: Option<&str>,
        key: &str,
        path: &Path,
        limit: u64,
    ) -> Result<u64, StoreError> {
        // Another bucket's keys are the tenant's business; our prefix is for our own bucket.
        let (bucket, key) = match bucket {
            Some(bucket) => (bucket, key.to_owned()),
            None => (self.bucket.as_str(), self.key(key)),
        };
        let object = self.client.get_object().bucket(bucket).key(key).send().await?;
        let mut body = object.body;
        let mut file = tokio::fs::File::create_new(path).await?;
        let mut bytes = 0_u64;
        while let Some(chunk) = body.try_next().await.map_err(remote)? {
            bytes += chunk.len() as u64;
            if bytes > limit {
                return Err(StoreError::TooLarge { limit });
            }
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        Ok(bytes)
    }

    /// A link by which anybody may read one object for a while, under a file name.
    ///
    /// # Errors
    /// When no credentials can be had.
    pub async fn link(
        &self,
        key: &str,
        media_type: &str,
        file_name: &str,
        good_for: Duration,
    ) -> Result<String, StoreError> {
        let config = PresigningConfig::expires_in(good_for).map_err(remote)?;
        let request = self
            .signer
            .get_object()
            .bucket(&self.bucket)
            .key(self.key(key))
            .response_content_type(media_type)
            .response_content_disposition(format!("attachment; filename=\"{file_name}\""))
            .presigned(config)
            .await?;
        Ok(request.uri().to_owned())
    }

    /// The first `most` bytes of an object, as they come.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub(super) async fn read(
        &self,
        key: &str,
        most: u64,
    ) -> Result<Pin<Box<dyn AsyncRead + Send>>, StoreError> {
        let object = self.client.get_object().bucket(&self.bucket).key(self.key(key)).send().await?;
        Ok(Box::pin(object.body.into_async_read().take(most)))
    }

    /// Where links lead to, as web pages name it: scheme, host and port.
    ///
    /// # Errors
    /// When no credentials can be had.
    pub(crate) async fn link_origin(&self) -> Result<String, StoreError> {
        let url = self.link("any", "text/plain", "any", Duration::from_secs(1)).await?;
        Ok(url::Url::parse(&url).map_err(remote)?.origin().ascii_serialization())
    }
}

/// Reads until a part is full or the reader ends.
async fn read_part(reader: &mut (impl AsyncRead + Unpin)) -> Result<Bytes, std::io::Error> {
    let mut part = BytesMut::new();
    let mut rest = reader.take(PART_BYTES as u64);
    while rest.read_buf(&mut part).await? > 0 {}
    Ok(part.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn links(options: StoreOptions) -> [String; 2] {
        let store = Store::open(&options).await;
        let read = store.link("a/b.txt", "text/plain", "b.txt", Duration::from_secs(900)).await.unwrap();
        let part = store.part_link("a/b.txt", "id", 2, 5, Duration::from_secs(3600)).await.unwrap();
        [read, part.url]
    }

    /// Where links lead to is settled by the settings alone; nobody is asked.
    #[tokio::test]
    async fn links_lead_to_the_bucket_at_aws_or_to_where_clients_reach_another_server() {
        let aws = StoreOptions {
            bucket: "films".into(),
            region: "sa-east-1".into(),
            endpoint: None,
            public_endpoint: None,
            path_style: false,
            credentials: Some(("id".into(), "secret".into())),
            prefix: "one/".into(),
        };
        let other = StoreOptions {
            endpoint: Some("http://minio:9000".into()),
            public_endpoint: Some("https://files.example.com".into()),
            path_style: true,
            ..aws.clone()
        };
        for (options, place) in [
            (aws, "https://films.s3.sa-east-1.amazonaws.com/one/a/b.txt?"),
            (other, "https://files.example.com/films/one/a/b.txt?"),
        ] {
            let [read, part] = links(options).await;
            assert!(read.starts_with(place) && part.starts_with(place), "{read} {part}");
            assert!(read.contains("X-Amz-Expires=900") && read.contains("%2Fsa-east-1%2Fs3%2F"), "{read}");
            assert!(part.contains("partNumber=2") && part.contains("uploadId=id"), "{part}");
            // No other header has to be sent, and the length is that of the part.
            assert!(read.contains("X-Amz-SignedHeaders=host&"), "{read}");
            assert!(part.contains("X-Amz-SignedHeaders=content-length%3Bhost&"), "{part}");
        }
    }
}
