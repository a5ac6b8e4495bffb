//! How does an announced upload become a file? Its parts are joined, and what they came to is looked at.
//!
//! Every step can be repeated: a client that got no answer asks again, and two calls at once come to the same end.

use std::collections::BTreeMap;
use std::time::Duration;

use super::parts::{BroughtPart, JoinError, Measured, plan};
use super::{Store, StoreError, Upload, media_type};
use crate::db::{DatabaseError, Db};
use crate::id::UploadId;
use crate::tenant::{Tenant, TenantState};
use crate::usage::enter_upload;

/// Missing parts that are named; a person needs no more to see the pattern.
const MISSING_NAMED: usize = 10;
/// How long a call waits for another one that joins the parts: at first, each time twice as long, and no longer than
/// about half a minute in all.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LAST_WAIT: Duration = Duration::from_secs(20);

/// A file is not what its client said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The field of the announcement.
    pub field: &'static str,
    /// What was announced, and what was found.
    pub message: String,
}

/// An upload was not completed.
#[derive(Debug, thiserror::Error)]
pub enum CompleteError {
    /// The tenant has no such upload.
    #[error("there is no such upload")]
    Unknown,
    /// The tenant is suspended.
    #[error("the tenant is suspended")]
    Suspended,
    /// Its time is over.
    #[error("the upload has expired")]
    Expired,
    /// The list of parts cannot be.
    #[error("the parts cannot be joined: {0}")]
    BadParts(String),
    /// Something is still to be brought.
    #[error("the file is not there whole: {0}")]
    Incomplete(String),
    /// The file is another one than was announced. It is deleted, and the upload over.
    #[error("the file is not the one that was announced")]
    Mismatch(Vec<Mismatch>),
    /// S3 failed.
    #[error("failed to join or read the file")]
    Store(#[from] StoreError),
    /// The database is away.
    #[error("failed to write the file down")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for CompleteError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// An upload that was announced.
struct Announced {
    file_name: String,
    media_type: String,
    bytes: u64,
    sha256: Option<Vec<u8>>,
    parts: BTreeMap<i32, u64>,
    object_key: String,
    multipart_id: Option<String>,
}

/// Completes an upload; `patience` is how long this may take, in which it does not expire.
pub(crate) async fn complete(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    id: UploadId,
    parts: &[BroughtPart],
    patience: Duration,
) -> Result<Upload, CompleteError> {
    if tenant.state != TenantState::Active {
        return Err(CompleteError::Suspended);
    }
    let announced = match begin(db, tenant, id, patience).await? {
        Begun::Unfinished(announced) => announced,
        Begun::Completed(upload) => return Ok(upload),
    };
    let parts = in_order(&announced.parts, parts)?;
    let found = joined(store, &announced, &parts).await?;
    let mismatches = compare(&announced, &found);
    if !mismatches.is_empty() {
        // The object first: what is left of a crash in between expires like any other.
        store.delete(std::slice::from_ref(&announced.object_key)).await?;
        let mut tx = db.begin_as(tenant).await?;
        sqlx::query!("delete from unfinished_uploads where id = $1", id.0).execute(tx.conn()).await?;
        tx.commit().await?;
        return Err(CompleteError::Mismatch(mismatches));
    }
    end(db, tenant, id, &announced, &found).await
}

enum Begun {
    Unfinished(Announced),
    Completed(Upload),
}

/// Finds the upload, and keeps it from expiring while it is looked at.
async fn begin(db: &Db, tenant: &Tenant, id: UploadId, patience: Duration) -> Result<Begun, CompleteError> {
    let mut tx = db.begin_as(tenant).await?;
    if !tenant.announces_uploads() {
        return finished(&mut tx, id).await?.map(Begun::Completed).ok_or(CompleteError::Unknown);
    }
    let row = sqlx::query!(
        "update unfinished_uploads
         set expires_at = greatest(expires_at, esteira.now() + make_interval(secs => $2))
         where id = $1 and not given_up and expires_at > esteira.now()
         returning file_name, media_type, bytes, sha256, part_bytes, object_key, multipart_id",
        id.0,
        patience.as_secs_f64()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else {
        if let Some(upload) = finished(&mut tx, id).await? {
            return Ok(Begun::Completed(upload));
        }
        let expired = sqlx::query_scalar!(
            r#"select exists (select from unfinished_uploads where id = $1) as "expired!""#,
            id.0
        )
        .fetch_one(tx.conn())
        .await?;
        return Err(if expired { CompleteError::Expired } else { CompleteError::Unknown });
    };
    tx.commit().await?;
    let bytes = u64::try_from(row.bytes).unwrap_or(0);
    Ok(Begun::Unfinished(Announced {
        file_name: row.file_name,
        media_type: row.media_type,
        bytes,
        sha256: row.sha256,
        parts: plan(bytes, u64::try_from(row.part_bytes).unwrap_or(1).max(1)),
        object_key: row.object_key,
        multipart_id: row.multipart_id,
    }))
}

async fn finished(tx: &mut crate::db::TenantTx, id: UploadId) -> Result<Option<Upload>, DatabaseError> {
    let row = sqlx::query!(
        "select file_name, media_type, bytes, sha256, created_at from uploads where id = $1",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Upload {
        id,
        file_name: row.file_name,
        media_type: row.media_type,
        bytes: u64::try_from(row.bytes).unwrap_or(0),
        sha256: row.sha256,
        created_at: row.created_at,
    }))
}

/// The parts by their numbers: each that was planned, once.
fn in_order(planned: &BTreeMap<i32, u64>, parts: &[BroughtPart]) -> Result<Vec<BroughtPart>, CompleteError> {
    let by_number: BTreeMap<i32, &BroughtPart> = parts.iter().map(|part| (part.number, part)).collect();
    if by_number.len() < parts.len() {
        return Err(CompleteError::BadParts("a part is named twice".to_owned()));
    }
    if let Some(unknown) = by_number.keys().find(|number| !planned.contains_key(number)) {
        return Err(CompleteError::BadParts(format!("there is no part {unknown}")));
    }
    let missing: Vec<i32> =
        planned.keys().filter(|number| !by_number.contains_key(number)).copied().collect();
    if !missing.is_empty() {
        return Err(CompleteError::BadParts(named("it lacks", &missing)));
    }
    Ok(by_number.into_values().cloned().collect())
}

fn named(what: &str, numbers: &[i32]) -> String {
    let some: Vec<String> = numbers.iter().take(MISSING_NAMED).map(i32::to_string).collect();
    let more = if numbers.len() > MISSING_NAMED {
        format!(" and {} more", numbers.len() - MISSING_NAMED)
    } else {
        String::new()
    };
    format!("{what} part {}{more}", some.join(", "))
}

/// Joins the parts, if that has not happened before, and measures what they came to.
async fn joined(
    store: &Store,
    announced: &Announced,
    parts: &[BroughtPart],
) -> Result<Measured, CompleteError> {
    if let Some(measured) = there(store, announced).await? {
        return Ok(measured);
    }
    let mut wait = FIRST_WAIT;
    match join(store, announced, parts).await {
        Ok(()) => {}
        Err(NotJoined::Told(error)) => return Err(error),
        // Another call joins them at this moment, or has: the file is there soon.
        Err(NotJoined::Over) => {
            while wait < LAST_WAIT {
                if let Some(measured) = there(store, announced).await? {
                    return Ok(measured);
                }
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
        }
    }
    let gone = || CompleteError::Incomplete("the object store does not show it".to_owned());
    there(store, announced).await?.ok_or_else(gone)
}

/// The file, if its parts are joined.
async fn there(store: &Store, announced: &Announced) -> Result<Option<Measured>, StoreError> {
    match store.measure(&announced.object_key).await {
        Err(StoreError::Missing) => Ok(None),
        measured => measured.map(Some),
    }
}

/// Why parts were not joined by this call.
enum NotJoined {
    /// The object store knows them no more: they are joined, or given up.
    Over,
    /// The client is told.
    Told(CompleteError),
}

impl From<StoreError> for NotJoined {
    fn from(error: StoreError) -> Self {
        Self::Told(error.into())
    }
}

async fn join(store: &Store, announced: &Announced, parts: &[BroughtPart]) -> Result<(), NotJoined> {
    let incomplete = |why: String| Err(NotJoined::Told(CompleteError::Incomplete(why)));
    let Some(multipart) = &announced.multipart_id else {
        return incomplete("nothing was brought".to_owned());
    };
    let Some(there) = store.parts_there(&announced.object_key, multipart).await? else {
        return Err(NotJoined::Over);
    };
    let missing: Vec<i32> =
        announced.parts.keys().filter(|number| !there.contains_key(number)).copied().collect();
    if !missing.is_empty() {
        return incomplete(named("nobody has brought", &missing));
    }
    for (number, wanted) in &announced.parts {
        if let Some(size) = there.get(number).filter(|size| *size != wanted) {
            return incomplete(format!("part {number} has {size} bytes instead of {wanted}"));
        }
    }
    match store.join_parts(&announced.object_key, multipart, parts).await {
        Ok(()) => Ok(()),
        Err(JoinError::WrongParts) => Err(NotJoined::Told(CompleteError::BadParts(
            "an etag is not that of the part which was brought last under its number".to_owned(),
        ))),
        Err(JoinError::Over) => Err(NotJoined::Over),
        Err(JoinError::Store(error)) => Err(error.into()),
    }
}

/// In what a file differs from its announcement.
fn compare(announced: &Announced, found: &Measured) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    let mut differs = |field, message| mismatches.push(Mismatch { field, message });
    if found.bytes != announced.bytes {
        differs(
            "bytes",
            format!("{} bytes were announced, and {} were brought", announced.bytes, found.bytes),
        );
    }
    if let Some(sha256) = announced.sha256.as_ref().filter(|sha256| **sha256 != found.sha256) {
        let (said, is) = (hex::encode(sha256), hex::encode(&found.sha256));
        differs("sha256", format!("{said} was announced, and the file's is {is}"));
    }
    if let Some(message) = media_type::contradiction(&found.head, &announced.media_type) {
        differs("media_type", message);
    }
    mismatches
}

/// The upload becomes a file that inputs can name.
async fn end(
    db: &Db,
    tenant: &Tenant,
    id: UploadId,
    announced: &Announced,
    found: &Measured,
) -> Result<Upload, CompleteError> {
    let media_type = media_type::of(&found.head, Some(&announced.media_type));
    let mut tx = db.begin_as(tenant).await?;
    let ours = sqlx::query!("delete from unfinished_uploads where id = $1 and not given_up", id.0)
        .execute(tx.conn())
        .await?;
    if ours.rows_affected() == 0 {
        // Another call was faster, or its time is over in spite of all.
        return finished(&mut tx, id).await?.ok_or(CompleteError::Expired);
    }
    let bytes = i64::try_from(found.bytes).unwrap_or(i64::MAX);
    let created_at = sqlx::query_scalar!(
        "insert into uploads (id, file_name, media_type, bytes, sha256, object_key)
         values ($1, $2, $3, $4, $5, $6) returning created_at",
        id.0,
        announced.file_name,
        media_type,
        bytes,
        found.sha256,
        announced.object_key
    )
    .fetch_one(tx.conn())
    .await?;
    enter_upload(tx.conn(), bytes).await?;
    tx.commit().await?;
    Ok(Upload {
        id,
        file_name: announced.file_name.clone(),
        media_type,
        bytes: found.bytes,
        sha256: found.sha256.clone(),
        created_at,
    })
}
