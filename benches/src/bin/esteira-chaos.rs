//! `esteira` as chaos runs it: the whole command line, with one kind whose jobs end as their inputs say.

use std::process::ExitCode;

fn main() -> ExitCode {
    esteira_cli::main(esteira_benches::work::kinds)
}
