//! Is the lease protocol right, whatever dies, sleeps or comes late? Every interleaving is tried.
//!
//! The protocol is that of `engine/src/queue` (its head tells it): two workers, two jobs, a database
//! whose verbs are atomic, and a network that delivers late or not at all. `stateright` walks all states that
//! can be reached; what is bounded is only how often something goes wrong. What a decision needs is taken from
//! the engine itself, so that retries and crashes count here as they do there.
//!
//! Each flaw is a rule taken out. That the checker then finds what goes wrong shows that the rule is needed, and
//! that the model is fine enough to see it.
#![expect(clippy::expect_used, reason = "the helpers of tests fail as tests do")]
#![expect(clippy::print_stdout, reason = "the number of states is what such a test has to tell")]

mod alike;
mod database;
mod possible;
mod process;
mod properties;
mod protocol;
mod step;

use std::collections::BTreeSet;

use alike::representative;
use properties::{CLAIMED_BY_THE_LOST, NEVER_STRANDED, PUBLISHED_ONCE, RENEWED_KEEPS, SETTLED_ONCE};
use protocol::{Flaw, Protocol, Trouble};
use stateright::{Checker, Expectation, HasDiscoveries, Model};

/// Walks every state; gives their number, and notes which of the properties that must be seen were seen.
fn explore(trouble: Trouble, seen: &mut BTreeSet<&'static str>) -> usize {
    let protocol = Protocol { trouble, flaw: None };
    let checker = protocol.checker().threads(2).symmetry_fn(representative).spawn_dfs().join();
    for property in checker.model().properties() {
        match property.expectation {
            Expectation::Sometimes => seen.extend(checker.discovery(property.name).map(|_| property.name)),
            Expectation::Always | Expectation::Eventually => checker.assert_no_discovery(property.name),
        }
    }
    let (states, steps) = (checker.unique_state_count(), checker.state_count());
    println!("{states} states, {steps} steps, at most {} in a row: {trouble:?}", checker.max_depth());
    states
}

#[test]
fn every_job_ends_once_whatever_dies_sleeps_or_comes_late() {
    let mut seen = BTreeSet::new();
    let states: usize = troubles().into_iter().map(|trouble| explore(trouble, &mut seen)).sum();
    println!("{states} states in all");
    for property in properties::all() {
        let must_be_seen = matches!(property.expectation, Expectation::Sometimes);
        assert!(!must_be_seen || seen.contains(property.name), "never seen: {}", property.name);
    }
}

/// The pairs of troubles; with `LEASE_MODEL_TROUBLES=3` also three at a time, which takes some minutes.
fn troubles() -> Vec<Trouble> {
    let mut troubles: Vec<Trouble> = Trouble::pairs().into_iter().collect();
    if std::env::var("LEASE_MODEL_TROUBLES").as_deref() == Ok("3") {
        troubles.extend([
            Trouble { cancels: 0, losses: 0, ..Trouble::ONE_OF_EACH },
            Trouble { cancels: 0, crashes: 0, ..Trouble::ONE_OF_EACH },
            Trouble { cancels: 0, impatience: 0, ..Trouble::ONE_OF_EACH },
        ]);
    }
    troubles
}

/// Looks for the shortest way to break a property, and prints it.
fn breaks(flaw: Flaw, property: &'static str) {
    let protocol = Protocol { trouble: Trouble::ONE_OF_EACH, flaw: Some(flaw) };
    let found = protocol
        .checker()
        .finish_when(HasDiscoveries::AnyOf(BTreeSet::from([property])))
        .spawn_bfs()
        .join()
        .discovery(property)
        .expect("the flaw does no harm: either it is none, or the model does not see it");
    println!("{flaw:?} breaks \"{property}\":");
    for action in found.into_actions() {
        println!("  {action:?}");
    }
}

#[test]
fn without_the_fence_a_claim_is_settled_twice() {
    breaks(Flaw::NoFence, SETTLED_ONCE);
}

#[test]
fn a_rescue_that_does_not_mark_the_worker_takes_jobs_from_one_that_lives() {
    breaks(Flaw::RescuesWithoutMarking, RENEWED_KEEPS);
}

#[test]
fn a_claim_that_does_not_look_for_the_mark_is_made_by_a_lost_worker() {
    breaks(Flaw::ClaimsThoughLost, CLAIMED_BY_THE_LOST);
}

#[test]
fn a_claim_that_does_not_look_for_the_mark_strands_its_job() {
    breaks(Flaw::ClaimsThoughLost, NEVER_STRANDED);
}

#[test]
fn a_settle_that_does_not_know_its_own_success_again_costs_the_result_its_files() {
    breaks(Flaw::ForgetsWhoSettled, PUBLISHED_ONCE);
}

#[test]
fn a_worker_that_drops_a_result_because_the_heartbeat_misses_the_job_costs_it_its_files() {
    breaks(Flaw::DropsWhatTheBeatMisses, PUBLISHED_ONCE);
}
