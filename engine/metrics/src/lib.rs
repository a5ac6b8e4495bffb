//! What does a process count of its work, and how is Prometheus told?
//!
//! ```text
//! Meter       what every role counts: jobs, attempts, calls of Postgres, requests, who leads
//!  ├ jobs         submitted, started, waited, run, settled, by kind
//!  ├ tenants      the busiest by name, the others as `other`
//!  ├ told         webhooks and schedules
//!  ├ api          requests by route and status
//!  ├ postgres     statements, transactions, errors, the pool
//!  └ lead         which duties this process leads
//! StoreMeter  calls of the object store
//! Overview    how the whole stands, from the one process that leads the look
//! machine     the process itself, and the disk that it works on
//!
//! serve       told to whoever asks; emf: sent to CloudWatch by way of the log
//! ```
//!
//! Nothing here asks a database or knows a kind of work. A scrape reads what was counted; it costs the same whatever the
//! number of tenants, since those with a name are bounded ([`Tenants`]).

mod api;
mod buckets;
mod codes;
mod emf;
mod exemplar;
mod exposition;
mod families;
mod jobs;
mod lead;
mod machine;
mod meter;
mod overview;
mod postgres;
mod sample;
mod serve;
mod store;
mod tenants;
mod told;
mod window;

pub use api::ApiMeter;
pub use emf::{EmfOptions, emit};
pub use exemplar::Exemplar;
pub use exposition::{Format, Scrape};
pub use jobs::{AttemptSeen, Busy, JobsMeter};
pub use lead::LeadMeter;
pub use meter::{Limits, Meter};
pub use overview::{DatabaseOverview, KindOverview, Overview, TableOverview, TenantOverview};
pub use postgres::{Fault, Pool, PostgresMeter};
pub use serve::serve;
pub use store::{CallEnd, StoreMeter};
pub use tenants::{Share, TenantName, Tenants};
pub use told::{ScheduleMeter, WebhookMeter};
