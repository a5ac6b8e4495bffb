//! What must hold in every state, and what must be seen at least once?

use esteira_engine::job::{JobState, MAX_CRASHES};
use stateright::{Model, Property};

use crate::database::LifeRow;
use crate::process::{End, Process, Slot};
use crate::protocol::{Message, Protocol, State};

pub const SETTLED_ONCE: &str = "each claim is settled at most once, and by its own lease";
pub const FINAL_STAYS: &str = "a job that has ended stays as it is";
pub const PUBLISHED_ONCE: &str = "a success has one result, and its files are kept";
pub const CLAIMED_BY_THE_LOST: &str = "a worker that was given up claims nothing";
pub const RENEWED_KEEPS: &str = "a worker that renewed its lease keeps its jobs";
pub const NEVER_STRANDED: &str = "every job that runs is held by a life that somebody watches";
pub const ALL_END: &str = "where nothing can happen any more, every job has ended";
pub const BOUNDED: &str = "attempts and crashes stay within their bounds";

pub fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always(SETTLED_ONCE, |_, state| settled_once(state)),
        Property::always(FINAL_STAYS, |_, state: &State| {
            let same = |row: &crate::database::JobRow| row.ended_as.is_none_or(|first| first == row.state);
            state.database.jobs.iter().all(same)
        }),
        Property::always(PUBLISHED_ONCE, |_, state| published_once(state)),
        Property::always(CLAIMED_BY_THE_LOST, |_, state: &State| !state.database.wrongs.claimed_by_the_lost),
        Property::always(RENEWED_KEEPS, |_, state: &State| !state.database.wrongs.robbed_after_renewal),
        Property::always(NEVER_STRANDED, |_, state| never_stranded(state)),
        Property::always(ALL_END, |protocol: &Protocol, state: &State| {
            // What is on its way arrives, or arrives when its process goes on.
            state.all_ended() || !state.network.is_empty() || {
                let mut actions = Vec::new();
                protocol.actions(state, &mut actions);
                !actions.is_empty()
            }
        }),
        Property::always(BOUNDED, |_, state: &State| {
            let rows = &state.database.jobs;
            rows.iter().all(|row| (0..=2).contains(&row.attempt) && (0..MAX_CRASHES).contains(&row.crashes))
        }),
        // Without these the model could keep the others by never getting anywhere.
        Property::sometimes("both jobs succeed", |_, state: &State| {
            state.database.jobs.iter().all(|row| row.state == JobState::Succeeded)
        }),
        Property::sometimes("a settle comes too late and is refused", |_, state: &State| {
            state.network.iter().any(|message| matches!(message, Message::Settled { counted: false, .. }))
        }),
        Property::sometimes(
            "a job runs under one lease while an older attempt of it still runs",
            |_, state| two_attempts_run(state),
        ),
        Property::sometimes("a rescue is under way while the worker settles", |_, state: &State| {
            let rescue = |m: &Message| matches!(m, Message::Settle { end: End::WorkerLost, .. });
            let settle = |m: &Message| matches!(m, Message::Settle { end: End::Succeeded, .. });
            state.network.iter().any(rescue) && state.network.iter().any(settle)
        }),
    ]
}

fn settled_once(state: &State) -> bool {
    let each = state.database.jobs.iter().all(|row| {
        let open = u8::from(row.state == JobState::Running);
        row.settles + open == row.lease
    });
    each && !state.database.wrongs.settled_by_another
}

fn published_once(state: &State) -> bool {
    state.database.jobs.iter().all(|row| match row.succeeded_by {
        Some(lease) => row.state == JobState::Succeeded && row.files_of == Some(lease),
        None => row.state != JobState::Succeeded,
    })
}

fn never_stranded(state: &State) -> bool {
    state
        .database
        .jobs
        .iter()
        .filter(|row| row.state == JobState::Running)
        .all(|row| row.holder.is_some_and(|life| state.database.lives[life] != LifeRow::Gone))
}

fn two_attempts_run(state: &State) -> bool {
    let lease = |process: &Process| match process {
        Process::Up { slot: Slot::Running(lease), .. } => Some(*lease),
        _ => None,
    };
    let [one, two] = &state.hosts;
    matches!((lease(one), lease(two)), (Some(a), Some(b)) if a.job == b.job)
}
