//! What can an operator do with the queue and its workers? Look, hold back, let go on; and see to operators' keys.

use crate::Engine;
use crate::db::DatabaseError;
use crate::id::{KeyId, WorkerId};
use crate::queue::{
    self, DrainError, Pause, PauseError, PauseTarget, QueueStats, Resumed, Signal, WorkerInfo,
};
use crate::tenant::{self, ApiKey, RevokeOperatorError, Tenant};

/// The queue as a whole, and the workers.
impl Engine {
    /// How each kind stands, over all tenants or for one. It reads every row that is counted.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn queue_stats(&self, tenant: Option<&Tenant>) -> Result<QueueStats, DatabaseError> {
        queue::stats(&self.db, &self.catalog, tenant).await
    }

    /// Keeps jobs from being claimed, until they are resumed; what runs goes on.
    ///
    /// # Errors
    /// See [`PauseError`].
    pub async fn pause(&self, target: &PauseTarget) -> Result<Pause, PauseError> {
        queue::pause(&self.db, &self.catalog, target).await
    }

    /// Takes a pause away, and tells the workers that there may be something to claim.
    ///
    /// # Errors
    /// See [`PauseError`].
    pub async fn resume(&self, target: &PauseTarget) -> Result<Resumed, PauseError> {
        let resumed = queue::resume(&self.db, &self.catalog, target).await?;
        if resumed.resumed {
            let all = self.catalog.iter().map(|entry| entry.info.name);
            for kind in all.filter(|name| target.kind.as_deref().is_none_or(|kind| kind == *name)) {
                self.notifier.send(Signal::Queued(kind.to_owned()));
            }
        }
        Ok(resumed)
    }

    /// Every worker that is registered, the oldest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn workers(&self) -> Result<Vec<WorkerInfo>, DatabaseError> {
        queue::workers(&self.db).await
    }

    /// Lets a worker finish what it runs and claim no more.
    ///
    /// # Errors
    /// See [`DrainError`].
    pub async fn drain_worker(&self, worker: WorkerId) -> Result<WorkerInfo, DrainError> {
        queue::set_draining(&self.db, worker, true).await
    }

    /// Lets a drained worker claim again, from its next heartbeat on.
    ///
    /// # Errors
    /// See [`DrainError`].
    pub async fn resume_worker(&self, worker: WorkerId) -> Result<WorkerInfo, DrainError> {
        queue::set_draining(&self.db, worker, false).await
    }
}

/// The keys of operators.
impl Engine {
    /// Every operator's key, newest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn operator_keys(&self) -> Result<Vec<ApiKey>, DatabaseError> {
        tenant::operator_keys(&self.db).await
    }

    /// How many of them are valid.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn valid_operator_keys(&self) -> Result<i64, DatabaseError> {
        tenant::valid_operator_keys(&self.db).await
    }

    /// Revokes an operator's key, unless it is the last.
    ///
    /// # Errors
    /// See [`RevokeOperatorError`].
    pub async fn revoke_operator_key(&self, key: KeyId) -> Result<(), RevokeOperatorError> {
        let revoked = tenant::revoke_operator_key(&self.db, key).await;
        self.known.forget(None);
        revoked
    }
}
