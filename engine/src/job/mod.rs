//! Jobs and kinds: pure types and arithmetic, without a database.

mod file_uri;
mod kind;
mod retry;

pub use file_uri::{BadFileUri, FileUri, is_artifact_name};
pub use kind::{CheckedInput, FileReference, InputError, Kind, KindDefaults, KindError, KindInfo, Resources};
pub use retry::RetryPolicy;
