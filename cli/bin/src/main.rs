//! The binary `esteira`: the command line of `esteira-cli` with the kinds of `esteira-jobs`.
//!
//! Nothing else is here, so that a change in one kind compiles that kind and links, and leaves the rest as
//! it is.

use std::process::ExitCode;

fn main() -> ExitCode {
    esteira_cli::main(esteira_jobs::catalog)
}
