//! The embedded S3 server behind the real client of AWS: what Esteira asks of a store.

#![expect(clippy::unwrap_used, reason = "a helper of a test that cannot go on should fail it")]

use std::path::Path;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use esteira_embedded::{EmbeddedS3, S3Credentials};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const BUCKET: &str = "esteira";

async fn start(dir: &Path) -> (EmbeddedS3, Client) {
    let credentials = S3Credentials { access_key: "key".to_owned(), secret_key: "secret".to_owned() };
    let server = EmbeddedS3::start(dir, &credentials, BUCKET, ([127, 0, 0, 1], 0).into()).await.unwrap();
    let client = client(&server.endpoint(), "secret");
    (server, client)
}

fn client(endpoint: &str, secret: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("key", secret, None, None, "test"))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .build();
    Client::from_conf(config)
}

async fn put(client: &Client, key: &str, body: &[u8]) {
    client.put_object().bucket(BUCKET).key(key).body(ByteStream::from(body.to_vec())).send().await.unwrap();
}

/// A plain request as a browser would send it; gives back the whole answer as text.
async fn request(method: &str, url: &str, headers: &str, body: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut socket = TcpStream::connect(host).await.unwrap();
    let length = body.len();
    let text = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    socket.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn soon() -> PresigningConfig {
    PresigningConfig::expires_in(Duration::from_secs(60)).unwrap()
}

#[tokio::test]
async fn a_presigned_download_keeps_the_name_and_type_it_was_signed_with() {
    let dir = tempfile::tempdir().unwrap();
    let (server, client) = start(dir.path()).await;
    put(&client, "a/video.mp4", b"film").await;
    let signed = client
        .get_object()
        .bucket(BUCKET)
        .key("a/video.mp4")
        .response_content_disposition("attachment; filename=\"video.mp4\"")
        .response_content_type("video/mp4")
        .presigned(soon())
        .await
        .unwrap();
    let answer = request("GET", signed.uri(), "", "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("content-disposition: attachment; filename=\"video.mp4\""), "{answer}");
    assert!(answer.contains("content-type: video/mp4"), "{answer}");
    assert!(answer.ends_with("film"), "{answer}");

    let part = request("GET", signed.uri(), "range: bytes=1-2\r\n", "").await;
    assert!(part.starts_with("HTTP/1.1 206") && part.ends_with("\r\n\r\nil"), "{part}");
    let tampered = request("GET", &signed.uri().replace("video%2Fmp4", "text%2Fhtml"), "", "").await;
    assert!(tampered.starts_with("HTTP/1.1 403"), "{tampered}");
    server.stop().await;
}

#[tokio::test]
async fn a_presigned_upload_is_stored_and_a_wrong_key_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (server, good) = start(dir.path()).await;
    let signed = good.put_object().bucket(BUCKET).key("up").presigned(soon()).await.unwrap();
    let answer = request("PUT", signed.uri(), "", "bytes").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let stored = good.get_object().bucket(BUCKET).key("up").send().await.unwrap();
    assert_eq!(stored.body.collect().await.unwrap().to_vec(), b"bytes");

    let thief = client(&server.endpoint(), "guess");
    assert!(thief.get_object().bucket(BUCKET).key("up").send().await.is_err());
    server.stop().await;
}

#[tokio::test]
async fn parts_become_one_object_and_an_aborted_upload_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (server, client) = start(dir.path()).await;
    let create = || client.create_multipart_upload().bucket(BUCKET).key("big").send();
    let upload = create().await.unwrap().upload_id.unwrap();
    let sizes = [5 << 20, 3];
    let mut parts = Vec::new();
    for (number, size) in (1..).zip(sizes) {
        let sent = client
            .upload_part()
            .bucket(BUCKET)
            .key("big")
            .upload_id(&upload)
            .part_number(number)
            .body(ByteStream::from(vec![7_u8; size]))
            .send()
            .await
            .unwrap();
        parts.push(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build());
    }
    client
        .complete_multipart_upload()
        .bucket(BUCKET)
        .key("big")
        .upload_id(&upload)
        .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
        .send()
        .await
        .unwrap();
    let head = client.head_object().bucket(BUCKET).key("big").send().await.unwrap();
    assert_eq!(head.content_length, Some((5 << 20) + 3));

    let upload = create().await.unwrap().upload_id.unwrap();
    client.abort_multipart_upload().bucket(BUCKET).key("big").upload_id(upload).send().await.unwrap();
    client.delete_object().bucket(BUCKET).key("big").send().await.unwrap();
    let left: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [BUCKET]);
    server.stop().await;
}

