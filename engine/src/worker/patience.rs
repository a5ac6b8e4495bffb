//! What does a worker do while the database is away? It tries again, at growing distances.

use std::time::Duration;

use rand::Rng;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::db::{DatabaseError, answered};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Calls `ask` until the database answers, or `give_up` is cancelled.
///
/// # Errors
/// Any error that trying again does not mend, and the last one when it gave up.
pub(super) async fn until_answered<T, F>(
    give_up: &CancellationToken,
    mut ask: impl FnMut() -> F,
) -> Result<T, DatabaseError>
where
    F: Future<Output = Result<T, DatabaseError>>,
{
    let mut pause = FIRST;
    loop {
        match answered(ask()).await {
            Err(error) if error.is_unavailable() && !give_up.is_cancelled() => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the database is away; trying again"
                );
                let jittered = pause.mul_f64(rand::rng().random_range(0.5..1.0));
                tokio::select! {
                    () = sleep(jittered) => {}
                    () = give_up.cancelled() => {}
                }
                pause = (pause * 2).min(LONGEST);
            }
            answer => return answer,
        }
    }
}
