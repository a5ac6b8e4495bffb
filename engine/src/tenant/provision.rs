//! How is a tenant made? A row, a role, a schema of that role, and the tables: in one transaction.

use std::fmt::Write;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{Limits, LimitsChange, Slug, Tenant, by_slug};
use crate::db::{DatabaseError, Db};
use crate::migrate::{MigrateError, migrate_tenant, powerless};

/// A tenant could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// There is one of that name.
    #[error("a tenant named {0} exists already")]
    Exists(Slug),
    /// The engine's role may not make the tenant's.
    #[error("the database role {0} may not create roles: let a superuser run `alter role {0} createrole`")]
    NoCreateRole(String),
    /// Its tables could not be made.
    #[error("failed to make the tenant's tables")]
    Migrate(#[from] MigrateError),
    /// The database is away.
    #[error("failed to make the tenant")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for CreateError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Makes a tenant, ready for use.
pub(crate) async fn create(db: &Db, slug: &Slug, limits: &LimitsChange) -> Result<Tenant, CreateError> {
    let mut conn = PgConnection::connect_with(db.direct()).await?;
    let mut tx = conn.begin().await?;
    if let Some(role) = powerless(&mut tx).await? {
        return Err(CreateError::NoCreateRole(role));
    }
    let taken = |error: sqlx::Error| {
        let error = DatabaseError::from(error);
        if error.constraint() == Some("tenants_slug_unique") {
            CreateError::Exists(slug.clone())
        } else {
            error.into()
        }
    };
    // Roles belong to the whole cluster; the database's number keeps those of two Esteiras apart.
    let role = sqlx::query_scalar!(
        r#"select 'tenant_' || $1 || '_' || to_hex(oid::bigint) as "role!"
           from pg_database where datname = current_database()"#,
        slug.as_str()
    )
    .fetch_one(&mut *tx)
    .await?;
    let mut wanted = Limits::default();
    wanted.apply(limits);
    sqlx::query!(
        "insert into esteira.tenants (slug, role_name, weight, max_running, max_queued, max_storage_bytes,
                                      requests_per_minute, kinds, s3_buckets, retention_days,
                                      upload_retention_days)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        slug.as_str(),
        role,
        wanted.weight,
        wanted.max_running,
        wanted.max_queued,
        wanted.max_storage_bytes,
        wanted.requests_per_minute,
        wanted.kinds.as_deref(),
        &wanted.s3_buckets,
        wanted.retention_days.map(|retention| retention.to_string()),
        wanted.upload_retention_days.map(|retention| retention.to_string())
    )
    .execute(&mut *tx)
    .await
    .map_err(taken)?;
    let tenant = by_slug(&mut *tx, slug.as_str()).await?.ok_or(sqlx::Error::RowNotFound)?;
    sqlx::query!("insert into esteira.prunes (tenant_id) values ($1)", tenant.id.0).execute(&mut *tx).await?;
    let schema = slug.schema();
    // A slug is [a-z0-9_] and the rest is ours, so these names need no more than quotes.
    let mut statements = String::new();
    let _infallible = write!(
        statements,
        "create role \"{role}\" nologin noinherit;
         grant \"{role}\" to current_user;
         create schema \"{schema}\" authorization \"{role}\";"
    );
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut *tx).await?;
    migrate_tenant(&mut tx, &tenant, 0).await?;
    tx.commit().await?;
    conn.close().await?;
    let schema_version = crate::migrate::newest(&crate::migrate::TENANT_MIGRATIONS);
    Ok(Tenant { schema_version, ..tenant })
}

/// Brings every tenant's schema to the newest version, each in a transaction of its own.
///
/// A tenant that fails is set aside and named in the answer; the others go on.
///
/// # Errors
/// When the database is away.
pub async fn migrate_all(db: &Db) -> Result<Vec<(Slug, MigrateError)>, DatabaseError> {
    let newest = crate::migrate::newest(&crate::migrate::TENANT_MIGRATIONS);
    let mut broken = Vec::new();
    let mut after = String::new();
    let mut conn = PgConnection::connect_with(db.direct()).await?;
    loop {
        let page = super::list(db, &after, 500).await?;
        let Some(last) = page.last() else { break };
        last.slug.as_str().clone_into(&mut after);
        for tenant in page.into_iter().filter(|t| t.schema_version != newest) {
            if let Err(error) = migrate_one(&mut conn, &tenant).await {
                tracing::error!(tenant = %tenant.slug, error = &error as &dyn std::error::Error, "tenant not migrated");
                broken.push((tenant.slug, error));
            }
        }
    }
    conn.close().await?;
    Ok(broken)
}

async fn migrate_one(conn: &mut PgConnection, tenant: &Tenant) -> Result<(), MigrateError> {
    let mut tx = conn.begin().await?;
    // The row's lock makes a second runner wait, and then find the work done.
    let from = sqlx::query_scalar!(
        "select schema_version from esteira.tenants where id = $1 and state <> 'deleting' for no key update",
        tenant.id.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(from) = from {
        migrate_tenant(&mut tx, tenant, from).await?;
        tx.commit().await?;
    }
    Ok(())
}
