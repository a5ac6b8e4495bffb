//! Esteira's HTTP API: authenticate, check, call one verb of the engine, answer.
//!
//! An endpoint is a file, and every such file has the same order: what can go wrong, which status
//! that is, the OpenAPI description, the handler. A new resource is a folder beside `jobs`, with a
//! `mod.rs` that lists its routes, and one line in [`app`].
//!
//! ```text
//! request ─▶ request id ─▶ log ─▶ panics ─▶ time limit ─▶ who calls, which scope, how often ─▶ body ─▶ verb
//! ```
//!
//! The body comes last on purpose: nothing of it is read before the token is known to be good.

mod app;
mod around;
mod batches;
mod clock;
mod console;
mod cursor;
mod docs;
mod documents;
mod extract;
mod files;
mod jobs;
mod keys;
mod kinds;
mod layer;
mod limit;
mod openapi;
mod operator_keys;
mod options;
mod patience;
mod problem;
mod queues;
mod schedules;
mod serve;
mod state;
mod submitters;
mod tenants;
mod tls;
mod token;
mod unread;
mod usage;
mod view;
mod webhooks;
mod workers;

pub use app::{app, description};
pub use console::ConsoleSignIn;
pub use options::ApiOptions;
pub use serve::serve;
pub use state::ApiState;
pub use tls::{Tls, TlsError};
pub use token::JwtOptions;
