//! What does a step change?

use crate::database::LifeRow;
use crate::process::{End, Process, Slot};
use crate::protocol::{Action, Flaw, Host, Message, State};

pub fn step(state: &mut State, action: Action, flaw: Option<Flaw>) {
    match action {
        Action::Start(host) => {
            let life = state.database.register();
            state.hosts[host] = Process::Up { life, paused: false, slot: Slot::Idle };
        }
        Action::AskForJob(host) => {
            let life = life_of(state, host);
            state.network.push(Message::Claim { life, reply_to: Some(host) });
            set_slot(state, host, Slot::Waiting);
        }
        Action::StopWaitingForJob(host) => {
            stop_waiting(state, host);
            set_slot(state, host, Slot::Idle);
        }
        Action::Finish(host, end) => finish(state, host, end),
        Action::AskAgain(host) => ask_again(state, host, flaw),
        Action::Beat(host) => beat(state, host),
        Action::HandBack(host, lease) => {
            if state.network.iter().any(|message| message.awaited_by() == Some(host)) {
                state.trouble.impatience -= 1;
            }
            state.database.settle(&lease, End::Released, flaw);
        }
        Action::Crash(host) => {
            state.trouble.crashes -= 1;
            forget_who_asked(state, host);
            state.hosts[host] = Process::Down;
        }
        Action::Pause(host) => {
            state.trouble.pauses -= 1;
            set_paused(state, host, true);
        }
        Action::Resume(host) => set_paused(state, host, false),
        Action::LeaseRunsOut(life) => state.database.lives[life] = LifeRow::Alive { lease_ran_out: true },
        Action::Rescue(life) => rescue(state, life, flaw),
        Action::Cancel(job) => {
            state.trouble.cancels -= 1;
            state.database.cancel(job);
        }
        Action::Deliver(message) => {
            take(state, &message);
            deliver(state, message, flaw);
        }
        Action::Lose(message) => {
            state.trouble.losses -= 1;
            take(state, &message);
        }
    }
    state.network.sort_unstable();
}

fn deliver(state: &mut State, message: Message, flaw: Option<Flaw>) {
    match message {
        Message::Claim { life, reply_to } => {
            let lease = state.database.claim(life, flaw);
            state.network.extend(reply_to.map(|host| Message::Claimed { host, lease }));
        }
        Message::Claimed { host, lease } => {
            set_slot(state, host, lease.map_or(Slot::Idle, Slot::Running));
        }
        Message::Settle { lease, end, reply_to } => {
            let counted = state.database.settle(&lease, end, flaw);
            state.network.extend(reply_to.map(|host| Message::Settled { host, counted }));
            if end == End::WorkerLost {
                deregister(state, lease.life, flaw);
            }
        }
        Message::Settled { host, counted } => {
            if !counted {
                drop_files(state, host);
            }
            set_slot(state, host, Slot::Idle);
        }
    }
}

/// The files of a success go into the store before the settle is asked for.
fn finish(state: &mut State, host: Host, end: End) {
    let Some((_, Slot::Running(lease))) = state.hosts[host].awake() else { return };
    let row = &mut state.database.jobs[lease.job];
    if end == End::Succeeded && row.lease == lease.number {
        row.files_of = Some(lease.number);
    }
    state.network.push(Message::Settle { lease, end, reply_to: Some(host) });
    set_slot(state, host, Slot::Settling { lease, end, missed: false });
}

fn ask_again(state: &mut State, host: Host, flaw: Option<Flaw>) {
    let Some((_, Slot::Settling { lease, end, missed })) = state.hosts[host].awake() else { return };
    stop_waiting(state, host);
    if missed && flaw == Some(Flaw::DropsWhatTheBeatMisses) {
        drop_files(state, host);
        set_slot(state, host, Slot::Idle);
        return;
    }
    state.network.push(Message::Settle { lease, end, reply_to: Some(host) });
}

