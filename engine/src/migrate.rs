//! How do schemas get their shape? Numbered SQL files, each applied once, in one transaction.
//!
//! One runner serves the control schema and every tenant's. sqlx's own migrator would put a table of
//! versions into each tenant's schema; here a tenant's version is a column of `esteira.tenants`, so
//! that one query tells who is behind.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::artifact::BindError;
use crate::db::{DatabaseError, Db, become_tenant};
use crate::tenant::Tenant;

static CONTROL: Dir = include_dir!("$CARGO_MANIFEST_DIR/../migrations/control");
static TENANT: Dir = include_dir!("$CARGO_MANIFEST_DIR/../migrations/tenant");

/// The migrations of the control schema.
pub static CONTROL_MIGRATIONS: LazyLock<Vec<Migration>> = LazyLock::new(|| read(&CONTROL));
/// The migrations of each tenant's schema.
pub static TENANT_MIGRATIONS: LazyLock<Vec<Migration>> = LazyLock::new(|| read(&TENANT));

/// Two runners at once would deadlock on each other's locks; this advisory lock queues them.
const MIGRATION_LOCK: i64 = 0x0065_7374_6569_7261;

/// One numbered file.
#[derive(Debug, Clone)]
pub struct Migration {
    /// Its number, from 1 without gaps.
    pub version: i32,
    /// What it does, from its file name.
    pub name: &'static str,
    /// Its statements; in those for tenants, `{slug}` stands for the tenant's.
    pub sql: &'static str,
}

impl Migration {
    fn checksum(&self) -> Vec<u8> {
        Sha256::digest(self.sql.as_bytes()).to_vec()
    }
}

/// A schema could not be brought to this version.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database was made by a newer Esteira.
    #[error("the database is at version {found}, this program knows {known} only: use a newer esteira")]
    Newer {
        /// The version in the database.
        found: i32,
        /// The newest version of this program.
        known: i32,
    },
    /// A file that was applied has changed since.
    #[error("migration {0} differs from the one that was applied")]
    Edited(i32),
    /// A file failed.
    #[error("migration {version} ({name}) failed")]
    Failed {
        /// Its number.
        version: i32,
        /// What it does.
        name: &'static str,
        /// Why.
        source: DatabaseError,
    },
    /// The bucket is not this database's.
    #[error("the bucket cannot be used with this database")]
    Bucket(#[from] BindError),
    /// The role of the database's URL may not make the roles of tenants.
    #[error(
        "the database role {0} may not create roles, and each tenant needs one: \
         let a superuser run `alter role {0} createrole`"
    )]
    NoCreateRole(String),
    /// The database is away.
    #[error("failed to reach the database for migrations")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for MigrateError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Brings the control schema to the newest version; harmless when it is there.
