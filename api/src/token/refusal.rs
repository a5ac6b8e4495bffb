//! Why is a token not taken? For the log; the caller learns only that it is not.

use esteira_engine::db::DatabaseError;

/// What is wrong with a token. Nothing here repeats the token itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the token has {0} bytes, more than are looked at")]
    TooLong(usize),
    #[error("the head is none of a signed JWT")]
    Head(#[source] jsonwebtoken::errors::Error),
    #[error("the algorithm is not the key's")]
    Algorithm,
    #[error("the head asks for extensions that we do not know")]
    Critical,
    #[error("the head names no key")]
    NoKeyId,
    #[error("the issuer has no key {0:?}")]
    UnknownKey(String),
    #[error("the signature, the issuer or the time is wrong")]
    Invalid(#[source] jsonwebtoken::errors::Error),
    #[error("the claim {0} has the wrong type")]
    ClaimType(String),
    #[error("token_use is {0:?}")]
    TokenUse(Option<String>),
    #[error("the token is for another application")]
    Audience,
    #[error("the token names no tenant")]
    NoTenant,
    #[error("the tenant's name is no slug")]
    NoSlug,
    #[error("there is no tenant {0}")]
    UnknownTenant(String),
}

/// A token could not be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// It is not good.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nobody can say yet whether it is.
    #[error("the issuer's keys could not be fetched so far")]
    NoKeys,
    /// The database is away.
    #[error("failed to look the tenant up")]
    Database(#[from] DatabaseError),
}
