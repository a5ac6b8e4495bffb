//! The engine's verbs on a real Postgres and a real S3 server, one program for all of them, so that the
//! servers start once. Each test has a database of its own, cloned from a migrated template.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests fail as tests do")]

mod harness;
mod pooler;
mod receiver;
mod source;

mod archive;
mod aside;
mod batch;
mod cancel;
mod checkpoints;
mod claim;
mod connections;
mod deaf;
mod documents;
mod drain;
mod fairness;
mod follow;
mod here;
mod idle;
mod isolation;
mod known;
mod list;
mod marker;
mod metrics;
mod migrate;
mod model;
mod needs;
mod once;
mod pause;
mod plans;
mod rescue;
mod retention;
mod retry;
mod schedules;
mod schema;
mod search_sink;
mod settle;
mod silent;
mod sql_submit;
mod stats;
mod storm;
mod submit;
mod tenants;
mod traces;
mod uploads;
mod usage;
mod wait;
mod waited;
mod web_files;
mod webhooks;
mod why;
mod worker;
