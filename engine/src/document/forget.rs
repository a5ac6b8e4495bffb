//! When do documents go? With their jobs. A search server outside is told of it by the same transaction.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::id::TenantId;

/// Deletes the documents of some jobs; gives their ids.
pub(crate) async fn forget(conn: &mut PgConnection, jobs: &[Uuid]) -> Result<Vec<Uuid>, DatabaseError> {
    sqlx::query!(
        "delete from passages where document_id in (select id from documents where job_id = any ($1))",
        jobs
    )
    .execute(&mut *conn)
    .await?;
    let gone = sqlx::query_scalar!("delete from documents where job_id = any ($1) returning id", jobs)
        .fetch_all(conn)
        .await?;
    Ok(gone)
}

/// Notes documents that came or went for the search server, if there is one. Under the engine's role.
pub(crate) async fn note(
    conn: &mut PgConnection,
    tenant: TenantId,
    documents: &[Uuid],
) -> Result<(), DatabaseError> {
    if documents.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into esteira.search_changes (tenant_id, document_id)
         select $1, changed.id from esteira.search_sinks, unnest($2::uuid[]) as changed (id)",
        tenant.0,
        documents
    )
    .execute(conn)
    .await?;
    Ok(())
}
