//! What is the state of the whole, and what may go wrong how often?

use stateright::{Model, Property};

use crate::database::{Database, Lease};
use crate::possible::possible;
use crate::process::{End, Process};
use crate::properties;
use crate::step::step;

/// A place for a worker process, 0 or 1.
pub type Host = usize;

/// The protocol, whole or without one of its rules.
pub struct Protocol {
    pub trouble: Trouble,
    pub flaw: Option<Flaw>,
}

/// How often something still may go wrong. Everything else is progress, so no run of the model is endless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trouble {
    /// A process is killed.
    pub crashes: u8,
    /// A process stands still, for longer than its lease if need be.
    pub pauses: u8,
    /// A question or an answer never arrives.
    pub losses: u8,
    /// Somebody stops waiting for what is only late.
    pub impatience: u8,
    /// A job is cancelled by its tenant.
    pub cancels: u8,
}

impl Trouble {
    pub const NONE: Self = Self { crashes: 0, pauses: 0, losses: 0, impatience: 0, cancels: 0 };

    /// Enough for every flaw to show.
    pub const ONE_OF_EACH: Self = Self { crashes: 1, pauses: 1, losses: 1, impatience: 1, cancels: 1 };

    /// Every pair of troubles, and every trouble twice.
    pub fn pairs() -> Vec<Self> {
        let more: [fn(&mut Self); 5] = [
            |trouble| trouble.crashes += 1,
            |trouble| trouble.pauses += 1,
            |trouble| trouble.losses += 1,
            |trouble| trouble.impatience += 1,
            |trouble| trouble.cancels += 1,
        ];
        let mut pairs = Vec::new();
        for (n, one) in more.iter().enumerate() {
            for two in &more[n..] {
                let mut trouble = Self::NONE;
                one(&mut trouble);
                two(&mut trouble);
                pairs.push(trouble);
            }
        }
        pairs
    }
}

/// A rule that is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// A settle names its job only, neither worker nor lease.
    NoFence,
    /// A rescue settles the jobs of a worker that is late without marking it lost first.
    RescuesWithoutMarking,
    /// A claim does not look whether its worker was given up.
    ClaimsThoughLost,
    /// A settle that is asked again does not know that it counted.
    ForgetsWhoSettled,
    /// A worker whose settle had no answer takes the next heartbeat's word for it that the lease was lost.
    DropsWhatTheBeatMisses,
}

/// Everything there is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub database: Database,
    pub hosts: [Process; 2],
    /// What is on its way, sorted, since the network keeps no order.
    pub network: Vec<Message>,
    pub trouble: Trouble,
}

impl State {
    pub fn all_ended(&self) -> bool {
        self.database.jobs.iter().all(|row| row.state.is_final())
    }
}

/// Something on its way between a process and the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Message {
    /// A life asks for a job. Nobody may be waiting for the answer any more.
    Claim { life: usize, reply_to: Option<Host> },
    /// What it got.
    Claimed { host: Host, lease: Option<Lease> },
    /// A worker, or a rescuer in its place, settles.
    Settle { lease: Lease, end: End, reply_to: Option<Host> },
    /// Whether that counted.
    Settled { host: Host, counted: bool },
}

impl Message {
    /// Who waits for this, or for the answer to it.
    pub fn awaited_by(&self) -> Option<Host> {
        match *self {
            Self::Claim { reply_to, .. } | Self::Settle { reply_to, .. } => reply_to,
            Self::Claimed { host, .. } | Self::Settled { host, .. } => Some(host),
        }
    }
}

/// One step of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Start(Host),
    AskForJob(Host),
    Finish(Host, End),
    AskAgain(Host),
    StopWaitingForJob(Host),
    Beat(Host),
    HandBack(Host, Lease),
    Crash(Host),
    Pause(Host),
    Resume(Host),
    LeaseRunsOut(usize),
    Rescue(usize),
    Cancel(usize),
    Deliver(Message),
    Lose(Message),
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            database: Database::with_two_jobs(),
            hosts: [Process::Down; 2],
            network: Vec::new(),
            trouble: self.trouble,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        possible(state, self.flaw, actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        step(&mut next, action, self.flaw);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
