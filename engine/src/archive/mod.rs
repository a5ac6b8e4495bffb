//! A tenant as one file: settings, rows and objects, each with its hash.
//!
//! ```text
//! tables/NAME     the rows of a table, as COPY writes them
//! objects/N       an object
//! manifest.json   whose it was, of which version, and size and SHA-256 of everything above
//! ```
//!
//! An archive carries no SQL. The one who imports it makes the schema by its own migrations, under the new name and
//! role, and copies rows into it: nothing in an archive is executed, and no name in it becomes a path or a statement.
//! Files are read and written here with blocking calls: a command that does nothing else is the only caller.

mod export;
mod import;
mod kept;
mod manifest;
mod verify;

use std::io;

use crate::artifact::StoreError;
use crate::db::DatabaseError;
use crate::tenant::CreateError;

pub(crate) use export::export;
pub(crate) use import::import;
pub use manifest::{Listed, Manifest};

/// A tenant was not exported or imported.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file is no archive of a tenant, or one that somebody has changed.
    #[error("this is no archive of a tenant: {0}")]
    Unfit(String),
    /// It is of another version of the schema.
    #[error(
        "the archive is of version {found} of a tenant's schema, and this program makes version {ours}: \
         export it anew after `esteira migrate` with the same version of esteira"
    )]
    Version {
        /// The archive's.
        found: i32,
        /// This program's.
        ours: i32,
    },
    /// The tenant's schema is not of this version.
    #[error("the tenant's schema is of version {0}: run `esteira migrate`")]
    NotMigrated(i32),
    /// An object went while the tenant was exported.
    #[error("the object {0} is gone, most likely because its time was over: export again")]
    Gone(String),
    /// The tenant could not be made.
    #[error("failed to make the tenant")]
    Create(#[from] CreateError),
    /// A file failed.
    #[error("failed to read or write the archive")]
    File(#[from] io::Error),
    /// S3 failed.
    #[error("failed to read or write an object")]
    Store(#[from] StoreError),
    /// The database refused or is away.
    #[error("failed to read or write rows")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for ArchiveError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}
