//! Files: where they lie in S3, how they get there, and how a tenant gets at its own.

mod link;
mod resolve;
mod store;
mod upload;

use crate::id::{JobId, TenantId, UploadId};

pub use link::{ArtifactLink, LinkError};
pub use resolve::ResolveError;
pub use store::{Store, StoreError, StoreOptions, Stored};
pub use upload::{NewFile, Upload, UploadError};

pub(crate) use link::artifact_link;
pub(crate) use resolve::{Located, locate_all};
pub(crate) use upload::{put_file, room_left};

/// Everything of a tenant lies below this key.
pub(crate) fn tenant_prefix(tenant: TenantId) -> String {
    format!("tenants/{tenant}/")
}

/// What one lease of a job makes lies below this key, so that a late one overwrites nothing.
pub(crate) fn lease_prefix(tenant: TenantId, job: JobId, lease: i32) -> String {
    format!("{}jobs/{job}/{lease}/", tenant_prefix(tenant))
}

/// The key of an upload.
pub(crate) fn upload_key(tenant: TenantId, upload: UploadId) -> String {
    format!("{}uploads/{upload}", tenant_prefix(tenant))
}
