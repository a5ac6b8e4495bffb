//! Is this token good, and who shows it? One check after the other; the first that fails is the log's.

use std::sync::Arc;
use std::time::Duration;

use esteira_engine::Engine;
use esteira_engine::tenant::{Caller, Tenant};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::claims::{Grant, grant};
use super::crypto;
use super::keys::Key;
use super::options::JwtOptions;
use super::refusal::{Refusal, TokenError};
use super::store::{KeyStore, NoKey};

/// Characters of an unknown key's id that go into the log.
const LONGEST_KID: usize = 64;

/// Checks the tokens of one issuer; clones share its keys.
#[derive(Debug, Clone)]
pub(crate) struct Verifier {
    options: Arc<JwtOptions>,
    keys: Arc<KeyStore>,
}

impl Verifier {
    pub(crate) fn new(options: JwtOptions) -> Self {
        crypto::install();
        Self { keys: KeyStore::new(&options), options: Arc::new(options) }
    }

    /// Who shows this token? Its tenant may be what was known up to `age` ago.
    pub(crate) async fn caller(
        &self,
        engine: &Engine,
        token: &str,
        age: Duration,
    ) -> Result<Caller, TokenError> {
        let Grant { tenant, scopes } = self.grant(token).await?;
        let tenant: Option<Tenant> = match tenant {
            None => None,
            Some(slug) => match engine.known_tenant(slug.as_str(), age).await? {
                Some(tenant) => Some(tenant),
                None => return Err(Refusal::UnknownTenant(slug.into()).into()),
            },
        };
        Ok(Caller { key: None, tenant, scopes })
    }

    async fn grant(&self, token: &str) -> Result<Grant, TokenError> {
        if token.len() > self.options.token_bytes {
            return Err(Refusal::TooLong(token.len()).into());
        }
        let head = decode_header(token).map_err(Refusal::Head)?;
        // Before the key is looked for: a token that cannot be good causes no fetch.
        if !matches!(head.alg, Algorithm::RS256 | Algorithm::ES256) {
            return Err(Refusal::Algorithm.into());
        }
        if head.crit.is_some() {
            return Err(Refusal::Critical.into());
        }
        let kid = head.kid.ok_or(Refusal::NoKeyId)?;
        let key = self.keys.find(&kid).await.map_err(|missing| match missing {
            NoKey::Unknown => Refusal::UnknownKey(kid.chars().take(LONGEST_KID).collect()).into(),
            NoKey::NeverFetched => TokenError::NoKeys,
        })?;
        if key.algorithm != head.alg {
            return Err(Refusal::Algorithm.into());
        }
        let claims = decode::<Map<String, Value>>(token, &key.decoding, &self.validation(&key));
        Ok(grant(&claims.map_err(Refusal::Invalid)?.claims, &self.options)?)
    }

    /// What the library looks at; the audience is ours, since Cognito spells it in two ways.
    fn validation(&self, key: &Key) -> Validation {
        let mut validation = Validation::new(key.algorithm);
        validation.set_required_spec_claims(&["exp", "iss"]);
        validation.set_issuer(&[&self.options.issuer]);
        validation.leeway = self.options.leeway.as_secs();
        validation.validate_nbf = true;
        validation.validate_aud = false;
        validation
    }
}
