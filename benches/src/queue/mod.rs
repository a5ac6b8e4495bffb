//! The queue measured: what a job that does nothing costs, on a server that others are measured on as well.

mod backends;
pub mod drain;
pub mod flat;
pub mod noop;
mod peak;
pub mod pickup;
pub mod place;
pub mod psql;
pub mod schedules;
pub mod steady;
pub mod submit;
pub mod tenants;
pub mod used;
