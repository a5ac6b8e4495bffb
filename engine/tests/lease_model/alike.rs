//! Which states are alike? Those that differ in names only: of the two places for a process, and of lives.

use crate::database::Lease;
use crate::process::{Process, Slot};
use crate::protocol::{Message, State};

/// One state for all that are alike.
pub fn representative(state: &State) -> State {
    let mut state = state.clone();
    if nameless(&state.hosts[1]) < nameless(&state.hosts[0]) {
        state.hosts.swap(0, 1);
        for message in &mut state.network {
            rename_host(message);
        }
    }
    rename_lives(&mut state);
    state.network.sort_unstable();
    state
}

/// What tells the processes apart, but for names.
fn nameless(process: &Process) -> impl Ord {
    match *process {
        Process::Down => (0, false, 0, 0, 0),
        Process::Up { paused, slot, .. } => match slot {
            Slot::Idle => (1, paused, 0, 0, 0),
            Slot::Waiting => (1, paused, 1, 0, 0),
            Slot::Running(lease) => (1, paused, 2, lease.job, lease.number),
            Slot::Settling { lease, .. } => (1, paused, 3, lease.job, lease.number),
        },
    }
}

fn rename_host(message: &mut Message) {
    match message {
        Message::Claim { reply_to: Some(host), .. }
        | Message::Settle { reply_to: Some(host), .. }
        | Message::Claimed { host, .. }
        | Message::Settled { host, .. } => *host = 1 - *host,
        Message::Claim { reply_to: None, .. } | Message::Settle { reply_to: None, .. } => {}
    }
}

/// Numbers the lives in the order in which they are met. Those that nobody names any more are left out.
fn rename_lives(state: &mut State) {
    let mut met = Vec::new();
    let mut rename = |life: &mut usize| {
        let at = met.iter().position(|known| known == life).unwrap_or_else(|| {
            met.push(*life);
            met.len() - 1
        });
        *life = at;
    };
    for process in &mut state.hosts {
        if let Process::Up { life, slot, .. } = process {
            rename(life);
            if let Slot::Running(Lease { life, .. }) | Slot::Settling { lease: Lease { life, .. }, .. } = slot
            {
                rename(life);
            }
        }
    }
    for row in &mut state.database.jobs {
        row.holder.iter_mut().for_each(&mut rename);
    }
    for message in &mut state.network {
        match message {
            Message::Claim { life, .. }
            | Message::Claimed { lease: Some(Lease { life, .. }), .. }
            | Message::Settle { lease: Lease { life, .. }, .. } => rename(life),
            Message::Claimed { lease: None, .. } | Message::Settled { .. } => {}
        }
    }
    state.database.lives = met.into_iter().map(|life| state.database.lives[life]).collect();
}
