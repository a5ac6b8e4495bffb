//! How does a tenant go? Queue rows, objects, schema and role, in an order that can be taken up again.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{Slug, Tenant, TenantState, by_slug};
use crate::artifact::{BindError, Store, StoreError, tenant_prefix};
use crate::db::{DatabaseError, Db, become_engine, become_tenant};
use crate::document::sink::note_removal;
use crate::duty::{AbortError, abort_all};

/// A tenant could not be removed; what was done stays done, and another call goes on.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// There is none of that name.
    #[error("there is no tenant named {0}")]
    Unknown(Slug),
    /// The objects that bear its number are not known to be its own.
    #[error("the tenant's files are not in this bucket")]
    Bucket(#[source] BindError),
    /// Its objects could not be deleted.
    #[error("failed to delete the tenant's objects")]
    Store(#[from] StoreError),
    /// The database is away.
    #[error("failed to delete the tenant's rows")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for RemoveError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<AbortError> for RemoveError {
    fn from(error: AbortError) -> Self {
        match error {
            AbortError::Store(error) => Self::Store(error),
            AbortError::Database(error) => Self::Database(error),
        }
    }
}

impl From<BindError> for RemoveError {
    fn from(error: BindError) -> Self {
        match error {
            BindError::Store(error) => Self::Store(error),
            BindError::Database(error) => Self::Database(error),
            other => Self::Bucket(other),
        }
    }
}

/// Removes a tenant with all that is its.
///
/// Its running jobs lose their queue rows, so whatever they still produce cannot be settled, and
/// their workers stop them at the next heartbeat.
pub(crate) async fn remove(db: &Db, store: &Store, slug: &Slug) -> Result<Tenant, RemoveError> {
    let tenant =
        by_slug(db.pool(), slug.as_str()).await?.ok_or_else(|| RemoveError::Unknown(slug.clone()))?;
    store.check_bound(db).await?;
    let mut tx = db.begin().await?;
    sqlx::query!("update esteira.tenants set state = 'deleting' where id = $1", tenant.id.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!("delete from esteira.api_keys where tenant_id = $1", tenant.id.0).execute(tx.conn()).await?;
    sqlx::query!(
        "delete from esteira.dependencies where job_id in (select job_id from esteira.queue where tenant_id = $1)",
        tenant.id.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from esteira.queue where tenant_id = $1", tenant.id.0).execute(tx.conn()).await?;
    sqlx::query!("delete from esteira.lanes where tenant_id = $1", tenant.id.0).execute(tx.conn()).await?;
    sqlx::query!("delete from esteira.schedules where tenant_id = $1", tenant.id.0)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;

    abort_all(db, store, &tenant).await?;
    store.delete_prefix(&tenant_prefix(tenant.id)).await?;

    let mut conn = PgConnection::connect_with(db.direct()).await?;
    let mut tx = conn.begin().await?;
    become_tenant(&mut tx, &tenant).await?;
    let schema = slug.schema();
    sqlx::raw_sql(AssertSqlSafe(format!(
        "-- Without a notice of what goes with it.
         set local client_min_messages = warning; drop schema if exists \"{schema}\" cascade;"
    )))
    .execute(&mut *tx)
    .await?;
    become_engine(&mut tx).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("drop role \"{}\";", tenant.role))).execute(&mut *tx).await?;
    // A submit that had begun before the mark may have left these behind.
    sqlx::query!("delete from esteira.queue where tenant_id = $1", tenant.id.0).execute(&mut *tx).await?;
    sqlx::query!("delete from esteira.lanes where tenant_id = $1", tenant.id.0).execute(&mut *tx).await?;
    note_removal(&mut tx, &tenant).await?;
    sqlx::query!("delete from esteira.tenants where id = $1", tenant.id.0).execute(&mut *tx).await?;
    tx.commit().await?;
    conn.close().await?;
    // What an upload or an attempt that was under way has put there since.
    store.delete_prefix(&tenant_prefix(tenant.id)).await?;
    Ok(Tenant { state: TenantState::Deleting, ..tenant })
}
