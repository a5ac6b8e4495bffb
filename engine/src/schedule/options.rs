//! How are schedules looked after? How often, how late, and how much at once.

use std::time::Duration;

/// The operator's settings of schedules.
#[derive(Debug, Clone)]
pub struct ScheduleOptions {
    /// How long whoever leads may be silent before somebody else takes over.
    pub lease: Duration,
    /// The longest time between two looks, in which a schedule that was just made may be late. What is known to be
    /// due is looked at in its moment.
    pub poll: Duration,
    /// How late a due instant may be looked at without counting as missed: longer than a change of leaders takes.
    pub grace: Duration,
    /// Schedules that are fired by one transaction.
    pub batch: usize,
    /// Runs of one schedule that may wait for the one before.
    pub most_waiting: usize,
    /// After so long a schedule is looked at again that could not be fired.
    pub put_off: Duration,
}

impl Default for ScheduleOptions {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(15),
            poll: Duration::from_secs(1),
            grace: Duration::from_secs(60),
            batch: 50,
            most_waiting: 100,
            put_off: Duration::from_secs(30),
        }
    }
}
