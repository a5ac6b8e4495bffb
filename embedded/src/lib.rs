//! Servers that Esteira brings along: Postgres as a child process, S3 inside this process.
//!
//! `esteira up` and the tests run on them, so that there is one code path and no mock. This crate
//! knows nothing of the engine, and speaks no SQL beyond making a role and a database.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use esteira_embedded::{EmbeddedPostgres, PostgresOptions};
//!
//! let postgres = EmbeddedPostgres::start("data".as_ref(), PostgresOptions::default()).await?;
//! println!("{}", postgres.url()); // postgres://esteira:…@127.0.0.1:…/esteira
//! postgres.stop().await?;
//! # Ok(()) }
//! ```
//!
//! Tests take a database of their own from one throw-away server per test process:
//!
//! ```no_run
//! # fn migrate(_url: &str) {}
//! use esteira_embedded::TestCluster;
//!
//! let cluster = TestCluster::shared();
//! let template = cluster.create_database(None);
//! migrate(&template.url); // and close every connection to it
//! let mine = cluster.create_database(Some(&template.name));
//! ```

mod postgres;
mod s3;
mod test_cluster;

pub use postgres::{Binaries, BinariesError, Durability, EmbeddedPostgres, PostgresError, PostgresOptions};
pub use s3::{EmbeddedS3, S3Credentials, S3Error};
pub use test_cluster::{TestCluster, TestDatabase};
