//! The binary `esteira`: the server in one command, its roles alone, and the client.

mod client;
mod commands;
mod data_dir;
mod exit;
mod out;
mod serve;
mod table;
mod telemetry;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;

/// Batch jobs for many tenants on one Postgres.
#[derive(Debug, Parser)]
#[command(name = "esteira", version, after_help = exit::HELP)]
struct Esteira {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Esteira::parse().command.run() {
        Ok(code) => code,
        Err(error) => {
            out::error(&error);
            exit::code_of(&error)
        }
    }
}
