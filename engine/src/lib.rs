//! Esteira's engine: tenants, a fair queue on Postgres, leases, artifacts and the worker runtime.
//!
//! The only crate that names sqlx, apalis and the S3 client. It knows no kind of work and no HTTP.

pub mod archive;
pub mod artifact;
pub mod checkpoint;
pub mod child;
pub mod config;
pub mod db;
pub mod document;
pub mod duty;
mod engine;
mod gather;
pub mod id;
pub mod job;
pub mod migrate;
pub mod overview;
pub mod queue;
pub mod schedule;
mod service;
pub mod snapshot;
pub mod tenant;
pub mod trace;
pub mod usage;
pub mod web;
pub mod webhook;
pub mod worker;

pub use engine::{Engine, Preflight, Readiness, UnfitError};
pub use esteira_metrics as metrics;
