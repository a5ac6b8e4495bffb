//! Which faults are there, and what is each called in the report?

mod database;
mod network;
mod process;
mod store;

use anyhow::Result;
use clap::ValueEnum;
use rand::rngs::StdRng;

use super::site::Site;

/// What came of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Struck {
    /// It happened, and its cause is mended.
    Hit,
    /// This machine cannot have it, for this reason.
    Skipped(&'static str),
}

/// Something that goes wrong in production sooner or later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Fault {
    BackendsTerminated,
    ConnectionLimit,
    PostgresCrash,
    PostgresFailover,
    PostgresRestart,
    WalDiskFull,
    DatabaseAnswersLost,
    ConnectionsCut,
    ConnectionsHalfOpen,
    DatabaseHangs,
    DatabaseSlow,
    WorkerCutOff,
    S3AnswersLost,
    S3Errors,
    S3Hangs,
    ApiKilled,
    ApiRestarted,
    WorkDiskFull,
    WorkerClockOff,
    WorkerKilled,
    WorkerStopped,
    WorkersRolled,
}

impl Fault {
    /// What stands below the processes: faults of these come one after another.
    pub const BELOW: [Self; 15] = [
        Self::BackendsTerminated,
        Self::ConnectionLimit,
        Self::PostgresCrash,
        Self::PostgresFailover,
        Self::PostgresRestart,
        Self::WalDiskFull,
        Self::DatabaseAnswersLost,
        Self::ConnectionsCut,
        Self::ConnectionsHalfOpen,
        Self::DatabaseHangs,
        Self::DatabaseSlow,
        Self::WorkerCutOff,
        Self::S3AnswersLost,
        Self::S3Errors,
        Self::S3Hangs,
    ];

    /// The processes themselves: faults of these come one after another, beside the others.
    pub const OF_PROCESSES: [Self; 7] = [
        Self::ApiKilled,
        Self::ApiRestarted,
        Self::WorkDiskFull,
        Self::WorkerClockOff,
        Self::WorkerKilled,
        Self::WorkerStopped,
        Self::WorkersRolled,
    ];

    /// Its name in the report, and on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Makes it happen, and mends its cause.
    pub async fn strike(self, site: &Site, rng: &mut StdRng) -> Result<Struck> {
        match self {
            Self::BackendsTerminated => database::terminate_backends(site).await,
            Self::ConnectionLimit => database::reach_connection_limit(site, rng).await,
            Self::PostgresCrash => database::crash(site, rng).await,
            Self::PostgresFailover => database::fail_over(site, rng).await,
            Self::PostgresRestart => database::restart(site, rng).await,
            Self::WalDiskFull => database::fill_wal_disk(site, rng).await,
            Self::DatabaseAnswersLost => network::lose_answers(site, rng).await,
            Self::ConnectionsCut => network::cut(site, rng).await,
            Self::ConnectionsHalfOpen => network::leave_half_open(site, rng),
            Self::DatabaseHangs => network::hang(site, rng).await,
            Self::DatabaseSlow => network::slow_down(site, rng).await,
            Self::WorkerCutOff => network::cut_worker_off(site, rng).await,
            Self::S3AnswersLost => store::lose_answers(site, rng).await,
            Self::S3Errors => store::answer_errors(site, rng).await,
            Self::S3Hangs => store::hang(site, rng).await,
            Self::ApiKilled => process::kill_api(site, rng).await,
            Self::ApiRestarted => process::restart_api(site).await,
            Self::WorkDiskFull => process::fill_work_disk(site, rng).await,
            Self::WorkerClockOff => process::set_clock_off(site, rng).await,
            Self::WorkerKilled => process::kill_workers(site, rng).await,
            Self::WorkerStopped => process::stop_worker(site, rng).await,
            Self::WorkersRolled => process::roll_workers(site, rng).await,
        }
    }
}
