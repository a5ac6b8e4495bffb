//! Who shows a token that we did not make? A JWT of the configured issuer, checked against its keys.
//!
//! ```text
//! token ─▶ head: RS256 or ES256, a key id ─▶ that key, from memory or from the issuer ─▶ signature, iss, exp, nbf
//!       ─▶ token_use, audience ─▶ tenant, scopes ─▶ the tenant's row
//! ```

mod claims;
mod crypto;
mod fetch;
mod keys;
mod options;
mod refusal;
mod store;
mod verifier;

pub use options::JwtOptions;

pub(crate) use refusal::TokenError;
pub(crate) use verifier::Verifier;
