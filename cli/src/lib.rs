//! The command line of Esteira: the server in one command, its roles alone, and the client.
//!
//! Which kinds of work there are is the binary's to say: it calls [`main`] with its list.

mod client;
mod commands;
#[cfg(test)]
mod covered;
mod data_dir;
mod environment;
mod exit;
mod kinds;
mod out;
mod serve;
mod table;
mod telemetry;
mod traces;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;
pub use kinds::List;

/// Batch jobs for many tenants on one Postgres.
#[derive(Debug, Parser)]
#[command(name = "esteira", version, after_help = exit::HELP)]
struct Esteira {
    #[command(subcommand)]
    command: Command,
}

/// Does what the arguments of this process say, with these kinds.
pub fn main(kinds: List) -> ExitCode {
    kinds::set(kinds);
    match Esteira::parse().command.run() {
        Ok(code) => code,
        Err(error) => {
            out::error(&error);
            exit::code_of(&error)
        }
    }
}
