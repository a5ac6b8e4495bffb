//! Where does `s3s-fs` fall short of S3, for what Esteira does? Here, and only these six points:
//!
//! - the `response-…` parameters of a presigned GET are honoured (a download keeps its name);
//! - `If-None-Match` on a GET answers 304;
//! - deleting an object deletes its two side files too, which would pile up for ever;
//! - a key of which a path would make another (`..`) is refused, in every operation;
//! - parts that are not all there, or not those that are named, are not joined, and stay (the upload would be over, and some of them deleted), and
//!   an upload that is over is told from one without parts;
//! - a key whose side files' names would be too long for the file system is refused clearly.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use md5::{Digest as _, Md5};
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

use super::key;

/// The longest name of a file on Linux, and what `s3s-fs` puts around bucket and key in the longest.
const NAME_MAX: usize = 255;
const AROUND: usize = ".bucket-.object-.upload-01234567-0123-0123-0123-0123456789ab.metadata.json".len();

/// The file system store with its gaps closed.
pub struct Mended {
    inner: FileSystem,
    root: PathBuf,
}

impl Mended {
    /// A store below `root`, which exists.
    pub fn new(root: PathBuf) -> s3s_fs::Result<Self> {
        Ok(Self { inner: FileSystem::new(&root)?, root })
    }

    /// Refuses an upload of parts that is over: joined, aborted, or never begun.
    async fn check_upload(&self, id: &str) -> S3Result<()> {
        // As `s3s-fs` writes an id; whatever else it may be belongs to nothing.
        let plain = id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let file = self.root.join(format!(".upload-{id}.json"));
        if plain && tokio::fs::try_exists(file).await.is_ok_and(|there| there) {
            Ok(())
        } else {
            Err(s3_error!(NoSuchUpload))
        }
    }

    /// Refuses to join parts that are not there, not in order, or others than their `ETag` says.
    async fn check_parts(&self, input: &CompleteMultipartUploadInput) -> S3Result<()> {
        self.check_upload(&input.upload_id).await?;
        let parts = input.multipart_upload.as_ref().and_then(|upload| upload.parts.as_ref());
        for (place, part) in (1..).zip(parts.into_iter().flatten()) {
            if part.part_number != Some(place) {
                return Err(s3_error!(
                    InvalidPartOrder,
                    "the embedded store wants every part, by its number"
                ));
            }
            let file = self.root.join(format!(".upload_id-{}.part-{place}", input.upload_id));
            if !tokio::fs::try_exists(&file).await.is_ok_and(|there| there) {
                return Err(s3_error!(InvalidPart, "part {place} was not uploaded"));
            }
            let named = part.e_tag.as_ref().map(ETag::value);
            if named != Some(etag_of(file).await?.as_str()) {
                return Err(s3_error!(InvalidPart, "part {place} has another etag"));
            }
        }
        Ok(())
    }

    /// Removes what `s3s-fs` keeps beside an object: its attributes and its checksums.
    async fn forget(&self, bucket: &str, key: &str) -> S3Result<()> {
        for what in ["metadata", "internal"] {
            let name = format!(".bucket-{}.object-{}.{what}.json", encode(bucket), encode(key));
            match tokio::fs::remove_file(self.root.join(name)).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(s3_error!(error, InternalError));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The `ETag` of a part, which `s3s-fs` tells and does not keep: the MD5 of its bytes.
async fn etag_of(part: PathBuf) -> S3Result<String> {
    let hashed = tokio::task::spawn_blocking(move || md5_of(&part)).await.map_err(io::Error::other);
    hashed.flatten().map_err(|error| s3_error!(error, InternalError))
}

fn md5_of(file: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut buffer) = (File::open(file)?, Md5::new(), vec![0; 1 << 16]);
    loop {
        let read = io::Read::read(&mut file, &mut buffer)?;
        match buffer.get(..read) {
            Some(piece) if !piece.is_empty() => hash.update(piece),
            _ => break,
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn encode(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

fn check_length(bucket: &str, key: &str) -> S3Result<()> {
    if encode(bucket).len() + encode(key).len() + AROUND > NAME_MAX {
        return Err(s3_error!(KeyTooLongError, "the embedded store takes keys of about 120 bytes at most"));
    }
    Ok(())
}

#[async_trait]
impl S3 for Mended {
    async fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        key::check(&req.input.key)?;
        let asked = req.input.clone();
        let mut response = self.inner.get_object(req).await?;
        let output = &mut response.output;
        if let (Some(condition), Some(tag)) = (&asked.if_none_match, &output.e_tag) {
            let same = condition.as_etag().is_none_or(|wanted| wanted.weak_cmp(tag));
            if same {
                return Err(s3_error!(NotModified));
            }
        }
        output.content_disposition = asked.response_content_disposition.or(output.content_disposition.take());
        output.content_type = asked.response_content_type.or(output.content_type.take());
        output.cache_control = asked.response_cache_control.or(output.cache_control.take());
        output.content_encoding = asked.response_content_encoding.or(output.content_encoding.take());
        output.content_language = asked.response_content_language.or(output.content_language.take());
        Ok(response)
    }

    async fn delete_object(
        &self,
        req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        key::check(&req.input.key)?;
        let (bucket, key) = (req.input.bucket.clone(), req.input.key.clone());
        let response = self.inner.delete_object(req).await?;
        self.forget(&bucket, &key).await?;
        Ok(response)
    }

    async fn delete_objects(
        &self,
        req: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        for object in &req.input.delete.objects {
            key::check(&object.key)?;
        }
        let bucket = req.input.bucket.clone();
        let response = self.inner.delete_objects(req).await?;
        for key in response.output.deleted.iter().flatten().filter_map(|object| object.key.as_ref()) {
            self.forget(&bucket, key).await?;
        }
        Ok(response)
    }

    async fn put_object(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        key::check(&req.input.key)?;
        check_length(&req.input.bucket, &req.input.key)?;
        self.inner.put_object(req).await
    }

    async fn copy_object(&self, req: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        key::check(&req.input.key)?;
        check_length(&req.input.bucket, &req.input.key)?;
        key::check_source(&req.input.copy_source)?;
        self.inner.copy_object(req).await
    }

    async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        key::check(&req.input.key)?;
        check_length(&req.input.bucket, &req.input.key)?;
        self.inner.create_multipart_upload(req).await
    }

    async fn upload_part(&self, req: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        key::check(&req.input.key)?;
        self.inner.upload_part(req).await
    }

    async fn upload_part_copy(
        &self,
        req: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        key::check(&req.input.key)?;
        key::check_source(&req.input.copy_source)?;
        self.inner.upload_part_copy(req).await
    }

    async fn list_parts(&self, req: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        key::check(&req.input.key)?;
        self.check_upload(&req.input.upload_id).await?;
        self.inner.list_parts(req).await
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        key::check(&req.input.key)?;
        self.check_parts(&req.input).await?;
        self.inner.complete_multipart_upload(req).await
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        key::check(&req.input.key)?;
        self.inner.abort_multipart_upload(req).await
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        key::check(&req.input.key)?;
        self.inner.head_object(req).await
    }

    // What follows names no object, and is passed on as it is.

    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.inner.list_objects_v2(req).await
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.inner.head_bucket(req).await
    }

    async fn create_bucket(
        &self,
        req: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        self.inner.create_bucket(req).await
    }

    async fn list_buckets(
        &self,
        req: S3Request<ListBucketsInput>,
    ) -> S3Result<S3Response<ListBucketsOutput>> {
        self.inner.list_buckets(req).await
    }

    async fn get_bucket_location(
        &self,
        req: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.inner.get_bucket_location(req).await
    }
}
