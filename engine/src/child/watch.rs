//! When must a child be ended? Its clocks: deadline, stall, and the grace between TERM and KILL.

use std::time::Duration;

use rustix::process::Signal;
use tokio::time::Instant;

use super::diagnose::Stop;
use super::process::Leader;
use super::protocol::Report;

/// How long an attempt may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the start of the attempt to its end.
    pub deadline: Duration,
    /// Between two signs of progress: a start, a progress report, a checkpoint, an artifact. Log lines are none.
    pub stall: Duration,
    /// From TERM to KILL. A cancel must take effect within two seconds.
    pub grace: Duration,
}

impl Limits {
    /// A grace that leaves a cancel time to arrive.
    pub const GRACE: Duration = Duration::from_secs(1);
}

/// Longer than any process lives, and short enough for every clock.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// The instant `time` from `instant`; a submitted timeout may be any number.
fn after(instant: Instant, time: Duration) -> Instant {
    instant + time.min(NEVER)
}

/// The clocks of one attempt, and what has been done about them.
pub(super) struct Watch {
    limits: Limits,
    deadline: Instant,
    stall: Instant,
    leave: Option<Instant>,
    kill: Option<Instant>,
    killed: bool,
    /// Why the worker ended the child, if it did.
    pub stop: Option<Stop>,
}

impl Watch {
    pub fn new(begun: Instant, limits: Limits) -> Self {
        Self {
            limits,
            deadline: after(begun, limits.deadline),
            stall: after(begun, limits.stall),
            leave: None,
            kill: None,
            killed: false,
            stop: None,
        }
    }

    /// When something must be done next, whatever the child says.
    pub fn next(&self) -> Instant {
        match (self.killed, self.kill) {
            (true, _) => after(Instant::now(), NEVER),
            (false, Some(kill)) => kill,
            (false, None) => self.leave.unwrap_or(self.deadline.min(self.stall)),
        }
    }

    pub fn heard(&mut self, report: &Report) {
        if !matches!(report, Report::Log { .. }) {
            self.stall = after(Instant::now(), self.limits.stall);
        }
    }

    /// The result is known: leaving takes no longer than the grace.
    pub fn said_all(&mut self) {
        self.leave.get_or_insert(after(Instant::now(), self.limits.grace));
    }

    /// Begins the end for the first reason: TERM to the group now, KILL after the grace. A child that
    /// talks nonsense gets no grace.
    pub fn stop(&mut self, reason: Stop, leader: &Leader) {
        if self.stop.is_some() {
            return;
        }
        self.stop = Some(reason);
        if matches!(reason, Stop::Bad(_) | Stop::Lingering) {
            return self.kill(leader);
        }
        leader.signal(Signal::TERM);
        self.kill = Some(after(Instant::now(), self.limits.grace));
    }

    fn kill(&mut self, leader: &Leader) {
        leader.signal(Signal::KILL);
        self.killed = true;
    }

    /// The next of the clocks has run out.
    pub fn rings(&mut self, leader: &Leader) {
        let now = Instant::now();
        if self.stop.is_some() {
            self.kill(leader);
        } else if let Some(leave) = self.leave {
            // The result is there, and no clock but this one takes it away again.
            if now >= leave {
                self.stop(Stop::Lingering, leader);
            }
        } else if now >= self.deadline {
            self.stop(Stop::Deadline(self.limits.deadline), leader);
        } else if now >= self.stall {
            self.stop(Stop::Stall(self.limits.stall), leader);
        }
    }
}
