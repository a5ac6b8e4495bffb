//! `esteira child`: how does an attempt begin? The engine's child serves one assignment.

use std::process::ExitCode;

/// Serves one assignment from standard input.
pub fn run() -> ExitCode {
    esteira_engine::child::main(crate::kinds::all())
}
