//! Which faults are there, and what is each called in the report?

mod database;
mod network;
mod process;
mod store;

use anyhow::Result;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    BackendsTerminated,
    ConnectionLimit,
    PostgresCrash,
    PostgresFailover,
    PostgresRestart,
    WalDiskFull,
    AnswersLost,
    ConnectionsCut,
    ConnectionsHalfOpen,
    DatabaseHangs,
    DatabaseSlow,
    WorkerCutOff,
    StoreAnswersLost,
    StoreErrors,
    StoreHangs,
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
        Self::AnswersLost,
        Self::ConnectionsCut,
        Self::ConnectionsHalfOpen,
        Self::DatabaseHangs,
        Self::DatabaseSlow,
        Self::WorkerCutOff,
        Self::StoreAnswersLost,
        Self::StoreErrors,
        Self::StoreHangs,
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

    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::BackendsTerminated => "backends_terminated",
            Self::ConnectionLimit => "connection_limit",
            Self::PostgresCrash => "postgres_crash",
            Self::PostgresFailover => "postgres_failover",
            Self::PostgresRestart => "postgres_restart",
            Self::WalDiskFull => "wal_disk_full",
            Self::AnswersLost => "database_answers_lost",
            Self::ConnectionsCut => "connections_cut",
            Self::ConnectionsHalfOpen => "connections_half_open",
            Self::DatabaseHangs => "database_hangs",
            Self::DatabaseSlow => "database_slow",
            Self::WorkerCutOff => "worker_cut_off",
            Self::StoreAnswersLost => "s3_answers_lost",
            Self::StoreErrors => "s3_errors",
            Self::StoreHangs => "s3_hangs",
            Self::ApiKilled => "api_killed",
            Self::ApiRestarted => "api_restarted",
            Self::WorkDiskFull => "work_disk_full",
            Self::WorkerClockOff => "worker_clock_off",
            Self::WorkerKilled => "worker_killed",
            Self::WorkerStopped => "worker_stopped",
            Self::WorkersRolled => "workers_rolled",
        }
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
            Self::AnswersLost => network::lose_answers(site, rng).await,
            Self::ConnectionsCut => network::cut(site, rng).await,
            Self::ConnectionsHalfOpen => network::leave_half_open(site, rng),
            Self::DatabaseHangs => network::hang(site, rng).await,
            Self::DatabaseSlow => network::slow_down(site, rng).await,
            Self::WorkerCutOff => network::cut_worker_off(site, rng).await,
            Self::StoreAnswersLost => store::lose_answers(site, rng).await,
            Self::StoreErrors => store::answer_errors(site, rng).await,
            Self::StoreHangs => store::hang(site, rng).await,
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
