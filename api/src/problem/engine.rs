//! Which problem is it when the database or the store fails? The answers that every endpoint shares.

use std::time::Duration;

use esteira_engine::artifact::StoreError;
use esteira_engine::db::DatabaseError;

use super::{Code, Problem};

/// How soon another try makes sense when a part that we need is away.
const AWAY: Duration = Duration::from_secs(5);

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        if !error.is_unavailable() {
            return Self::internal(&error);
        }
        tracing::warn!(error = &error as &dyn std::error::Error, "the database is away");
        Self::new(Code::Unavailable, "The database is away. Nothing is lost; try again.")
            .with_retry_after(AWAY)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::warn!(error = &error as &dyn std::error::Error, "the object store failed");
        Self::new(Code::Unavailable, "The object store is away. Try again.").with_retry_after(AWAY)
    }
}
