//! How often is the whole looked at, and what counts as starved?

use std::time::Duration;

/// The operator's settings of the look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverviewOptions {
    /// How often it is looked, where a look takes no time to speak of.
    pub every: Duration,
    /// After how long a tenant counts as starved of which nothing runs though it could.
    pub starved_after: Duration,
    /// Over how long it is looked which tenants are busiest.
    pub window: Duration,
}

impl Default for OverviewOptions {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(15),
            starved_after: Duration::from_secs(600),
            window: Duration::from_secs(3600),
        }
    }
}