#[tokio::test]
async fn a_part_that_is_not_the_one_named_is_not_joined_and_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (server, client) = start(dir.path()).await;
    let created = client.create_multipart_upload().bucket(BUCKET).key("big").send().await.unwrap();
    let upload = created.upload_id.unwrap();
    let bring = async |body: &[u8]| {
        let part = client.upload_part().bucket(BUCKET).key("big").upload_id(&upload).part_number(1);
        part.body(ByteStream::from(body.to_vec())).send().await.unwrap().e_tag
    };
    let join = async |e_tag: Option<String>| {
        let part = CompletedPart::builder().part_number(1).set_e_tag(e_tag).build();
        let parts = CompletedMultipartUpload::builder().parts(part).build();
        let joined = client.complete_multipart_upload().bucket(BUCKET).key("big").upload_id(&upload);
        joined.multipart_upload(parts).send().await.map_err(|error| error.code().map(str::to_owned))
    };
    let earlier = bring(b"earlier").await;
    let last = bring(b"the last").await;
    for wrong in [earlier, Some("\"0\"".to_owned()), None] {
        assert_eq!(join(wrong).await.unwrap_err().as_deref(), Some("InvalidPart"));
    }
    join(last).await.unwrap();
    let object = client.get_object().bucket(BUCKET).key("big").send().await.unwrap();
    assert_eq!(object.body.collect().await.unwrap().to_vec(), b"the last");
    server.stop().await;
}

#[tokio::test]
async fn deleting_many_objects_deletes_all_that_was_kept_of_them() {
    use aws_sdk_s3::types::{Delete, ObjectIdentifier};
    let dir = tempfile::tempdir().unwrap();
    let (server, client) = start(dir.path()).await;
    let mut delete = Delete::builder();
    for key in ["t/1", "t/2"] {
        put(&client, key, b"x").await;
        delete = delete.objects(ObjectIdentifier::builder().key(key).build().unwrap());
    }
    client.delete_objects().bucket(BUCKET).delete(delete.build().unwrap()).send().await.unwrap();
    let listed = client.list_objects_v2().bucket(BUCKET).prefix("t/").send().await.unwrap();
    assert_eq!(listed.key_count, Some(0));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "only the bucket is left");
    server.stop().await;
}

