//! TLS that ends in the server itself.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use esteira_api::{ApiOptions, Tls, TlsError};
use rustls::client::Resumption;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::serve::{LONG, Server, start};
use crate::support::Esteira;

/// Two files, and what they hold at the moment.
struct Files {
    _folder: tempfile::TempDir,
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        let files = Self { _folder: folder, certificate, key };
        files.renew();
        files
    }

    /// Another certificate with another key.
    fn renew(&self) {
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
            .args(["-subj", "/CN=localhost", "-days", "2", "-addext", "subjectAltName=DNS:localhost"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&self.key)
            .arg("-out")
            .arg(&self.certificate)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    fn load(&self) -> Result<Tls, TlsError> {
        Tls::load(&self.certificate, &self.key)
    }

    /// A client that trusts what the file holds now, and nothing else.
    fn client(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&self.certificate).unwrap()).unwrap();
        let mut config = ClientConfig::builder_with_provider(default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        // A session that is taken up again shows no certificate.
        config.resumption = Resumption::disabled();
        Arc::new(config).into()
    }
}

/// The whole answer of `GET /healthz` over TLS, or that the certificate is not trusted.
async fn health(server: &Server, client: &TlsConnector) -> std::io::Result<String> {
    let socket = TcpStream::connect(server.address).await.unwrap();
    let mut socket = client.connect("localhost".try_into().unwrap(), socket).await?;
    let head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    socket.write_all(head).await.unwrap();
    let mut answer = String::new();
    timeout(LONG, socket.read_to_string(&mut answer)).await.unwrap().unwrap();
    Ok(answer)
}

#[tokio::test]
async fn with_a_certificate_requests_come_by_tls_and_browsers_are_told_to_stay_with_it() {
    let files = Files::new();
    let options = ApiOptions { tls: Some(files.load().unwrap()), ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let server = start(&esteira).await;
    let answer = health(&server, &files.client()).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");

    let mut plain = TcpStream::connect(server.address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // An alert, or a reset; never an answer.
    let _ended = timeout(LONG, plain.read_to_end(&mut answer)).await.unwrap();
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[tokio::test]
async fn without_a_certificate_nothing_is_said_of_transport_and_zero_seconds_say_nothing_either() {
    let esteira = Esteira::start().await;
    assert_eq!(esteira.get("", "/healthz").await.header("strict-transport-security"), "");
    let tls = Some(Files::new().load().unwrap());
    let esteira = Esteira::with(ApiOptions { tls, hsts: Duration::ZERO, ..ApiOptions::default() }).await;
    assert_eq!(esteira.get("", "/healthz").await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_without_a_restart() {
    let files = Files::new();
    let options = ApiOptions {
        tls: Some(files.load().unwrap()),
        tls_reload: Duration::from_millis(10),
        ..ApiOptions::default()
    };
    let esteira = Esteira::with(options).await;
    let server = start(&esteira).await;
    let before = files.client();
    health(&server, &before).await.unwrap();
    files.renew();
    let after = files.client();
    let renewed = async { while health(&server, &after).await.is_err() {} };
    timeout(LONG, renewed).await.unwrap();
    assert!(health(&server, &before).await.is_err());
}

#[tokio::test]
async fn who_dawdles_over_the_handshake_is_let_go() {
    let files = Files::new();
    let options = ApiOptions {
        tls: Some(files.load().unwrap()),
        first_head_timeout: Duration::from_millis(50),
        ..ApiOptions::default()
    };
    let esteira = Esteira::with(options).await;
    let server = start(&esteira).await;
    // Nothing at all; the beginning of a hello; a whole handshake, and then nothing.
    for said in [&b""[..], &[0x16, 0x03, 0x01]] {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        socket.write_all(said).await.unwrap();
        assert_eq!(timeout(LONG, socket.read(&mut [0])).await.unwrap().unwrap(), 0);
    }
    let socket = TcpStream::connect(server.address).await.unwrap();
    let mut socket = files.client().connect("localhost".try_into().unwrap(), socket).await.unwrap();
    let read = timeout(LONG, socket.read(&mut [0])).await.unwrap();
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
}

#[test]
fn what_is_no_pair_of_certificate_and_key_is_refused_by_name() {
    let (files, other) = (Files::new(), Files::new());
    let told = |certificate: &PathBuf, key: &PathBuf| Tls::load(certificate, key).unwrap_err().to_string();
    let missing = PathBuf::from("/nowhere/cert.pem");
    assert_eq!(told(&missing, &files.key), "failed to read /nowhere/cert.pem");
    assert!(told(&files.key, &files.key).ends_with("holds no certificate in PEM"));
    assert!(told(&files.certificate, &files.certificate).ends_with("holds no private key in PEM"));
    assert_eq!(told(&files.certificate, &other.key), "the certificate and the key cannot be used together");
}
