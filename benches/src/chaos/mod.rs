//! Is every job accounted for after everything that can go wrong has gone wrong?
//!
//! ```text
//! plan        what job number N is                     work (lib)   the kind that does it
//! load        submits them over HTTP                   client       …through lost answers
//! ledger      what the submitters know                 tally        what they should not have seen
//! schedule    when which fault strikes                 faults/      what each does
//! site        everything that a fault may touch:
//!   cluster   primary and standby                      postgres     one server; user, disk, crowd beside it
//!   esteira   API and workers                          service      one process
//!   proxy     the network between them                 canned       answers in the place of S3
//!   objects   the bucket
//! drain       waits until every job is over
//! accounting  compares ledger, truth and bucket        truth, verdict
//! ```

mod accounting;
mod canned;
mod client;
mod cluster;
mod crowd;
mod disk;
mod drain;
mod esteira;
mod faults;
mod ledger;
mod load;
mod objects;
mod plan;
mod postgres;
mod proxy;
mod run;
mod schedule;
mod service;
mod site;
mod tally;
mod truth;
mod user;
mod verdict;

use std::time::Duration;

pub use run::Chaos;

/// By then everything has to work again, once the cause of a fault is mended.
const HEALING: Duration = Duration::from_secs(180);
