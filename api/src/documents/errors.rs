//! Which problem is it when documents cannot be read or searched?

use std::time::Duration;

use esteira_engine::document::{ReadError, SearchError};

use crate::problem::{Code, FieldError, Problem};

/// How soon another try makes sense while a tenant is being migrated.
const MIGRATING: Duration = Duration::from_secs(60);
/// How soon after a search that took too long; another question is the better idea.
const BROAD: Duration = Duration::from_secs(5);

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Behind => behind(),
            ReadError::Database(error) => error.into(),
        }
    }
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        let said = error.to_string();
        let parameter = |name: &str| {
            Self::new(Code::InvalidParameter, "The query is refused.")
                .with_errors([FieldError::new(format!("/{name}"), said)])
        };
        match error {
            SearchError::Behind => behind(),
            SearchError::Empty
            | SearchError::TooLong { .. }
            | SearchError::OnlyWithout
            | SearchError::TooManyWithout => parameter("q"),
            SearchError::OtherQuestion => parameter("cursor"),
            SearchError::TooBroad => Self::new(
                Code::Timeout,
                "The search took too long: its words stand in too many passages. Ask for rarer ones, or name a kind.",
            )
            .with_retry_after(BROAD),
            SearchError::Database(error) => error.into(),
        }
    }
}

fn behind() -> Problem {
    tracing::warn!("a tenant's schema is older than documents: run `esteira migrate`");
    Problem::new(Code::Unavailable, "The tenant is not migrated to documents yet. Try again later.")
        .with_retry_after(MIGRATING)
}
