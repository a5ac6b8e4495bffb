//! With which certificate does the server show itself? That of two PEM files, read again while it runs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::time::{MissedTickBehavior, interval};
use tokio_rustls::TlsAcceptor;

/// A certificate with its key, and where both come from; clones share what is in use.
#[derive(Debug, Clone)]
pub struct Tls(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    certificate: PathBuf,
    key: PathBuf,
    config: Arc<ServerConfig>,
    shown: Arc<Shown>,
    /// What the files held when they were last looked at, good or not.
    seen: Mutex<Written>,
}

/// The bytes of both files.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// The certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("failed to read {}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not PEM, or holds something else.
    #[error("{} holds no {expected} in PEM", .path.display())]
    Pem {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
        /// Why.
        source: pem::Error,
    },
    /// They do not belong together, or are of a sort that TLS here has not.
    #[error("the certificate and the key cannot be used together")]
    Unfit(#[from] rustls::Error),
}

impl Tls {
    /// Reads both files.
    ///
    /// # Errors
    /// See [`TlsError`]; a server that should speak TLS must not start without.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let seen = read(certificate, key)?;
        let shown = Arc::new(Shown(RwLock::new(certified(certificate, key, &seen)?)));
        let mut config = ServerConfig::builder_with_provider(default_provider().into())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(Inner {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            config: Arc::new(config),
            shown,
            seen: Mutex::new(seen),
        })))
    }

    /// What takes connections.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.0.config).into()
    }

    /// Looks at the files every `every`, for ever.
    pub(crate) async fn watch(&self, every: Duration) {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.look();
        }
    }

    /// Takes what the files hold now, if that is new and fits. Half of a change, with a certificate that is not
    /// yet the key's, is told and left until the other half is there.
    fn look(&self) {
        let inner = &self.0;
        let fresh = read(&inner.certificate, &inner.key).and_then(|written| {
            if *inner.seen.lock() == written {
                return Ok(None);
            }
            *inner.seen.lock() = written.clone();
            certified(&inner.certificate, &inner.key, &written).map(Some)
        });
        match fresh {
            Ok(None) => {}
            Ok(Some(fresh)) => {
                *inner.shown.0.write() = fresh;
                tracing::info!("the certificate was changed");
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "the changed certificate cannot be used; the former stays");
            }
        }
    }
}

/// What a client gets to see at its hello.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read()))
    }
}

fn read(certificate: &Path, key: &Path) -> Result<Written, TlsError> {
    let bytes =
        |path: &Path| fs::read(path).map_err(|source| TlsError::File { path: path.to_owned(), source });
    Ok(Written { certificate: bytes(certificate)?, key: bytes(key)? })
}

fn certified(certificate: &Path, key: &Path, written: &Written) -> Result<Arc<CertifiedKey>, TlsError> {
    let unfit = |path: &Path, expected| {
        let path = path.to_owned();
        move |source| TlsError::Pem { path, expected, source }
    };
    let chain = CertificateDer::pem_slice_iter(&written.certificate)
        .collect::<Result<Vec<_>, _>>()
        .and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
        .map_err(unfit(certificate, "certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(&written.key).map_err(unfit(key, "private key"))?;
    Ok(Arc::new(CertifiedKey::from_der(chain, key, &default_provider())?))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn make(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
        let file = |end: &str| folder.join(format!("{name}.{end}"));
        let (certificate, key) = (file("cert"), file("key"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
            .args(["-subj", "/CN=localhost", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        (certificate, key)
    }

    #[test]
    fn half_of_a_change_is_not_shown_and_both_halves_are() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = make(folder.path(), "used");
        let (next_certificate, next_key) = make(folder.path(), "next");
        let tls = Tls::load(&certificate, &key).unwrap();
        let shown = || tls.0.shown.0.read().cert.clone();
        let first = shown();
        for broken in [fs::read(&next_certificate).unwrap(), b"no PEM".to_vec()] {
            fs::write(&certificate, broken).unwrap();
            tls.look();
            assert_eq!(shown(), first);
        }
        fs::remove_file(&certificate).unwrap();
        tls.look();
        assert_eq!(shown(), first);
        fs::copy(&next_certificate, &certificate).unwrap();
        tls.look();
        fs::copy(&next_key, &key).unwrap();
        tls.look();
        assert_ne!(shown(), first);
    }
}
