//! Stub.
use super::super::super::error::ReadError;
use super::super::super::model::Metadata;
use super::super::output::Output;
pub fn read(_: &std::path::Path, _: &mut Output<'_>) -> Result<Metadata, ReadError> {
    Err(ReadError::malformed("stub"))
}
