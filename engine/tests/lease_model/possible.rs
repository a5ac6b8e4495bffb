//! What can happen next?
//!
//! Nothing that changes nothing is listed, and so no run is endless: what goes wrong uses up its trouble, a
//! claim raises a lease number, a settle that counts brings its job on, and between two of those a process
//! only goes from asking to running to settling. Every run ends therefore, and where it ends nothing was
//! possible any more: that the jobs are final there is what `properties` demands.

use esteira_engine::job::JobState;

use crate::database::LifeRow;
use crate::process::{End, Process, Slot};
use crate::protocol::{Action, Flaw, Host, Message, State};

pub fn possible(state: &State, flaw: Option<Flaw>, actions: &mut Vec<Action>) {
    for host in 0..state.hosts.len() {
        of_process(state, host, flaw, actions);
    }
    if !state.all_ended() {
        of_rescuers(state, flaw, actions);
    }
    for (job, row) in state.database.jobs.iter().enumerate() {
        if state.trouble.cancels > 0 && !row.state.is_final() && !row.cancel_requested {
            actions.push(Action::Cancel(job));
        }
    }
    let mut before = None;
    for message in &state.network {
        if before.replace(message) == Some(message) {
            continue;
        }
        if arrives(state, message) {
            actions.push(Action::Deliver(*message));
        }
        if state.trouble.losses > 0 {
            actions.push(Action::Lose(*message));
        }
    }
}

/// A question always reaches the database; an answer only a process that does not stand still.
fn arrives(state: &State, message: &Message) -> bool {
    match *message {
        Message::Claim { .. } | Message::Settle { .. } => true,
        Message::Claimed { host, .. } | Message::Settled { host, .. } => state.hosts[host].awake().is_some(),
    }
}

fn of_process(state: &State, host: Host, flaw: Option<Flaw>, actions: &mut Vec<Action>) {
    let process = &state.hosts[host];
    let jobs = &state.database.jobs;
    // Late messages are followed to their end; for a process without work, dying changes nothing any more.
    let ended = state.all_ended();
    if *process == Process::Down {
        if !ended {
            actions.push(Action::Start(host));
        }
        return;
    }
    if state.trouble.crashes > 0 && !ended {
        actions.push(Action::Crash(host));
    }
    let Some((life, slot)) = process.awake() else {
        actions.push(Action::Resume(host));
        return;
    };
    if state.trouble.pauses > 0 && !ended {
        actions.push(Action::Pause(host));
    }
    let nothing_comes = !state.network.iter().any(|message| message.awaited_by() == Some(host));
    let stops_waiting = nothing_comes || state.trouble.impatience > 0;
    let believed = matches!(state.database.lives[life], LifeRow::Alive { .. });
    match slot {
        Slot::Idle if believed && jobs.iter().any(|row| row.state == JobState::Queued) => {
            actions.push(Action::AskForJob(host));
        }
        Slot::Idle => {}
        Slot::Waiting if stops_waiting => actions.push(Action::StopWaitingForJob(host)),
        Slot::Running(_) => {
            actions.push(Action::Finish(host, End::Succeeded));
            actions.push(Action::Finish(host, End::Failed));
        }
        Slot::Settling { .. } if stops_waiting => actions.push(Action::AskAgain(host)),
        Slot::Waiting | Slot::Settling { .. } => {}
    }
    if a_beat_tells_something(state, life, slot, flaw) {
        actions.push(Action::Beat(host));
    }
    for lease in state.database.leases_of(life).filter(|lease| !slot.holds(lease)) {
        // An answer that is only late is mistaken for a lost one.
        if nothing_comes || state.trouble.impatience > 0 {
            actions.push(Action::HandBack(host, lease));
        }
    }
}

fn a_beat_tells_something(state: &State, life: usize, slot: Slot, flaw: Option<Flaw>) -> bool {
    let LifeRow::Alive { lease_ran_out } = state.database.lives[life] else { return true };
    let named = |wanted| state.database.leases_of(life).any(|lease| lease == wanted);
    lease_ran_out
        || match slot {
            Slot::Running(lease) => !named(lease) || state.database.jobs[lease.job].cancel_requested,
            Slot::Settling { lease, missed, .. } => {
                flaw == Some(Flaw::DropsWhatTheBeatMisses) && !missed && !named(lease)
            }
            Slot::Idle | Slot::Waiting => false,
        }
}

fn of_rescuers(state: &State, flaw: Option<Flaw>, actions: &mut Vec<Action>) {
    for (life, row) in state.database.lives.iter().enumerate() {
        let beats = state
            .hosts
            .iter()
            .any(|process| process.awake().is_some_and(|(of_process, _)| of_process == life));
        let unrescued = state.database.leases_of(life).any(|held| {
            !state.network.iter().any(
                |message| matches!(message, Message::Settle { lease, end: End::WorkerLost, .. } if *lease == held),
            )
        });
        let rescued = state.database.leases_of(life).next().is_none();
        let marks = flaw != Some(Flaw::RescuesWithoutMarking);
        match *row {
            LifeRow::Alive { lease_ran_out: false } if !beats => actions.push(Action::LeaseRunsOut(life)),
            LifeRow::Alive { lease_ran_out: true } if marks || unrescued => {
                actions.push(Action::Rescue(life));
            }
            LifeRow::Lost if unrescued || rescued => actions.push(Action::Rescue(life)),
            _ => {}
        }
    }
}
