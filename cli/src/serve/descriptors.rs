//! How many connections may be open at once? As many as the system lets this process have, not as it gives to each.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit of open files to the most that is allowed: 1,024, the usual start, is fewer than the streams and
/// connections that an API may have.
pub fn raise() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}
