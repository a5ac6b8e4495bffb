//! How does a Postgres server come up beside Esteira, and go down again?
//!
//! `binaries` finds the server, `account` says as whom it runs, `cluster` makes its files, `orphan`
//! clears away what an earlier life left, and `server` starts, watches and stops it.

mod account;
mod binaries;
mod cluster;
mod error;
mod orphan;
mod reach;
mod secrets;
mod server;
mod settings;

pub use binaries::{Binaries, BinariesError};
pub use error::PostgresError;
pub use server::{EmbeddedPostgres, PostgresOptions};
pub use settings::Durability;
