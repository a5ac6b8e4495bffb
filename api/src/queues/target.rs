//! What is to be paused or resumed? A tenant, a kind, both, or everything.

use esteira_engine::queue::{PauseError, PauseTarget};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::problem::Problem;

impl From<PauseError> for Problem {
    fn from(error: PauseError) -> Self {
        match error {
            PauseError::UnknownTenant(_) => Self::value("/tenant", "there is no such tenant"),
            PauseError::UnknownKind(kind) => Self::unknown_kind(&kind),
            PauseError::Database(error) => error.into(),
        }
    }
}

/// Which jobs are meant; `{}` means all.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "video.generate"}))]
pub(super) struct Target {
    /// The jobs of this tenant.
    tenant: Option<String>,
    /// The jobs of this kind.
    #[schema(example = "video.generate")]
    kind: Option<String>,
}

impl TryFrom<Target> for PauseTarget {
    type Error = Problem;

    fn try_from(target: Target) -> Result<Self, Problem> {
        let Target { tenant, kind } = target;
        let tenant = tenant.map(|slug| slug.parse()).transpose();
        // What cannot be a slug is no tenant's.
        let tenant = tenant.map_err(|error| Problem::value("/tenant", format!("{error}")))?;
        Ok(Self { tenant, kind })
    }
}
