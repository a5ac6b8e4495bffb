//! E-mail: how is a person told who has no server? A webhook whose address is `mailto:` gets the same events as letters.
//!
//! ```text
//! rules   to whom: addresses of domains that the operator names
//! letter  what is said: a title, a sentence, and the files of the job, attached or as links
//! office  how it goes: over the operator's SMTP server
//! ```
//!
//! All else is as with other webhooks: written by the transaction that ends the job, tried again, listed. A letter that is
//! sent twice, since the server's answer was lost, has the same `Message-ID`.

mod letter;
mod office;
mod options;
mod rules;
mod words;

pub use options::{BadMail, MailOptions};
pub use rules::MailRules;

pub(super) use letter::Told;
pub(super) use office::{Office, Posted, Reply};
pub(super) use rules::{SCHEME, address};
