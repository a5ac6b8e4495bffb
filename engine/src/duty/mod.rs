//! What one process does for all of them: whatever is kept no longer goes, row and object.
//!
//! ```text
//! leader   one row says who; its lease runs out, and somebody else takes over
//! prune    finished jobs, uploads and deliveries that are too old, and uploads that nobody completed, tenant by tenant,
//!          a small batch a transaction
//! sweep    objects in the bucket that no row names, a page of keys at a time
//! run      the order of these; and contexts of traces that nobody goes on with are forgotten
//! ```
//!
//! Two leaders at once would do no harm, only double work: a row or an object that is gone is no fault, so each
//! step can be repeated after a crash in the middle. Every step looks whether its process still leads.

mod expired;
mod leader;
mod options;
mod prune;
mod run;
mod sweep;
mod unfinished;

pub use leader::{Leadership, lead};
pub use options::RetentionOptions;
pub use prune::{PruneError, Pruned, prune_once};
pub use sweep::{SweepError, Swept, sweep_once};

pub(crate) use run::run;
pub(crate) use unfinished::{AbortError, abort_all};
