//! API keys: shown once, kept as a SHA-256.
//!
//! A key has 256 random bits, so a plain hash cannot be guessed back and needs no salt or stretching,
//! and looking it up by its hash leaks no timing about its text.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{AccessError, Caller, Known, Scope, Tenant, by_id};
use crate::db::{DatabaseError, Db};
use crate::id::{KeyId, TenantId};

const PREFIX: &str = "est_";
/// Keys of one tenant that work at the same time.
const MAX_KEYS: i64 = 100;

/// What is known about a key afterwards.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// What its maker called it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A fresh key with its text, which is never shown again.
#[derive(Clone)]
pub struct NewKey {
    /// The key.
    pub key: ApiKey,
    /// Its text: `est_` and 43 URL-safe characters.
    pub text: String,
}

/// A key could not be made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The operating system gives no random numbers.
    #[error("failed to draw a random key")]
    Random(#[from] getrandom::Error),
    /// The tenant has as many keys that work as it may have.
    #[error("the tenant has {limit} keys already; revoke some")]
    TooMany {
        /// The limit.
        limit: i64,
    },
    /// The database is away.
    #[error("failed to write the key")]
    Database(#[from] DatabaseError),
}

/// Makes a key for a tenant, or for an operator where `tenant` is `None`.
pub(crate) async fn create_key(
    db: &Db,
    tenant: Option<TenantId>,
    name: &str,
    scopes: &[Scope],
    expires_at: Option<DateTime<Utc>>,
) -> Result<NewKey, KeyError> {
    if let Some(tenant) = tenant
        && living_keys(db, tenant).await? >= MAX_KEYS
    {
        return Err(KeyError::TooMany { limit: MAX_KEYS });
    }
    let mut secret = [0_u8; 32];
    getrandom::fill(&mut secret)?;
    let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret));
    let key = insert(db, tenant, name, scopes, expires_at, &text).await?;
    Ok(NewKey { key, text })
}

async fn living_keys(db: &Db, tenant: TenantId) -> Result<i64, DatabaseError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from esteira.api_keys
           where tenant_id = $1 and revoked_at is null and (expires_at is null or expires_at > esteira.now())"#,
        tenant.0
    )
    .fetch_one(db.pool())
    .await?;
    Ok(count)
}

/// Makes sure that a key of a given text exists, for a data folder that remembers its keys.
pub(crate) async fn ensure_key(
    db: &Db,
    tenant: Option<TenantId>,
    name: &str,
    scopes: &[Scope],
    text: &str,
) -> Result<(), DatabaseError> {
    match insert(db, tenant, name, scopes, None, text).await {
        Ok(_) => Ok(()),
        Err(error) if error.constraint() == Some("api_keys_sha256_unique") => Ok(()),
        Err(error) => Err(error),
    }
}

async fn insert(
    db: &Db,
    tenant: Option<TenantId>,
    name: &str,
    scopes: &[Scope],
    expires_at: Option<DateTime<Utc>>,
    text: &str,
) -> Result<ApiKey, DatabaseError> {
    let id = KeyId::new();
    let names: Vec<String> = scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    let created_at = sqlx::query_scalar!(
        "insert into esteira.api_keys (id, tenant_id, name, sha256, scopes, expires_at)
         values ($1, $2, $3, $4, $5, $6) returning created_at",
        id.0,
        tenant.map(|t| t.0),
        name,
        hash(text),
        &names,
        expires_at
    )
    .fetch_one(db.pool())
    .await?;
    Ok(ApiKey {
        id,
        name: name.to_owned(),
        scopes: scopes.to_vec(),
        created_at,
        expires_at,
        revoked_at: None,
    })
}

/// The keys of a tenant, newest first.
pub(crate) async fn list_keys(db: &Db, tenant: &Tenant) -> Result<Vec<ApiKey>, DatabaseError> {
    let rows = sqlx::query_as!(
        KeyRow,
        "select id, name, scopes, created_at, expires_at, revoked_at
         from esteira.api_keys where tenant_id = $1 order by id desc",
        tenant.id.0
    )
    .fetch_all(db.pool())
    .await?;
    Ok(rows.into_iter().map(ApiKey::from).collect())
}

/// A key as its row has it.
pub(super) struct KeyRow {
    pub id: uuid::Uuid,
    pub name: String,
    pub scopes: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<KeyRow> for ApiKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: KeyId(row.id),
            name: row.name,
            scopes: parse_scopes(&row.scopes),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// Revokes a key of a tenant; `false` when it has no such key that still works.
pub(crate) async fn revoke_key(db: &Db, tenant: &Tenant, id: KeyId) -> Result<bool, DatabaseError> {
    let done = sqlx::query!(
        "update esteira.api_keys set revoked_at = esteira.now()
         where id = $1 and tenant_id = $2 and revoked_at is null",
        id.0,
        tenant.id.0
    )
    .execute(db.pool())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Who holds this key? By what is known no longer than `age`, or by a look.
pub(crate) async fn authenticate(
    db: &Db,
    known: &Known,
    text: &str,
    age: Duration,
) -> Result<Caller, AccessError> {
    if !text.starts_with(PREFIX) || text.len() > 200 {
        return Err(AccessError::Refused);
    }
    let hash = hash(text);
    if let Some(caller) = known.caller(&hash, age) {
        return Ok(caller);
    }
    let look = known.look();
    let row = sqlx::query!(
        r#"select id, tenant_id, scopes, extract(epoch from expires_at - esteira.now())::double precision as "left"
           from esteira.api_keys
           where sha256 = $1 and revoked_at is null and (expires_at is null or expires_at > esteira.now())"#,
        hash
    )
    .fetch_optional(db.pool())
    .await
    .map_err(DatabaseError::from)?
    .ok_or(AccessError::Refused)?;
    let tenant = match row.tenant_id {
        // A tenant that vanished in between takes its keys along.
        Some(id) => Some(by_id(db.pool(), TenantId(id)).await?.ok_or(AccessError::Refused)?),
        None => None,
    };
    let caller = Caller { key: Some(KeyId(row.id)), tenant, scopes: parse_scopes(&row.scopes) };
    // One of many years is as good as one that never ends.
    let left = row.left.and_then(|left| Duration::try_from_secs_f64(left).ok());
    known.keep_caller(look, hash, caller.clone(), left);
    Ok(caller)
}

/// Scopes of a newer version are not understood here and give no right.
fn parse_scopes(names: &[String]) -> Vec<Scope> {
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}
