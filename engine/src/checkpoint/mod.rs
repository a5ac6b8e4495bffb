//! Checkpoints: what a job has done so far, kept for the attempt after this one.
//!
//! ```text
//! record   how one lies in a file
//! index    which keys a file of records has, and where
//! log      the worker's own file of them, within the limits
//! segment  which pieces of that file are objects, and which become new ones
//! row      the tenant's row that names the objects, and who may write it
//! forget   all of it goes with the end of the job
//! ```
//!
//! The child writes each into a file of its own and reports its number. The worker appends it to a log on its disk, and
//! every two seconds at most it puts what is new of the log into the store and names the objects in a row of the tenant's.
//! The attempt after this one takes the row over, and with that nobody else may write it; what it names is the log that
//! the child finds. So there is always a beginning of what was said, in order, with nothing left out between.

mod forget;
mod index;
mod log;
mod options;
mod record;
mod row;
mod segment;

pub use options::CheckpointOptions;
pub use record::KEY_BYTES;
pub use row::{Adopted, adopt, write};
pub use segment::Segment;

pub(crate) use forget::{all_that_are_over, delete_objects};
pub(crate) use index::Index;
pub(crate) use log::{Log, Taken};
pub(crate) use record::{head, is_key};
pub(crate) use row::{delete, delete_of, delete_up_to, keys_of};
pub(crate) use segment::{Plan, plan};

use crate::tenant::Tenant;

/// The version of a tenant's schema that knows checkpoints.
const SINCE_VERSION: i32 = 8;

/// Whether the tenant's schema knows checkpoints; one that is not migrated yet does not.
pub(crate) fn are_kept_by(tenant: &Tenant) -> bool {
    tenant.schema_version >= SINCE_VERSION
}
