//! The child process that runs a kind: what it is told, what it may do, how it ends.
//!
//! Every attempt of a job runs in a process of its own, started from the worker's own binary, because
//! the code that reads a tenant's file (libav, PDFium, tesseract and their like) is native, large and
//! sooner or later wrong. What such a file can take over is one process that owns nothing: no
//! network, no credentials, no database, no other tenant's file, and an end that cannot be put off.
//!
//! # The way of an attempt
//!
//! 1. [`ChildPool`] keeps a few **spares**: processes that are linked, and wait on their standard
//!    input. Linking some 170 shared libraries costs more than starting a job may cost, so it is done
//!    once, by a **template**, from which spares are forked; `source.rs` executes them where that
//!    cannot be. A spare serves one attempt of one tenant, then it is gone.
//! 2. [`supervise`] writes one line to it, the [`Assignment`](protocol::Assignment) with the shape of
//!    the sandbox. The child enters its work directory, takes on limits, another user, Landlock and
//!    seccomp ([`sandbox`]), says `started`, and only then does the kind see a byte.
//! 3. The child talks in lines of JSON. The worker believes none of them: lines, their number and
//!    their texts are bounded, names of artifacts are checked, and [`open_artifact`] opens what lies
//!    under `out/` without following a link. A line that is no report ends the child.
//! 4. Cancel, deadline and stall send TERM to the child's process group, and KILL after a grace.
//!    Whatever happens, the child is reaped, and its group with it.
//! 5. [`Ended`] says which of the endings it was, and [`Ended::verdict`] what that means for the job.
//!
//! # Why it is built so
//!
//! - Children are started by one thread that lives as long as the pool: the kernel sends the
//!   parent-death signal when the *thread* that forked ends, and tokio's threads come and go. What a
//!   template forks is a child of that thread too, not of the template (`CLONE_PARENT`).
//! - The child's end is awaited on a pidfd and collected with `wait4`, which alone tells what the
//!   child used. As long as it is not collected its number cannot belong to another process, so
//!   signalling the group is safe.
//! - Time is tokio's monotonic clock; a wall clock that is wrong by minutes changes nothing.
//! - Out of memory shows as an aborted or faulting process, as a crash does. The child's handler for
//!   those signals looks whether the thread's last failed call was refused memory, and then leaves
//!   with an exit code of its own; see `inside/last_words.rs`. `inside/memory.rs` covers kinds that
//!   survived the refusal.
//!
//! `docs/sandbox.md` lists what is denied, and how an operator sets it.

mod attempt_dir;
mod checkpoints;
mod control;
mod diagnose;
mod document;
mod ended;
mod inside;
mod lines;
mod open_artifact;
mod pool;
mod process;
pub mod protocol;
mod readable;
mod remove_tree;
pub mod sandbox;
mod slots;
mod source;
mod spawn;
mod supervise;
mod sys;
mod template;
mod transcript;
mod watch;
mod work_dir;

pub use attempt_dir::{AttemptDir, AttemptDirs};
pub(crate) use checkpoints::{KEPT, open_checkpoint, remove_checkpoint};
pub use document::DocumentWriter;
pub use ended::{ArtifactNote, BadChild, Ended, Ending, Limit, Usage, Verdict};
pub use inside::main;
pub(crate) use open_artifact::open_below;
pub use open_artifact::{BadArtifact, open_artifact};
pub use pool::{ChildPool, ChildProgram, PoolConfig, PoolError};
pub use process::ChildProcess;
pub use supervise::supervise;
pub use watch::Limits;
pub use work_dir::WorkDir;
