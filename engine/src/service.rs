//! Which service works for a job, what does it call it, and when does it forget it? With the end of the job.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use crate::Engine;
use crate::id::{JobId, TenantId};
use crate::job::{CatalogEntry, KindError, Prepare};

/// What forgetting may take, so that it holds nobody up.
const FORGET: Duration = Duration::from_secs(30);

/// The half of a kind that a job of this input needs.
pub(crate) fn needed<'a>(kind: &'a CatalogEntry, input: &Value) -> Option<&'a dyn Prepare> {
    kind.kind().prepare().filter(|prepare| prepare.is_needed(input, &kind.info.settings))
}

/// Lets go of what services have of a job that is over, each of which may have it; tells whether all have. Where one has not,
/// the job's row of checkpoints stays, so that whoever prunes asks again.
pub(crate) async fn forget<'a>(
    engine: &Engine,
    tenant: TenantId,
    job: JobId,
    kinds: impl Iterator<Item = &'a CatalogEntry>,
) -> bool {
    let mut forgotten = true;
    let name = name(tenant, job);
    for kind in kinds {
        let Some(prepare) = kind.kind().prepare() else { continue };
        let forgetting = prepare.forget(&kind.info.settings, &name, engine.store.account());
        let late = |_| Err(KindError::retry("timeout", "the service did not answer in time"));
        if let Err(error) = timeout(FORGET, forgetting).await.unwrap_or_else(late) {
            forgotten = false;
            tracing::warn!(
                job.id = %job,
                error = &error as &dyn std::error::Error,
                "a service still knows a job that is over"
            );
        }
    }
    forgotten
}

/// What services call a job.
pub(crate) fn name(tenant: TenantId, job: JobId) -> String {
    format!("esteira-{tenant}-{job}")
}
