//! Files: where they lie in S3, how they get there, and how a tenant gets at its own.

mod bulk;
mod complete;
mod counted;
mod link;
mod marker;
mod media_type;
mod parts;
mod place;
mod reserve;
mod resolve;
mod room;
mod store;
mod upload;
mod whole;

pub use complete::{CompleteError, Mismatch};
pub use link::{ArtifactLink, Beginning, LinkError};
pub use marker::{BindError, Unmarked};
pub use parts::{BroughtPart, Part};
pub use reserve::{Announcement, ReserveError, Reserved, UploadTerms};
pub use resolve::ResolveError;
pub use store::{AwsAccount, S3Object, Store, StoreError, StoreOptions, Stored};
pub use upload::{NewFile, Upload, UploadError};

pub(crate) use bulk::Listed;
pub(crate) use complete::complete;
pub(crate) use link::{artifact_beginning, artifact_link, upload_link};
pub(crate) use place::{
    Owner, Place, TENANTS, checkpoint_key, checkpoint_prefix, lease_prefix, service_key, tenant_prefix,
    upload_key,
};
pub(crate) use reserve::reserve;
pub(crate) use resolve::{Located, locate_all};
pub(crate) use room::room_left;
pub(crate) use upload::put_file;
