//! How does a job come into being? Checked, then written to the tenant and to the queue at once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::PgConnection;

use crate::artifact::{Store, locate_all};
use crate::db::{DatabaseError, Db, become_engine, become_tenant};
use crate::id::JobId;
use crate::job::{Catalog, CatalogEntry, CheckedInput, InputError};
use crate::tenant::{Tenant, TenantState};

/// What is asked of Esteira.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// The kind of work.
    pub kind: String,
    /// Its input.
    pub input: Value,
    /// −100 to 100, higher first, within the tenant.
    pub priority: i16,
    /// Not before this instant.
    pub run_at: Option<DateTime<Utc>>,
    /// Attempts, if not as many as the kind gives.
    pub max_attempts: Option<u16>,
    /// Time for one attempt, if not what the kind gives.
    pub timeout: Option<Duration>,
    /// For the submitter's own use.
    pub metadata: Map<String, Value>,
}

/// A job was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// There is no such kind.
    #[error("there is no kind {0:?}")]
    UnknownKind(String),
    /// The tenant may not use the kind.
    #[error("this tenant may not submit {0:?}")]
    KindNotAllowed(String),
    /// A field besides `input` cannot be.
    #[error("{field}: {message}")]
    BadField {
        /// Its name.
        field: &'static str,
        /// Why.
        message: String,
    },
    /// The input does not fit the kind.
    #[error("the input has {} faults", .0.len())]
    BadInput(Vec<InputError>),
    /// The tenant is suspended.
    #[error("the tenant is suspended")]
    Suspended,
    /// As many jobs wait as the tenant may have.
    #[error("{limit} jobs wait already, which is this tenant's limit")]
    QueueFull {
        /// The limit.
        limit: i32,
    },
    /// The database is away.
    #[error("failed to write the job")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for SubmitError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// The longest that one attempt may be given.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 3600);
const MAX_ATTEMPTS: u16 = 100;
const MAX_METADATA: usize = 50;

/// Everything that a submit checks, without writing.
pub async fn preflight<'c>(
    db: &Db,
    store: &Store,
    catalog: &'c Catalog,
    tenant: &Tenant,
    submission: &Submission,
) -> Result<(&'c CatalogEntry, CheckedInput), SubmitError> {
    if tenant.state != TenantState::Active {
        return Err(SubmitError::Suspended);
    }
    let kind = &submission.kind;
    let entry = catalog.get(kind).ok_or_else(|| SubmitError::UnknownKind(kind.clone()))?;
    if tenant.limits.kinds.as_ref().is_some_and(|kinds| !kinds.contains(kind)) {
        return Err(SubmitError::KindNotAllowed(kind.clone()));
    }
    check_fields(submission)?;
    let checked = catalog.check(kind, &submission.input).await.map_err(SubmitError::BadInput)?;
    let places = locate_all(db, store, tenant, checked.files.iter().map(|file| &file.uri)).await?;
    let faults: Vec<InputError> = checked
        .files
        .iter()
        .filter_map(|file| match places.get(&file.uri) {
            Some(Err(fault)) => Some(InputError::new(file.pointer.clone(), fault.to_string())),
            _ => None,
        })
        .collect();
    if faults.is_empty() { Ok((entry, checked)) } else { Err(SubmitError::BadInput(faults)) }
}

fn check_fields(submission: &Submission) -> Result<(), SubmitError> {
    let bad = |field, message: String| Err(SubmitError::BadField { field, message });
    if !(-100..=100).contains(&submission.priority) {
        return bad("priority", "must be between -100 and 100".into());
    }
    if submission.max_attempts.is_some_and(|n| n == 0 || n > MAX_ATTEMPTS) {
        return bad("max_attempts", format!("must be between 1 and {MAX_ATTEMPTS}"));
    }
    if submission.timeout.is_some_and(|t| t < Duration::from_secs(1) || t > MAX_TIMEOUT) {
        return bad("timeout_seconds", format!("must be between 1 and {}", MAX_TIMEOUT.as_secs()));
    }
    if submission.metadata.len() > MAX_METADATA {
        return bad("metadata", format!("must have at most {MAX_METADATA} keys"));
    }
    if contains_nul(&Value::Object(submission.metadata.clone())) {
        return bad("metadata", "must not contain the character U+0000".into());
    }
    if contains_nul(&submission.input) {
        return bad("input", "must not contain the character U+0000".into());
    }
    Ok(())
}

