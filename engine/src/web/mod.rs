//! The web, as far as tenants choose where to: webhooks are told there, and inputs may name files of hosts that the
//! operator allows.
//!
//! ```text
//! address  which addresses are public
//! host     a host that a setting names
//! connect  resolves, looks at every address, connects to exactly one of them, asks
//! rules    which addresses an input may name
//! fetch    brings a file, held to the rules at every redirect
//! ```

mod address;
mod connect;
mod fetch;
mod host;
mod rules;

pub use fetch::FetchOptions;
pub use host::{BadHostRule, HostRule};
pub use rules::{BadSourceHost, SourceHost, WebFault, WebRules};

pub(crate) use address::is_public;
pub(crate) use connect::{ConnectError, Connector, Exchange, request};
pub(crate) use fetch::{FetchError, Fetcher};
