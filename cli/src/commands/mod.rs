//! Which commands are there? A file each.

mod api;
mod archive;
mod artifact;
mod batch;
mod child;
mod config;
mod doctor;
mod document;
mod file;
mod health;
mod job;
mod key;
mod kind;
mod kind_settings;
mod migrate;
mod models;
mod options;
mod queue;
mod schedule;
mod scheduler;
mod search;
mod tenant;
mod top;
mod up;
mod usage;
mod webhook;
mod whoami;
mod worker;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

/// A command of the binary.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start everything on this machine: Postgres, S3, API, worker and scheduler
    Up(up::Up),
    /// Serve the HTTP API
    Api(api::Api),
    /// Claim jobs and run them; list, drain and resume workers
    Worker(worker::Worker),
    /// Submit the jobs of schedules when they are due
    Scheduler(scheduler::Scheduler),
    /// Bring the database to this version
    Migrate(migrate::Migrate),
    /// Show the settings
    Config(config::ConfigCommand),
    /// Look whether a role has what it needs, and say how to mend it
    Doctor(doctor::Doctor),
    /// Make, list, show, limit, suspend, resume, export, import and delete tenants, and say who may submit for them by SQL
    Tenant(tenant::Tenant),
    /// Make, list and revoke the keys of a tenant; list and revoke those of operators
    Key(key::Key),
    /// Show whose key this is, and what it may do
    Whoami(whoami::Whoami),
    /// Bring files, and fetch them
    File(file::File),
    /// Submit jobs and follow them
    Job(job::Job),
    /// Submit many jobs at once
    Batch(batch::Batch),
    /// See what waits and runs; pause and resume
    Queue(queue::Queue),
    /// See what waits and runs, and the workers, live in a terminal
    Top(top::Top),
    /// Fetch what a job made
    Artifact(artifact::Artifact),
    /// Have jobs submitted at the times of a cron text
    Schedule(schedule::Schedule),
    /// Be told at an address when jobs end
    Webhook(webhook::Webhook),
    /// Find pages and recordings by what they say; fill a search server anew
    Search(search::Search),
    /// List and show what jobs read
    Document(document::Document),
    /// Read the manual of a kind
    Kind(kind::Kind),
    /// List, import, fetch and check the models of the local transcription
    Models(models::Models),
    /// See what a tenant used, by day and kind, and what it keeps
    Usage(usage::Usage),
    /// Ask a server whether it lives and can work
    Health(health::Health),
    /// Run one attempt; workers start this
    #[command(hide = true)]
    Child,
}

impl Command {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::Up(command) => command.run(),
            Self::Api(command) => command.run(),
            Self::Worker(command) => command.run(),
            Self::Scheduler(command) => command.run(),
            Self::Migrate(command) => command.run(),
            Self::Config(command) => command.run(),
            Self::Doctor(command) => command.run(),
            Self::Tenant(command) => command.run(),
            Self::Key(command) => command.run(),
            Self::Whoami(command) => command.run(),
            Self::File(command) => command.run(),
            Self::Job(command) => command.run(),
            Self::Batch(command) => command.run(),
            Self::Queue(command) => command.run(),
            Self::Top(command) => command.run(),
            Self::Artifact(command) => command.run(),
            Self::Schedule(command) => command.run(),
            Self::Webhook(command) => command.run(),
            Self::Search(command) => command.run(),
            Self::Document(command) => command.run(),
            Self::Kind(command) => command.run(),
            Self::Models(command) => command.run(),
            Self::Usage(command) => command.run(),
            Self::Health(command) => command.run(),
            Self::Child => Ok(child::run()),
        }
    }
}
