//! Which keys does an issuer sign with? Those of its key set (RFC 7517) that we can check with.

use std::collections::HashMap;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// More keys than any issuer rotates through.
const MOST_KEYS: usize = 100;

/// A key, and the one algorithm that it is for.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub algorithm: Algorithm,
    pub decoding: DecodingKey,
}

/// The keys of an issuer by their `kid`.
#[derive(Debug, Default)]
pub(super) struct KeySet(HashMap<String, Key>);

/// What was fetched is no key set.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeySetError {
    #[error("the answer is no JSON Web Key Set")]
    Malformed(#[from] serde_json::Error),
    #[error("the key set has no RSA or P-256 key for signatures, with a kid")]
    NoUsableKey,
}

#[derive(Deserialize)]
struct Written {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a set. A key of a sort that we do not know harms no other, as the RFC wants it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, KeySetError> {
        let written: Written = serde_json::from_slice(bytes)?;
        let mut keys = HashMap::new();
        for (kid, key) in written.keys.into_iter().take(MOST_KEYS).filter_map(usable) {
            keys.entry(kid).or_insert(key);
        }
        if keys.is_empty() { Err(KeySetError::NoUsableKey) } else { Ok(Self(keys)) }
    }

    pub(super) fn get(&self, kid: &str) -> Option<&Key> {
        self.0.get(kid)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

fn usable(written: Value) -> Option<(String, Key)> {
    let jwk: Jwk = serde_json::from_value(written).ok()?;
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        _ => return None,
    };
    if jwk.common.key_algorithm.is_some_and(|algorithm| algorithm != named) {
        return None;
    }
    let decoding = DecodingKey::from_jwk(&jwk).ok()?;
    Some((jwk.common.key_id?, Key { algorithm, decoding }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(keys: &Value) -> Result<KeySet, KeySetError> {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
    }

    #[test]
    fn keys_for_signatures_are_kept_and_strange_ones_harm_no_other() {
        let ec = json!({"kid": "ec", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "alg": "ES256"});
        let rsa = |kid: &str, more: Value| {
            let mut key = json!({"kid": kid, "kty": "RSA", "n": "AA", "e": "AQAB"});
            key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            key
        };
        let set = parse(&json!([
            {"kty": "from the future"}, 7, ec,
            rsa("good", json!({"use": "sig"})),
            rsa("bare", json!({})),
            rsa("encryption", json!({"use": "enc"})),
            rsa("other", json!({"alg": "RS512"})),
            {"kid": "secret", "kty": "oct", "k": "AA", "alg": "HS256"},
            {"kid": "p384", "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
            {"kty": "RSA", "n": "AA", "e": "AQAB"},
        ]))
        .unwrap();
        assert_eq!(set.len(), 3);
        assert_eq!(set.get("ec").unwrap().algorithm, Algorithm::ES256);
        assert_eq!(set.get("good").unwrap().algorithm, Algorithm::RS256);
        assert!(set.get("bare").is_some());
    }

    #[test]
    fn a_set_without_a_usable_key_replaces_no_other() {
        assert!(matches!(parse(&json!([])), Err(KeySetError::NoUsableKey)));
        assert!(matches!(KeySet::parse(b"<html>"), Err(KeySetError::Malformed(_))));
    }
}
