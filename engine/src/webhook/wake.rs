//! How does the deliverer learn that a tenant has something to be sent? By a row beside it, in the same transaction.

use crate::db::{DatabaseError, EngineTx};
use crate::tenant::Tenant;

/// Leaves a signal for the deliverer.
pub(super) async fn wake(tx: &mut EngineTx, tenant: &Tenant) -> Result<(), DatabaseError> {
    sqlx::query!("insert into esteira.webhook_signals (tenant_id) values ($1)", tenant.id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}