/// Postgres cannot keep U+0000 in jsonb; better told at the door than by a failed insert.
fn contains_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(contains_nul),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains('\0') || contains_nul(value)),
        _ => false,
    }
}

/// Checks a submission and writes its job, in one transaction of its own.
///
/// # Errors
/// See [`SubmitError`]; nothing is written then.
pub async fn submit(
    db: &Db,
    store: &Store,
    catalog: &Catalog,
    tenant: &Tenant,
    submission: &Submission,
) -> Result<JobId, SubmitError> {
    let (entry, _) = preflight(db, store, catalog, tenant, submission).await?;
    let mut tx = db.begin().await?;
    let id = write(tx.conn(), entry, tenant, submission).await?;
    tx.commit().await?;
    Ok(id)
}

/// Writes a job that [`preflight`] has passed, inside the caller's transaction: it exists when that commits.
///
/// The connection is one of the engine's role on Esteira's database, and is under that role again
/// afterwards. Whoever commits may send [`super::Signal::Queued`]; polls find the job in any case.
///
/// # Errors
/// [`SubmitError::QueueFull`], or the database's. The transaction is then to be rolled back.
pub async fn write(
    conn: &mut PgConnection,
    entry: &CatalogEntry,
    tenant: &Tenant,
    submission: &Submission,
) -> Result<JobId, SubmitError> {
    let id = JobId::new();
    let defaults = &entry.info.defaults;
    let max_attempts = i16::try_from(submission.max_attempts.unwrap_or(defaults.max_attempts)).unwrap_or(1);
    let timeout = i32::try_from(submission.timeout.unwrap_or(defaults.timeout).as_secs()).unwrap_or(i32::MAX);

    become_tenant(conn, tenant).await?;
    sqlx::query!(
        "insert into jobs (id, kind, input, input_bytes, metadata, priority, max_attempts, timeout_seconds, run_at)
         values ($1, $2, $3, octet_length($3::jsonb::text), $4, $5, $6, $7, coalesce($8, esteira.now()))",
        id.0,
        submission.kind,
        submission.input,
        Value::Object(submission.metadata.clone()),
        submission.priority,
        max_attempts,
        timeout,
        submission.run_at
    )
    .execute(&mut *conn)
    .await?;
    become_engine(conn).await?;
    if let Some(limit) = reached_limit(conn, tenant).await? {
        return Err(SubmitError::QueueFull { limit });
    }
    sqlx::query!(
        "select esteira.enqueue($1, $2, $3, $4, $5, $6, $7)",
        tenant.id.0,
        &[id.0],
        std::slice::from_ref(&submission.kind),
        &[submission.priority],
        &[submission.run_at] as &[Option<DateTime<Utc>>],
        &[max_attempts],
        &[timeout]
    )
    .execute(conn)
    .await?;
    Ok(id)
}

/// The tenant's `max_queued`, when as many of its jobs wait already.
///
/// # Errors
/// When the database is away.
pub async fn reached_limit(conn: &mut PgConnection, tenant: &Tenant) -> Result<Option<i32>, DatabaseError> {
    let Some(limit) = tenant.limits.max_queued else { return Ok(None) };
    // Counted up to the limit only. Submits at the same moment do not see each other, and may pass it by as
    // many as they are.
    let waiting = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
                   select from esteira.queue
                   where tenant_id = $1 and state in ('blocked', 'scheduled', 'queued') limit $2
               ) as waiting"#,
        tenant.id.0,
        i64::from(limit)
    )
    .fetch_one(conn)
    .await?;
    Ok((waiting >= i64::from(limit)).then_some(limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_found_however_deep_it_hides() {
        assert!(contains_nul(&serde_json::json!({"a": [{"b": "x\0"}]})));
        assert!(contains_nul(&serde_json::json!({"k\0": 1})));
        assert!(!contains_nul(&serde_json::json!({"a": ["x", 1, null]})));
    }

    #[test]
    fn fields_out_of_range_are_named() {
        for (submission, field) in [
            (Submission { priority: 101, ..Submission::default() }, "priority"),
            (Submission { max_attempts: Some(0), ..Submission::default() }, "max_attempts"),
            (Submission { timeout: Some(Duration::ZERO), ..Submission::default() }, "timeout_seconds"),
        ] {
            let Err(SubmitError::BadField { field: named, .. }) = check_fields(&submission) else {
                panic!("{field} was taken")
            };
            assert_eq!(named, field);
        }
    }
}
