//! The binary itself, as a user and a script meet it.

#![expect(clippy::unwrap_used, reason = "a helper of a test that cannot go on should fail it")]

mod amazon;
mod client;
mod drain;
mod files;
mod jobs;
mod quickstart;
mod reports;
mod running;
mod schedules;
mod search;
mod transcribe;
mod up;
mod webhooks;
