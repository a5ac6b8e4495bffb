//! A search server outside, OpenSearch or one that speaks like it, is made to agree with the tenants' documents.
//!
//! ```text
//! options   where it is, and how patient we are
//! server    one call of it
//! index     names, fields, and what is done with an index
//! bulk      passages on their way, some megabytes at a time
//! outbox    what Postgres wants it to be told
//! fill      a tenant's documents there: some of them, or all in a new index
//! run       who does it: the process that leads, a step at a time
//! ```
//!
//! Postgres stays the truth: `GET /v1/search` asks it alone, and each note in the outbox only says which document to
//! look at. Whoever takes a note up looks what is there by then and makes the server agree, so a note may be taken up
//! twice, late, or in another order. One index a tenant, behind an alias that applications use; a rebuild fills a new
//! index and moves the alias in one step.

mod bulk;
mod fill;
mod index;
mod options;
mod outbox;
mod run;
mod server;

pub use fill::FillError;
pub use index::alias;
pub use options::SinkOptions;
pub use outbox::{Rebuild, ask_rebuild, rebuilds, stop};
pub use run::Sink;
pub use server::ServerError;

pub(crate) use outbox::{note_import, note_removal};
pub(crate) use run::run;