///
/// # Errors
/// See [`MigrateError`].
pub async fn migrate_control(db: &Db) -> Result<i32, MigrateError> {
    let mut conn = PgConnection::connect_with(db.direct()).await?;
    let mut tx = conn.begin().await?;
    sqlx::query("select pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK).execute(&mut *tx).await?;
    if let Some(role) = powerless(&mut tx).await? {
        return Err(MigrateError::NoCreateRole(role));
    }
    sqlx::raw_sql(
        "-- Without a notice that they are there, once they are.
         set local client_min_messages = warning;
         create schema if not exists esteira;
         create table if not exists esteira.migrations (
             version    integer primary key,
             name       text not null,
             checksum   bytea not null,
             applied_at timestamptz not null default now()
         );",
    )
    .execute(&mut *tx)
    .await?;
    let applied = sqlx::query!("select version, checksum from esteira.migrations order by version")
        .fetch_all(&mut *tx)
        .await?;
    let known = newest(&CONTROL_MIGRATIONS);
    for row in &applied {
        let Some(migration) = CONTROL_MIGRATIONS.iter().find(|m| m.version == row.version) else {
            return Err(MigrateError::Newer { found: row.version, known });
        };
        if migration.checksum() != row.checksum {
            return Err(MigrateError::Edited(row.version));
        }
    }
    for migration in CONTROL_MIGRATIONS.iter().skip(applied.len()) {
        apply(&mut tx, migration, migration.sql.to_owned()).await?;
        sqlx::query!(
            "insert into esteira.migrations (version, name, checksum) values ($1, $2, $3)",
            migration.version,
            migration.name,
            migration.checksum()
        )
        .execute(&mut *tx)
        .await?;
        tracing::info!(version = migration.version, name = migration.name, "control schema migrated");
    }
    tx.commit().await?;
    conn.close().await?;
    Ok(known)
}

/// Brings one tenant's schema to the newest of some versions inside the caller's transaction, which holds the
/// tenant's row locked. Leaves the connection under the engine's role.
///
/// # Errors
/// See [`MigrateError`].
pub(crate) async fn migrate_tenant(
    conn: &mut PgConnection,
    tenant: &Tenant,
    from: i32,
    migrations: &[Migration],
) -> Result<i32, MigrateError> {
    let known = newest(migrations);
    if from > known {
        return Err(MigrateError::Newer { found: from, known });
    }
    become_tenant(conn, tenant).await?;
    for migration in migrations.iter().filter(|m| m.version > from) {
        apply(conn, migration, migration.sql.replace("{slug}", tenant.slug.as_str())).await?;
    }
    open_doors(conn, tenant).await?;
    crate::db::become_engine(conn).await?;
    sqlx::query!("update esteira.tenants set schema_version = $2 where id = $1", tenant.id.0, known)
        .execute(conn)
        .await?;
    Ok(known)
}

/// Lets the engine's role call the functions in a tenant's schema, which are its doors, and nobody else.
async fn open_doors(conn: &mut PgConnection, tenant: &Tenant) -> Result<(), DatabaseError> {
    let schema = tenant.slug.schema();
    // Whoever logged in to migrate is the engine.
    let statements = format!(
        "grant usage on schema {schema} to session_user;
         revoke execute on all functions in schema {schema} from public;
         grant execute on all functions in schema {schema} to session_user;"
    );
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(conn).await?;
    Ok(())
}

/// The role that the database lets us in as, if it may not read the statistics of others' sessions.
///
/// # Errors
/// When the database is away.
pub async fn without_statistics(db: &Db) -> Result<Option<String>, DatabaseError> {
    Ok(sqlx::query_scalar!(
        r#"select current_user::text as "role!"
           where not pg_has_role(current_user, 'pg_read_all_stats', 'member')"#
    )
    .fetch_optional(db.pool())
    .await?)
}

/// The role of the database's URL, if it may not create the roles of tenants.
///
/// # Errors
/// When the database is away.
pub async fn without_create_role(db: &Db) -> Result<Option<String>, DatabaseError> {
    powerless(&mut *db.begin().await?.conn()).await
}

/// The role of this connection, if it may not create roles.
pub(crate) async fn powerless(conn: &mut PgConnection) -> Result<Option<String>, DatabaseError> {
    let role = sqlx::query_scalar!(
        r#"select rolname as "role!" from pg_roles
           where rolname = current_user and not rolcreaterole and not rolsuper"#
    )
    .fetch_optional(conn)
    .await?;
    Ok(role)
}

/// How many migrations of the control schema are not applied yet.
///
/// # Errors
/// When the database is away.
pub async fn behind(db: &Db) -> Result<i32, DatabaseError> {
    let version = sqlx::query_scalar!(r#"select max(version) as "version?" from esteira.migrations"#)
        .fetch_one(db.pool())
        .await;
    let newest = newest(&CONTROL_MIGRATIONS);
    match version {
        Ok(version) => Ok((newest - version.unwrap_or(0)).max(0)),
        // 42P01 is "undefined table": a database that has seen no Esteira yet.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => Ok(newest),
        Err(error) => Err(error.into()),
    }
}

/// The newest version in a list.
#[must_use]
pub fn newest(migrations: &[Migration]) -> i32 {
    migrations.last().map_or(0, |m| m.version)
}

async fn apply(conn: &mut PgConnection, migration: &Migration, sql: String) -> Result<(), MigrateError> {
    // The text comes from this repository, embedded at build time; a slug in it is of [a-z0-9_].
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.map_err(|error| MigrateError::Failed {
        version: migration.version,
        name: migration.name,
        source: error.into(),
    })?;
    Ok(())
}

fn read(dir: &'static Dir) -> Vec<Migration> {
    let mut files: Vec<_> = dir
        .files()
        .filter_map(|file| {
            let name = file.path().file_stem()?.to_str()?;
            let (number, name) = name.split_once('_')?;
            Some(Migration { version: number.parse().ok()?, name, sql: file.contents_utf8()? })
        })
        .collect();
    files.sort_by_key(|m| m.version);
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_numbered_from_one_without_gaps() {
        for (list, dir) in [(&CONTROL_MIGRATIONS, &CONTROL), (&TENANT_MIGRATIONS, &TENANT)] {
            assert_eq!(list.len(), dir.files().count());
            let versions: Vec<i32> = list.iter().map(|m| m.version).collect();
            assert_eq!(versions, (1..).take(list.len()).collect::<Vec<i32>>());
        }
    }
}
