//! Reports as a whole: every format, templates of tenants, and the kind as the engine runs it.

#![expect(clippy::unwrap_used, reason = "what fails in a helper of a test fails the test")]

mod formats;
mod kind;
mod samples;
mod template;
