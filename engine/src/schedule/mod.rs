//! Schedules: a tenant's jobs at the times of a cron text.
//!
//! ```text
//! definition, write, read, history   a tenant's own schedules, and what became of their due instants
//! by_hand   a run that somebody asks for
//! run       the leader sleeps until something is due
//! look      what is due, from one small control table: no tenant's schema is walked through
//! prepare   one decision for each due instant (`esteira_scheduler::decide`), and the checks of a submit
//! fire      jobs, history and the next due instant, in one transaction
//! ```
//!
//! **Exactly once.** The transaction that submits a job also writes down that its instant is decided about, and moves the
//! schedule on to the next. Whoever dies before the commit has done nothing, and whoever leads next finds the instant due.
//! It locks the schedule's row of the control schema at the revision that was read, so that of two who decided at the
//! same time the second writes nothing; and the database refuses a second row of history for the same instant.
//!
//! **One leads** (`duty::lead`): a row with a lease by the database's clock, and a term. It is renewed three times within
//! a lease, which is how long whoever leads goes by what it knows; and it is asked again inside each transaction that fires
//! (`Leadership::holds`), so that a takeover waits for that commit. To be leader saves work only: see above.
//!
//! **Nobody holds up others.** What fails of one schedule is put off, and the others are fired.

mod by_hand;
mod definition;
mod due;
mod fire;
mod history;
mod keep;
mod look;
mod options;
mod prepare;
mod read;
mod row;
mod run;
mod write;

pub use definition::{Definition, Schedule, ScheduleChange, ScheduleError, SchedulePage};
pub use esteira_scheduler::{CatchUp, Cron, CronError, Overlap};
pub use fire::{FireError, Fired, fire_once};
pub use history::{Run, RunPage, RunState};
pub use options::ScheduleOptions;
pub use run::run;

pub(crate) use by_hand::run_now;
pub(crate) use definition::SINCE_VERSION;
pub(crate) use due::note_import;
pub(crate) use history::history;
pub(crate) use read::{list, read};
pub(crate) use write::{change, create, remove};
