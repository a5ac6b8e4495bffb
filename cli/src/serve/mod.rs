//! How does this process serve? Settings become an engine, the engine gets a door and hands.

mod descriptors;
mod embedded;
mod listen;
mod parts;
mod process;
mod roles;
mod signals;

pub use embedded::Embedded;
pub use listen::{ListenError, listen};
pub use parts::{api_options, migrate_options, open_database, open_engine, open_store};
pub use process::to_the_end;
pub use roles::{check_api, run_all, run_api, run_scheduler, run_worker};
pub use signals::{Stop, on_signal};
