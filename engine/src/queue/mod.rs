//! The queue: a verb a file, each one short transaction.
//!
//! ```text
//! submit ─▶ queued ─▶ claim ─▶ (the worker runs it) ─▶ settle ─▶ read
//!             ▲                                          │
//!             └── promote ◀── scheduled ◀── retry later ─┘     rescue settles for a worker that died
//! ```
//!
//! **Who may write what.** `esteira.queue` holds a row for each job that is not final. A claim takes a
//! new `lease` number; everything that is written for that attempt names worker *and* lease, so
//! a worker that comes back late touches zero rows. A worker lives as long as its row in
//! `esteira.workers`: it renews `lease_until` with a heartbeat; once that has passed, anybody may
//! mark the row `lost_at` and settle its jobs as crashed. Marking comes first and locks the row that
//! claim and heartbeat need, so a worker is either alive or lost, never both.
//!
//! **What is held back.** A row of `esteira.pauses` keeps claims from a kind, a tenant or both; a worker that
//! drains asks for nothing.
//!
//! **Whose turn it is.** Lanes, one per tenant and kind; see `migrations/control/0002_queue_functions.sql`.

mod batch;
mod beat;
mod cancel;
mod claim;
mod kinds;
mod list;
mod look;
mod notify;
mod pause;
mod promote;
mod read;
mod reason;
mod report;
mod rescue;
mod retry;
mod settle;
mod stats;
mod submit;
mod timeline;
mod wait;
mod watched;
mod why;
mod workers;

pub use batch::{Batch, batch};
pub use beat::{Beat, beat, beat_for, deregister, register};
pub use cancel::{CancelError, Cancelled, cancel};
pub use claim::{Claimed, Lease, Wait, claim, claim_with_inputs};
pub use kinds::publish_kinds;
pub use list::{JobFilter, JobPage, list};
pub use notify::{Hub, Notifier, Signal};
pub use pause::{Pause, PauseError, PauseTarget, Resumed, pause, resume};
pub use promote::{Around, look_around, promote};
pub use read::{input, read};
pub use reason::{AHEAD_COUNTED, Reason};
pub use report::{LogLine, News, Reported, note_staged, report};
pub use rescue::{Rescued, hand_back, rescue};
pub use retry::{RetryError, retry};
pub use settle::{
    Ended, FinishedArtifact, Outcome, Settled, Settlement, Usage, Used, charge, charge_overruns, settle,
    settle_all,
};
pub use stats::{KindStats, QueueStats, stats};
pub use submit::{
    Answer, BatchError, BatchJob, Checked, FieldFault, Fresh, NewJob, Once, RequestKey, Submission,
    SubmitError, Submits, Submitted, Taken, preflight, preflight_all, reached_limit, resolve_refs,
    write_batch, write_jobs,
};
pub(crate) use submit::{Answering, Making, answered_before, submit_batch, submit_jobs, submit_once};
pub(crate) use timeline::Timelines;
pub use timeline::{Event, EventPlace, Follow, Happening, Timeline};
pub use wait::wait;
pub use why::{Why, why};
pub use workers::{DrainError, WorkerInfo, WorkerState, set_draining, workers};
