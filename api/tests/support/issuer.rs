//! An OIDC issuer of a test's own: two keys, a key set on a socket that counts, and tokens of any shape.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::routing::get;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use esteira_api::JwtOptions;
use parking_lot::Mutex;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use ring::{hmac, rand};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub const ISSUER: &str = "https://issuer.example/pool";
pub const AUDIENCE: &str = "app";

/// Something that signs, and is known by its `kid`.
pub enum Key {
    Rsa(String, RsaKeyPair),
    Ec(String, EcdsaKeyPair),
}

impl Key {
    pub fn rsa(kid: &str) -> Self {
        let bits = ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
        let made = Command::new("openssl").args(bits).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let pem = PrivatePkcs8KeyDer::from_pem_slice(&made.stdout).unwrap();
        Self::Rsa(kid.to_owned(), RsaKeyPair::from_pkcs8(pem.secret_pkcs8_der()).unwrap())
    }

    pub fn ec(kid: &str) -> Self {
        let (sort, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let made = EcdsaKeyPair::generate_pkcs8(sort, &random).unwrap();
        Self::Ec(kid.to_owned(), EcdsaKeyPair::from_pkcs8(sort, made.as_ref(), &random).unwrap())
    }

    fn jwk(&self) -> Value {
        match self {
            Self::Rsa(kid, pair) => {
                let parts = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kid": kid, "kty": "RSA", "alg": "RS256", "use": "sig",
                       "n": encoded(&parts.n), "e": encoded(&parts.e)})
            }
            Self::Ec(kid, pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kid": kid, "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig",
                       "x": encoded(x), "y": encoded(y)})
            }
        }
    }

    fn head(&self) -> Value {
        match self {
            Self::Rsa(kid, _) => json!({"alg": "RS256", "kid": kid, "typ": "JWT"}),
            Self::Ec(kid, _) => json!({"alg": "ES256", "kid": kid, "typ": "JWT"}),
        }
    }

    /// A token as the issuer would write it.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_under(&self.head(), claims)
    }

    /// The same under another head than the key's.
    pub fn sign_under(&self, head: &Value, claims: &Value) -> String {
        let text = unsigned(head, claims);
        let random = rand::SystemRandom::new();
        let signature = match self {
            Self::Rsa(_, pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature).unwrap();
                signature
            }
            Self::Ec(_, pair) => pair.sign(&random, text.as_bytes()).unwrap().as_ref().to_vec(),
        };
        format!("{text}.{}", encoded(&signature))
    }

    /// What is public of it, in the forms that a library might take for a secret.
    pub fn public_bytes(&self) -> Vec<Vec<u8>> {
        match self {
            Self::Rsa(_, pair) => {
                let parts = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                vec![parts.n, pair.public_key().as_ref().to_vec(), self.jwk().to_string().into_bytes()]
            }
            Self::Ec(_, pair) => vec![pair.public_key().as_ref().to_vec()],
        }
    }
}

/// A token without a third part.
pub fn unsigned(head: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(head.to_string().as_bytes()), encoded(claims.to_string().as_bytes()))
}

/// A token that is signed with a secret.
pub fn with_secret(head: &Value, claims: &Value, secret: &[u8]) -> String {
    let text = unsigned(head, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    format!("{text}.{}", encoded(tag.as_ref()))
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Seconds since 1970, some later or earlier than now.
pub fn seconds(later: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    i64::try_from(now).unwrap() + later
}

/// Claims that are good, with some changed; a null takes one away.
pub fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "sub": "maria", "token_use": "access", "client_id": AUDIENCE, "scope": "api/jobs:read",
        "custom:tenant": "acme", "iat": seconds(-10), "exp": seconds(600),
    });
    let all = claims.as_object_mut().unwrap();
    if let Value::Object(changes) = changes {
        all.extend(changes);
    }
    all.retain(|_, value| !value.is_null());
    claims
}

/// Gives its keys to whoever asks, and counts how often.
pub struct Issuer {
    pub options: JwtOptions,
    answer: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl Issuer {
    pub async fn start(keys: &[&Key]) -> Self {
        let (answer, asked) = (Arc::new(Mutex::new(String::new())), Arc::new(AtomicUsize::new(0)));
        let (said, count) = (Arc::clone(&answer), Arc::clone(&asked));
        let give = get(move || {
            count.fetch_add(1, Ordering::SeqCst);
            let text = said.lock().clone();
            async move { text }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = axum::serve(listener, Router::new().route("/keys", give));
        let server = tokio::spawn(async { serving.await.unwrap() });
        let mut options = JwtOptions::new(ISSUER, vec![AUDIENCE.to_owned()]);
        options.jwks_url = format!("http://{address}/keys");
        let issuer = Self { options, answer, asked, server };
        issuer.has(keys);
        issuer
    }

    /// From now on these are its keys.
    pub fn has(&self, keys: &[&Key]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
        self.says(&json!({ "keys": keys }).to_string());
    }

    /// From now on it answers this.
    pub fn says(&self, text: &str) {
        text.clone_into(&mut self.answer.lock());
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Takes it off the network.
    pub async fn goes_away(self) {
        self.server.abort();
        assert!(self.server.await.unwrap_err().is_cancelled());
    }
}
