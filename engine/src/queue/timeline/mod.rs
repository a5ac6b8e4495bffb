//! What has happened to a job, in order? Derived from the rows that are there anyway.
//!
//! Nothing is written for the sake of a timeline: a row for each change of a state would double what a claim and a settle
//! write, for jobs that hardly anybody watches. The job, its row in the queue or its outcome, and its attempts tell it
//! all. Each event has a place that follows from these rows alone, so every process gives it the same id,
//! and whatever comes later has a later place: who knows one place can ask any process for the rest.

mod derive;
mod event;
mod facts;
mod follow;
mod place;
mod read;

pub use event::{Event, Happening};
pub use follow::Follow;
pub use place::EventPlace;
pub use read::{Timeline, Timelines};
