//! How is a tenant made? A row, a role, a schema of that role, and the tables: in one transaction.

use std::fmt::Write;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{Limits, LimitsChange, Slug, Tenant, by_slug};
use crate::db::{DatabaseError, Db};
use crate::migrate::{MigrateError, TENANT_MIGRATIONS, migrate_tenant, powerless};

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
    let schema_version = migrate_tenant(&mut tx, &tenant, 0, &TENANT_MIGRATIONS).await?;
    tx.commit().await?;
    conn.close().await?;
    Ok(Tenant { schema_version, ..tenant })
}