#[tokio::test]
async fn an_unchanged_object_is_not_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let (server, client) = start(dir.path()).await;
    put(&client, "a", b"same").await;
    let tag = client.head_object().bucket(BUCKET).key("a").send().await.unwrap().e_tag.unwrap();
    let signed = client.get_object().bucket(BUCKET).key("a").presigned(soon()).await.unwrap();
    let answer = request("GET", signed.uri(), &format!("if-none-match: {tag}\r\n"), "").await;
    assert!(answer.starts_with("HTTP/1.1 304"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn a_key_too_long_for_the_store_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (server, client) = start(dir.path()).await;
    let send =
        client.put_object().bucket(BUCKET).key("k".repeat(150)).body(ByteStream::from_static(b"x")).send();
    let error = send.await.unwrap_err().into_service_error();
    assert_eq!(error.meta().code(), Some("KeyTooLongError"));
    server.stop().await;
}

#[tokio::test]
async fn no_operation_takes_a_key_that_leads_out_of_its_bucket() {
    use aws_sdk_s3::types::{Delete, ObjectIdentifier};
    let dir = tempfile::tempdir().unwrap();
    let (server, client) = start(dir.path()).await;
    std::fs::create_dir(dir.path().join("other")).unwrap();
    let secret = dir.path().join("other/secret");
    std::fs::write(&secret, "secret").unwrap();
    put(&client, "good", b"x").await;
    let upload = client.create_multipart_upload().bucket(BUCKET).key("good").send().await.unwrap();
    let upload = upload.upload_id.unwrap();
    for key in ["../other/secret", "a/../../other/secret", "./good", "a//b", "a/"] {
        let object = ObjectIdentifier::builder().key(key).build().unwrap();
        let many = Delete::builder().objects(object).build().unwrap();
        let source = format!("{BUCKET}/{key}");
        let part = CompletedPart::builder().part_number(1).e_tag("x").build();
        let parts = CompletedMultipartUpload::builder().parts(part).build();
        let body = || ByteStream::from_static(b"x");
        macro_rules! refused {
            ($($operation:ident($($set:ident: $value:expr),*);)*) => {$(
                let sent = client.$operation().bucket(BUCKET)$(.$set($value))*.send().await;
                let error = sent.unwrap_err().into_service_error();
                assert_eq!(error.meta().code(), Some("InvalidArgument"), "{} {key}", stringify!($operation));
            )*};
        }
        refused! {
            get_object(key: key);
            put_object(key: key, body: body());
            delete_object(key: key);
            delete_objects(delete: many);
            copy_object(key: key, copy_source: format!("{BUCKET}/good"));
            copy_object(key: "copy", copy_source: &source);
            create_multipart_upload(key: key);
            upload_part(key: key, upload_id: &upload, part_number: 1, body: body());
            upload_part_copy(key: key, upload_id: &upload, part_number: 1, copy_source: format!("{BUCKET}/good"));
            upload_part_copy(key: "good", upload_id: &upload, part_number: 1, copy_source: &source);
            list_parts(key: key, upload_id: &upload);
            complete_multipart_upload(key: key, upload_id: &upload, multipart_upload: parts.clone());
            abort_multipart_upload(key: key, upload_id: &upload);
        }
        // An answer to HEAD has no body, and so no code.
        let head = client.head_object().bucket(BUCKET).key(key).send().await.unwrap_err();
        assert_eq!(head.raw_response().unwrap().status().as_u16(), 400, "{key}");
    }
    assert_eq!(std::fs::read(&secret).unwrap(), b"secret");
    server.stop().await;
}

#[tokio::test]
async fn a_request_without_a_good_signature_is_refused_without_an_error_in_the_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
        .with_writer(move || writer.clone())
        .finish();
    // The server runs on the thread of its test.
    let _guard = tracing::subscriber::set_default(subscriber);
    let dir = tempfile::tempdir().unwrap();
    let (server, client) = start(dir.path()).await;
    put(&client, "a", b"x").await;
    let forger = self::client(&server.endpoint(), "another secret");
    assert!(forger.get_object().bucket(BUCKET).key("a").send().await.is_err());
    let presigned = forger.get_object().bucket(BUCKET).key("a").presigned(soon()).await.unwrap();
    assert!(request("GET", presigned.uri(), "", "").await.starts_with("HTTP/1.1 403"));
    for method in ["GET", "PUT", "DELETE", "POST"] {
        let answer = request(method, &format!("{}/{BUCKET}/a", server.endpoint()), "", "").await;
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("AccessDenied"), "{answer}");
    }
    server.stop().await;
    let log = String::from_utf8(std::mem::take(&mut *log.0.lock().unwrap())).unwrap();
    assert!(!log.contains("ERROR"), "{log}");
    assert_eq!(log.matches("an unsigned request").count(), 4, "{log}");
    assert_eq!(log.matches("was not verified").count(), 2, "{log}");
}

/// What is logged, kept in memory.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
