//! What do the exit codes mean? They are part of the interface for scripts.

use std::process::ExitCode;

use esteira_embedded::{BinariesError, PostgresError};
use esteira_engine::migrate::MigrateError;

use crate::data_dir::DataDirError;
use crate::serve::ListenError;

/// The list for `esteira --help`.
pub const HELP: &str = "\
Exit codes:
  0  done (with --wait and `job watch`: the job succeeded)
  1  failed; the message on standard error says why
  2  the command line is wrong
  3  the job ended failed or cancelled
 10  another Esteira runs on the data folder
 11  the address to listen on is taken
 12  the data folder or the database was written by a newer version
 13  no fit Postgres server is installed";

/// The job ended `failed` or `cancelled`.
pub const JOB_DID_NOT_SUCCEED: u8 = 3;

const RUNNING_ALREADY: u8 = 10;
const ADDRESS_IN_USE: u8 = 11;
const NEWER_VERSION: u8 = 12;
const NO_POSTGRES: u8 = 13;

/// The code for an error, found along its chain of causes.
pub fn code_of(error: &anyhow::Error) -> ExitCode {
    error.chain().find_map(special_code).map_or(ExitCode::FAILURE, ExitCode::from)
}

fn special_code(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(error) = cause.downcast_ref::<DataDirError>() {
        return match error {
            DataDirError::Running { .. } => Some(RUNNING_ALREADY),
            DataDirError::Newer { .. } => Some(NEWER_VERSION),
            _ => None,
        };
    }
    if let Some(PostgresError::Binaries(_)) = cause.downcast_ref() {
        return Some(NO_POSTGRES);
    }
    if cause.is::<BinariesError>() {
        return Some(NO_POSTGRES);
    }
    if let Some(MigrateError::Newer { .. }) = cause.downcast_ref() {
        return Some(NEWER_VERSION);
    }
    match cause.downcast_ref::<ListenError>() {
        Some(error) if error.is_in_use() => Some(ADDRESS_IN_USE),
        _ => None,
    }
}
