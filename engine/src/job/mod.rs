//! Jobs and kinds: pure types and arithmetic, without a database.

mod catalog;
mod concealed;
mod decision;
mod faults;
mod fields;
mod file_uri;
mod kind;
mod plain;
mod prepare;
mod retry;
mod state;
mod view;

pub use catalog::{Catalog, CatalogEntry, CatalogError};
pub use decision::{AttemptEnd, Counters, Decision, MAX_CRASHES, decide};
pub use faults::{Faults, short};
pub use fields::{Form, read_fields};
pub use file_uri::{BadFileUri, FileUri, is_artifact_name};
pub use kind::{
    CheckedInput, Estimate, FileReference, InWorker, InputError, Kind, KindDefaults, KindError, KindInfo,
    Resources, Step, Survey, Surveyed,
};
pub use plain::in_plain_words;
pub use prepare::{Handover, Prepare, Prepared, SERVICE_RESULT};
pub use retry::RetryPolicy;
pub use state::JobState;
pub use view::{Artifact, Job, JobError, Waited};
