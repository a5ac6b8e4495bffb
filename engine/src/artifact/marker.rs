//! Whose bucket is this? That of the database which its marker names, and of no other.
//!
//! Keys begin with a tenant's number, and every database numbers its tenants from 1: two databases on one bucket would
//! delete each other's files. So the first start writes `esteira.json` at the bucket's prefix, with the id of its
//! database, and whoever comes with another database is refused: at its start, and before it deletes anything.

use std::sync::atomic::Ordering;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use serde::{Deserialize, Serialize};

use super::store::remote;
use super::{Store, StoreError, TENANTS};
use crate::db::{DatabaseError, Db};
use crate::id::EsteiraId;

/// The marker's key, below the store's own prefix. Nothing else lies beside `tenants/`.
const MARKER: &str = "esteira.json";
/// For whoever finds the object in the bucket.
const ABOUT: &str = "Everything below tenants/ belongs to the Esteira whose database has this id. Another one that is \
                     given this bucket and prefix refuses to start. Keep this object.";

/// What becomes of a bucket that has no marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmarked {
    /// It is refused.
    Refuse,
    /// It is taken if nothing of an Esteira lies in it.
    TakeIfEmpty,
    /// It is taken with what lies in it: an operator says that it is this database's.
    Take,
}

/// The bucket cannot be used with this database.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Its marker names another database.
    #[error(
        "{place} belongs to another Esteira, {theirs}, and the database of this one is {ours}: set another bucket \
         (s3.bucket) or another prefix (s3.prefix), or the database that belongs to it"
    )]
    Foreign {
        /// The marker.
        place: String,
        /// Whom it names.
        theirs: EsteiraId,
        /// Whom it would have to name.
        ours: EsteiraId,
    },
    /// It has objects and no marker.
    #[error(
        "{place} is not there, but objects of an Esteira are: if they belong to this database, \
         run `esteira migrate --take-bucket`; if not, set another bucket (s3.bucket) or another prefix (s3.prefix)"
    )]
    Occupied {
        /// Where the marker would be.
        place: String,
    },
    /// It has no marker, and nobody was asked to write one.
    #[error("{place} is not there, which says whose bucket it is: run `esteira migrate`")]
    Unmarked {
        /// Where the marker would be.
        place: String,
    },
    /// Its marker cannot be understood.
    #[error("{place} is no marker of an Esteira")]
    Unreadable {
        /// The marker.
        place: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The object store is away.
    #[error("failed to look whose bucket it is")]
    Store(#[from] StoreError),
    /// The database is away.
    #[error("failed to look which Esteira this is")]
    Database(#[from] DatabaseError),
}

/// What the marker says.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    esteira: EsteiraId,
    #[serde(default)]
    about: String,
}

/// The id of a database.
async fn identity(db: &Db) -> Result<EsteiraId, DatabaseError> {
    let id = sqlx::query_scalar!("select id from esteira.identity").fetch_one(db.pool()).await?;
    Ok(EsteiraId(id))
}

impl Store {
    /// Makes sure that this bucket is the database's, and remembers it.
    ///
    /// # Errors
    /// See [`BindError`]; a bucket that is refused is left as it is.
    pub async fn bind(&self, db: &Db, unmarked: Unmarked) -> Result<(), BindError> {
        if self.bound.load(Ordering::Relaxed) {
            return Ok(());
        }
        let ours = identity(db).await?;
        let found = match (self.marker().await?, unmarked) {
            (Some(theirs), _) => theirs,
            (None, Unmarked::Refuse) => return Err(BindError::Unmarked { place: self.place() }),
            (None, Unmarked::TakeIfEmpty) if !self.list(TENANTS, "").await?.objects.is_empty() => {
                return Err(BindError::Occupied { place: self.place() });
            }
            (None, _) => {
                self.write_marker(ours).await?;
                // Whoever was faster with the same bucket has it.
                self.marker().await?.ok_or(BindError::Unmarked { place: self.place() })?
            }
        };
        if found != ours {
            return Err(BindError::Foreign { place: self.place(), theirs: found, ours });
        }
        self.bound.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Makes sure of it before something is deleted; asked of the bucket once a process.
    ///
    /// # Errors
    /// See [`BindError`].
    pub(crate) async fn check_bound(&self, db: &Db) -> Result<(), BindError> {
        self.bind(db, Unmarked::Refuse).await
    }

    /// Whom the marker names, if there is one.
    async fn marker(&self) -> Result<Option<EsteiraId>, BindError> {
        let asked = self.client.get_object().bucket(&self.bucket).key(self.key(MARKER)).send().await;
        let object = match asked.map_err(StoreError::from) {
            Err(StoreError::Missing) => return Ok(None),
            object => object?,
        };
        let bytes = object.body.collect().await.map_err(remote)?.into_bytes();
        let marker: Marker = serde_json::from_slice(&bytes)
            .map_err(|source| BindError::Unreadable { place: self.place(), source })?;
        Ok(Some(marker.esteira))
    }

    /// Writes the marker, unless somebody else has meanwhile.
    async fn write_marker(&self, ours: EsteiraId) -> Result<(), StoreError> {
        let marker = Marker { esteira: ours, about: ABOUT.to_owned() };
        let bytes = serde_json::to_vec_pretty(&marker).map_err(remote)?;
        let put = || {
            let put = self.client.put_object().bucket(&self.bucket).key(self.key(MARKER));
            put.content_type("application/json").body(ByteStream::from(bytes.clone()))
        };
        match put().if_none_match("*").send().await {
            Ok(_) => Ok(()),
            Err(error) if is_taken(&error) => Ok(()),
            // Not every server knows the condition; the marker is read again after the write, as far as that helps.
            Err(error) if error.code() == Some("NotImplemented") => {
                put().send().await?;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The marker as errors name it.
    fn place(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key(MARKER))
    }
}

/// Whether the marker was there before ours.
fn is_taken<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    matches!(error.code(), Some("PreconditionFailed" | "ConditionalRequestConflict"))
}
