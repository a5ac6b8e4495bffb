//! How does the whole stand, for whoever watches? One process looks, and every process learns who is busy.
//!
//! ```text
//! run    each process asks whether it leads; the leader looks, and its meter tells what it found
//! queue  jobs by kind, by state and by named tenant: one pass over the queue
//! around tenants, webhooks, schedules, and Postgres' own statistics
//! busy   which tenants have names, the same in all processes
//! ```
//!
//! Nobody but the leader counts the queue, so a hundred processes cost no more looks than one. Two leaders at once, for the
//! moment in which a lease changes hands, tell the same twice: queries take the greater.

mod around;
mod busy;
mod options;
mod queue;
mod run;

pub use options::OverviewOptions;
pub use run::{look_once, run};
