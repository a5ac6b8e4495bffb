//! What do the exit codes mean? They are part of the interface for scripts.

use std::process::ExitCode;

use esteira_embedded::{BinariesError, PostgresError};
use esteira_engine::UnfitError;
use esteira_engine::artifact::BindError;
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
 13  no fit Postgres server is installed
 14  the bucket belongs to another database, or it is not known to which
 15  the database was not migrated: `esteira migrate`";

/// The job ended `failed` or `cancelled`.
pub const JOB_DID_NOT_SUCCEED: u8 = 3;

const RUNNING_ALREADY: u8 = 10;
const ADDRESS_IN_USE: u8 = 11;
const NEWER_VERSION: u8 = 12;
const NO_POSTGRES: u8 = 13;
const NOT_OUR_BUCKET: u8 = 14;
const NOT_MIGRATED: u8 = 15;

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
    if let Some(UnfitError::Behind(_)) = cause.downcast_ref() {
        return Some(NOT_MIGRATED);
    }
    match cause.downcast_ref::<BindError>() {
        None | Some(BindError::Store(_) | BindError::Database(_)) => {}
        Some(_) => return Some(NOT_OUR_BUCKET),
    }
    match cause.downcast_ref::<ListenError>() {
        Some(error) if error.is_in_use() => Some(ADDRESS_IN_USE),
        _ => None,
    }
}
