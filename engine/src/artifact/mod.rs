//! Files: where they lie in S3, how they get there, and how a tenant gets at its own.

mod bulk;
mod link;
mod marker;
mod place;
mod resolve;
mod store;
mod upload;

pub use link::{ArtifactLink, LinkError};
pub use marker::{BindError, Unmarked};
pub use resolve::ResolveError;
pub use store::{Store, StoreError, StoreOptions, Stored};
pub use upload::{NewFile, Upload, UploadError};

pub(crate) use bulk::Listed;
pub(crate) use link::artifact_link;
pub(crate) use place::{Owner, Place, TENANTS, lease_prefix, tenant_prefix, upload_key};
pub(crate) use resolve::{Located, locate_all};
pub(crate) use upload::{put_file, room_left};
