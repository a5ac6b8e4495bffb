//! Webhooks: a tenant is told at an address of its own when a job ends.
//!
//! ```text
//! the transaction that ends a job ─▶ a row in `deliveries`, of each webhook that asks, and a signal
//! run     the leader takes the signals, and whose turn it is; a task a tenant
//! turn    takes what is due, as far as there are places, and sends it
//! post    sends it to a public address (`web`), and reads a little of the answer; or as a letter (`mail`)
//! record  delivered, due again later, or given up; and what it says about the webhook
//! ```
//!
//! **At least once.** Whoever takes a delivery moves its `due_at` past the longest time that sending can take, and
//! writes what came of it afterwards. A process that dies in between, or a record that is lost, leaves a delivery that is
//! sent again: under the same id, with the same bytes.
//!
//! **Nobody holds up others.** A webhook, a tenant and the process each have a number of places; the last quarter of
//! the process's is kept for tenants that have nothing on its way yet. A webhook that fails time and again is left
//! alone for a while (`open_until`), and then tried with one delivery at a time.

mod claim;
mod delivery;
mod endpoint;
mod event;
mod mail;
mod not_now;
mod options;
mod post;
mod record;
mod run;
mod schedule;
mod secret;
mod turn;
mod url_rules;
mod wake;

pub use delivery::{Attempt, Delivery, DeliveryPage, DeliveryState, SendError};
pub use endpoint::{NewWebhook, Webhook, WebhookChange, WebhookError};
pub use event::{EVENTS, is_event};
pub use mail::{BadMail, MailOptions, MailRules};
pub use options::DeliveryOptions;
pub use secret::{BadSecret, SigningSecret};
pub use url_rules::{UrlFault, UrlRules};

pub(crate) use delivery::{deliveries, delivery, redeliver, test};
pub(crate) use endpoint::{SINCE_VERSION, change, create, list, read, remove};
pub use run::run;
