//! Which problem is it when the database or the store fails? The answers that every endpoint shares.

use esteira_engine::artifact::StoreError;
use esteira_engine::db::DatabaseError;

use super::{Code, Problem};

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        if !error.is_unavailable() {
            return Self::internal(&error);
        }
        tracing::warn!(error = &error as &dyn std::error::Error, "the database is away");
        Self::new(Code::Unavailable, "The database is away. Nothing is lost; try again.")
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::warn!(error = &error as &dyn std::error::Error, "the object store failed");
        Self::new(Code::Unavailable, "The object store is away. Try again.")
    }
}
