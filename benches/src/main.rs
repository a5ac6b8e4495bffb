//! Esteira measured: what a job costs before its kind has done anything, and what the queue costs.
//!
//! `benches/run.sh NAME` runs this; other measurements are scripts over the binary itself.

mod api;
mod chaos;
mod clock;
mod cost;
mod fairness;
mod http;
mod manual;
mod queue;
mod start;
mod watch;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

/// What to do.
#[derive(Debug, Parser)]
enum Benches {
    /// Measure the time from a job's claim to the first line of its kind
    Start {
        /// How many jobs, one after another
        #[arg(long, default_value_t = 100)]
        jobs: u16,
        /// How many attempts of which the CPU time is measured, of forked children and of executed ones
        #[arg(long, default_value_t = 300)]
        attempts: u16,
    },
    /// Measure how fast a full queue is emptied
    Drain(queue::drain::Drain),
    /// Measure how fast jobs are taken
    Submit(queue::submit::Submit),
    /// Measure how soon a job begins on an idle queue
    Pickup(queue::pickup::Pickup),
    /// Measure how tenants are made and migrated
    Tenants(queue::tenants::Tenants),
    /// Migrate tenants until somebody kills this; a measurement of tenants starts it
    #[command(hide = true)]
    MigrateTenants(queue::tenants::run::MigrateTenants),
    /// Measure what ten thousand schedules cost, and how late they are fired
    Schedules(queue::schedules::Schedules),
    /// Measure claims and settles with many tenants, a long queue or a long history
    Flat(queue::flat::Flat),
    /// Measure hours of steady load, and what a transaction that is held open does to it
    Steady(queue::steady::Steady),
    /// Measure how evenly tenants share the slots, at a simulated time
    Fairness(fairness::simulated::Simulated),
    /// Measure how evenly tenants share the slots of real workers
    FairnessReal(fairness::real::Real),
    /// Measure how fast jobs are taken through HTTP, and by the engine alone
    Http(http::Http),
    /// Measure how soon open streams of events tell of progress
    Watch(watch::Watch),
    /// Measure what each sort of request costs where a tenant has many jobs
    Api(api::Api),
    /// Find out whether every job is accounted for after everything that can go wrong
    Chaos(chaos::Chaos),
    /// Run one attempt; the measured worker starts this
    #[command(hide = true)]
    Child,
}

fn main() -> anyhow::Result<ExitCode> {
    match Benches::parse() {
        Benches::Start { jobs, attempts } => start::measure(jobs, attempts),
        Benches::Drain(drain) => drain.measure(),
        Benches::Submit(submit) => submit.measure(),
        Benches::Pickup(pickup) => pickup.measure(),
        Benches::Tenants(tenants) => tenants.measure(),
        Benches::MigrateTenants(run) => run.run(),
        Benches::Schedules(schedules) => schedules.measure(),
        Benches::Flat(flat) => flat.measure(),
        Benches::Steady(steady) => steady.measure(),
        Benches::Fairness(simulated) => simulated.measure(),
        Benches::FairnessReal(real) => real.measure(),
        Benches::Http(http) => http.measure(),
        Benches::Watch(watch) => watch.measure(),
        Benches::Api(api) => api.measure(),
        Benches::Chaos(chaos) => chaos.measure(),
        Benches::Child => Ok(esteira_engine::child::main(clock::catalog())),
    }
}

/// The result, as the last line of output.
fn say(result: &serde_json::Value) {
    // Nobody is left to be told when the reader of a pipe has gone.
    let _reader_gone = writeln!(std::io::stdout(), "{result}");
}

/// A line about what happens, for whoever looks on.
fn tell(what: &str) {
    // Nobody is left to be told when the terminal has gone.
    let _nobody_looks_on = writeln!(std::io::stderr(), "{what}");
}
