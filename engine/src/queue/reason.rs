//! What can a job that waits be waiting for? Every reason that holds, in the order in which they count.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::id::JobId;
use crate::job::JobState;

/// Jobs ahead are counted up to here, along the index of the lane: a thousand or a million, it will take a while.
pub const AHEAD_COUNTED: i64 = 1000;

/// One thing that a job waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Other jobs of its tenant that have to succeed first.
    Dependency {
        /// Which.
        jobs: Vec<JobId>,
    },
    /// Its time: of the submit, or of the next attempt.
    Time {
        /// When it comes.
        until: DateTime<Utc>,
        /// Whether an attempt went before.
        retry: bool,
    },
    /// Its tenant is suspended.
    TenantSuspended,
    /// An operator has paused what it belongs to.
    Pause {
        /// Whether the pause is for its tenant alone.
        of_tenant: bool,
        /// Whether the pause is for its kind alone.
        of_kind: bool,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// As many jobs of its tenant run as may.
    TenantCap {
        /// How many run.
        running: i64,
        /// How many may.
        max_running: i32,
    },
    /// Jobs of its own tenant and kind that are to run before it.
    OwnWork {
        /// How many; [`AHEAD_COUNTED`] means so many or more.
        ahead: i64,
    },
    /// No live worker takes jobs of its kind.
    NoWorker,
    /// A slot of its kind.
    Slot {
        /// How many there are in live workers.
        slots: i64,
        /// Whether all of them are busy; if not, it is about to start.
        all_busy: bool,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dependency { jobs } => write!(f, "other jobs have to succeed first: {}", some_of(jobs)),
            Self::Time { until, .. } if *until <= Utc::now() => {
                write!(f, "its time has come; it is queued in about a second")
            }
            Self::Time { until, retry: false } => write!(f, "its time comes at {}", second(*until)),
            Self::Time { until, retry: true } => write!(f, "its next attempt comes at {}", second(*until)),
            Self::TenantSuspended => write!(f, "its tenant is suspended"),
            Self::Pause { of_tenant, of_kind, since } => {
                let what = match (of_tenant, of_kind) {
                    (true, true) => "the tenant's jobs of this kind are",
                    (true, false) => "the tenant is",
                    (false, true) => "the kind is",
                    (false, false) => "everything is",
                };
                write!(f, "{what} paused since {}", second(*since))
            }
            Self::TenantCap { running, max_running } => {
                write!(f, "the tenant runs {running} of at most {max_running} jobs")
            }
            Self::OwnWork { ahead: 1 } => write!(f, "1 job of its tenant and kind is before it"),
            Self::OwnWork { ahead } => {
                let more = if *ahead >= AHEAD_COUNTED { " or more" } else { "" };
                write!(f, "{ahead}{more} jobs of its tenant and kind are before it")
            }
            Self::NoWorker => write!(f, "no live worker takes jobs of its kind"),
            Self::Slot { slots, all_busy: true } => write!(f, "all slots of its kind are busy: {slots}"),
            Self::Slot { slots, all_busy: false } => {
                write!(f, "not all slots of its kind are busy ({slots} in all): it is about to start")
            }
        }
    }
}

/// What the reasons are drawn from.
pub(super) struct Facts {
    pub state: JobState,
    pub ready_at: DateTime<Utc>,
    pub attempt: i16,
    pub needs: Vec<JobId>,
    pub suspended: bool,
    pub pauses: Vec<Reason>,
    pub max_running: Option<i32>,
    pub tenant_running: i64,
    pub ahead: i64,
    pub slots: i64,
    pub busy: i64,
}

/// Draws the reasons from the facts.
pub(super) fn reasons(facts: Facts) -> Vec<Reason> {
    let mut reasons = Vec::new();
    match facts.state {
        JobState::Blocked => reasons.push(Reason::Dependency { jobs: facts.needs }),
        JobState::Scheduled => {
            reasons.push(Reason::Time { until: facts.ready_at, retry: facts.attempt > 0 });
        }
        _ => {}
    }
    if facts.suspended {
        reasons.push(Reason::TenantSuspended);
    }
    reasons.extend(facts.pauses);
    if facts.state != JobState::Queued {
        return reasons;
    }
    if let Some(max_running) = facts.max_running.filter(|most| facts.tenant_running >= i64::from(*most)) {
        reasons.push(Reason::TenantCap { running: facts.tenant_running, max_running });
    }
    if facts.ahead > 0 {
        reasons.push(Reason::OwnWork { ahead: facts.ahead });
    }
    let (slots, all_busy) = (facts.slots, facts.busy >= facts.slots);
    if slots == 0 {
        reasons.push(Reason::NoWorker);
    } else if all_busy || reasons.is_empty() {
        reasons.push(Reason::Slot { slots, all_busy });
    }
    reasons
}

/// The first of some jobs, and how many more there are: a sentence is no list.
fn some_of(jobs: &[JobId]) -> String {
    const NAMED: usize = 3;
    let named: Vec<String> = jobs.iter().take(NAMED).map(ToString::to_string).collect();
    match jobs.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn second(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queued() -> Facts {
        Facts {
            state: JobState::Queued,
            ready_at: DateTime::UNIX_EPOCH,
            attempt: 0,
            needs: Vec::new(),
            suspended: false,
            pauses: Vec::new(),
            max_running: None,
            tenant_running: 0,
            ahead: 0,
            slots: 2,
            busy: 1,
        }
    }

    #[test]
    fn a_job_that_nothing_holds_back_is_about_to_start() {
        assert_eq!(reasons(queued()), [Reason::Slot { slots: 2, all_busy: false }]);
    }

    #[test]
    fn everything_that_holds_is_told_and_a_free_slot_is_no_reason_then() {
        let held = Facts { suspended: true, max_running: Some(1), tenant_running: 1, ahead: 3, ..queued() };
        let expected = [
            Reason::TenantSuspended,
            Reason::TenantCap { running: 1, max_running: 1 },
            Reason::OwnWork { ahead: 3 },
        ];
        assert_eq!(reasons(held), expected);
        let busy = Facts { ahead: 1, busy: 2, ..queued() };
        assert_eq!(reasons(busy), [Reason::OwnWork { ahead: 1 }, Reason::Slot { slots: 2, all_busy: true }]);
        assert_eq!(reasons(Facts { slots: 0, busy: 0, ..queued() }), [Reason::NoWorker]);
    }

    #[test]
    fn a_job_whose_time_has_not_come_waits_for_no_slot() {
        let scheduled = Facts { state: JobState::Scheduled, attempt: 1, slots: 0, ..queued() };
        assert_eq!(reasons(scheduled), [Reason::Time { until: DateTime::UNIX_EPOCH, retry: true }]);
        let jobs = vec![JobId::new()];
        let blocked = Facts { state: JobState::Blocked, needs: jobs.clone(), ..queued() };
        assert_eq!(reasons(blocked), [Reason::Dependency { jobs }]);
    }

    #[test]
    fn a_count_that_ended_early_says_so() {
        let text = |ahead| Reason::OwnWork { ahead }.to_string();
        assert_eq!(text(1), "1 job of its tenant and kind is before it");
        assert_eq!(text(AHEAD_COUNTED - 1), "999 jobs of its tenant and kind are before it");
        assert_eq!(text(AHEAD_COUNTED), "1000 or more jobs of its tenant and kind are before it");
    }
}
