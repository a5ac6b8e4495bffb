//! The HTTP contract, on a real Postgres and a real S3 server, by `app(state).oneshot(…)`.
//!
//! One program for all resources, because each would link the same engine again.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test that cannot go on should fail it"
)]

mod access;
mod around;
mod artifacts;
mod batches;
mod cognito;
mod console;
mod cors;
mod docs_page;
mod events;
mod files;
mod idempotency;
mod jobs;
mod keys;
mod kinds;
mod limits;
mod list;
mod log;
mod malformed;
mod queues;
mod schedules;
mod search;
mod serve;
mod submitters;
mod support;
mod surface;
mod tenants;
mod tls;
mod tokens;
mod uploads;
mod usage;
mod waited;
mod watch_docs;
mod webhook_docs;
mod webhooks;
mod why;
mod workers;
