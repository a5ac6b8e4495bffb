//! How is a message signed? By HMAC-SHA256 over id, time and body, as the Standard Webhooks specification has it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

const PREFIX: &str = "whsec_";
/// Bytes that a secret may have, by the specification.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;
/// Bytes of the secrets that we draw.
const DRAWN: usize = 32;

/// The key that a webhook's messages are signed with; its text is `whsec_` and base64.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Vec<u8>);

/// A text is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be whsec_ and the base64 of 24 to 64 bytes")]
pub struct BadSecret;

impl SigningSecret {
    /// A fresh one.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn draw() -> Result<Self, getrandom::Error> {
        let mut bytes = vec![0; DRAWN];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The text that its owner is shown once.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// One signature, as it stands in `webhook-signature`.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag))
    }
}

impl FromStr for SigningSecret {
    type Err = BadSecret;

    fn from_str(text: &str) -> Result<Self, BadSecret> {
        let bytes = text.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok()).ok_or(BadSecret)?;
        if LENGTHS.contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(BadSecret) }
    }
}

/// Without its text, so that no log shows it.
impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_library_verifies_what_we_sign() {
        let secret = SigningSecret::draw().unwrap();
        let verifier = standardwebhooks::Webhook::new(&secret.expose()).unwrap();
        let theirs = verifier.sign("msg_1", 1_614_265_330, b"{\"test\": 2432232314}").unwrap();
        assert_eq!(secret.sign("msg_1", 1_614_265_330, "{\"test\": 2432232314}"), theirs);
    }

    #[test]
    fn a_secret_is_read_back_and_has_no_other_form() {
        let secret = SigningSecret::draw().unwrap();
        assert_eq!(secret.expose().parse(), Ok(secret.clone()));
        assert_eq!(format!("{secret:?}"), "[secret]");
        for bytes in [0, 23, 65] {
            let text = format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
            assert_eq!(text.parse::<SigningSecret>(), Err(BadSecret), "{bytes} bytes");
        }
        for text in ["", "whsec_", "secret", "whsec_%%%%"] {
            assert_eq!(text.parse::<SigningSecret>(), Err(BadSecret), "{text}");
        }
    }
}