/// A heartbeat: renews the lease, or begins a new life, and stops what is not this worker's any more. An
/// attempt that has ended is not stopped: only the answer to its settle tells what became of it.
fn beat(state: &mut State, host: Host) {
    let Some((life, slot)) = state.hosts[host].awake() else { return };
    match &mut state.database.lives[life] {
        LifeRow::Alive { lease_ran_out } => *lease_ran_out = false,
        LifeRow::Lost | LifeRow::Gone => {
            let life = state.database.register();
            state.hosts[host] = Process::Up { life, paused: false, slot };
        }
    }
    let life = life_of(state, host);
    match slot {
        Slot::Running(lease) if !state.database.leases_of(life).any(|named| named == lease) => {
            set_slot(state, host, Slot::Idle);
        }
        Slot::Running(lease) if state.database.jobs[lease.job].cancel_requested => {
            finish(state, host, End::Cancelled);
        }
        Slot::Settling { lease, end, .. } => {
            let missed = !state.database.leases_of(life).any(|named| named == lease);
            set_slot(state, host, Slot::Settling { lease, end, missed });
        }
        Slot::Running(_) | Slot::Idle | Slot::Waiting => {}
    }
}

/// Marks a life as lost and sets out to settle its jobs, one transaction each.
fn rescue(state: &mut State, life: usize, flaw: Option<Flaw>) {
    if flaw != Some(Flaw::RescuesWithoutMarking) {
        state.database.lives[life] = LifeRow::Lost;
    }
    let settles = state.database.leases_of(life).map(|lease| Message::Settle {
        lease,
        end: End::WorkerLost,
        reply_to: None,
    });
    for settle in settles.collect::<Vec<_>>() {
        if !state.network.contains(&settle) {
            state.network.push(settle);
        }
    }
    deregister(state, life, flaw);
}

/// A rescuer removes a life that holds nothing any more.
fn deregister(state: &mut State, life: usize, flaw: Option<Flaw>) {
    let given_up = match state.database.lives[life] {
        LifeRow::Alive { lease_ran_out } => lease_ran_out && flaw == Some(Flaw::RescuesWithoutMarking),
        LifeRow::Lost | LifeRow::Gone => true,
    };
    if given_up && state.database.leases_of(life).next().is_none() {
        state.database.lives[life] = LifeRow::Gone;
    }
}

/// Whatever this lease has stored is nobody's.
fn drop_files(state: &mut State, host: Host) {
    if let Some((_, Slot::Settling { lease, .. })) = state.hosts[host].awake() {
        state.database.jobs[lease.job].files_of.take_if(|number| *number == lease.number);
    }
}

/// From here on an answer finds nobody; where one was still to come, that was impatient.
fn stop_waiting(state: &mut State, host: Host) {
    if state.network.iter().any(|message| message.awaited_by() == Some(host)) {
        state.trouble.impatience -= 1;
    }
    forget_who_asked(state, host);
}

/// The connection is gone: a question may still be answered, to nobody.
fn forget_who_asked(state: &mut State, host: Host) {
    state.network.retain(|message| {
        !matches!(message, Message::Claimed { host: of, .. } | Message::Settled { host: of, .. } if *of == host)
    });
    for message in &mut state.network {
        if let Message::Claim { reply_to, .. } | Message::Settle { reply_to, .. } = message
            && *reply_to == Some(host)
        {
            *reply_to = None;
        }
    }
}

fn take(state: &mut State, message: &Message) {
    if let Some(at) = state.network.iter().position(|other| other == message) {
        state.network.remove(at);
    }
}

fn life_of(state: &State, host: Host) -> usize {
    match state.hosts[host] {
        Process::Up { life, .. } => life,
        Process::Down => usize::MAX,
    }
}

fn set_slot(state: &mut State, host: Host, new: Slot) {
    if let Process::Up { slot, .. } = &mut state.hosts[host] {
        *slot = new;
    }
}

fn set_paused(state: &mut State, host: Host, new: bool) {
    if let Process::Up { paused, .. } = &mut state.hosts[host] {
        *paused = new;
    }
}
