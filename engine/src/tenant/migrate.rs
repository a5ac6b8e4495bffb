//! How do the schemas of all tenants come to this version? Several at a time, each in a transaction of its own.
//!
//! A tenant's version is written by the transaction that changes its schema. Whoever is killed has left each tenant
//! either as it was or migrated, and the next run goes on with those that are behind. Two runs at the same time share
//! the work: the tenant's row is locked while it is migrated, and whoever comes second finds it done.
//!
//! Workers and the API go on meanwhile. A migration that waits for a table in use makes everybody wait who comes
//! after it, so it waits for a short while only, lets them pass, and tries again.

use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join_all;
use parking_lot::Mutex;
use sqlx::{Connection, PgConnection};
use tokio::time::sleep;

use super::{Slug, Tenant, registry};
use crate::db::{DatabaseError, Db};
use crate::migrate::{MigrateError, Migration, TENANT_MIGRATIONS, migrate_tenant, newest};

/// How tenants are migrated.
#[derive(Debug, Clone)]
pub struct MigrateOptions {
    /// Tenants at the same moment, each over a connection of its own.
    pub connections: usize,
    /// How long a statement waits for a lock that others hold.
    pub lock_timeout: Duration,
    /// How often a tenant is tried that others are in the way of, before it is set aside.
    pub tries: u32,
    /// What is applied, by version.
    pub migrations: Arc<[Migration]>,
}

impl Default for MigrateOptions {
    fn default() -> Self {
        Self {
            connections: 4,
            lock_timeout: Duration::from_secs(1),
            tries: 10,
            migrations: TENANT_MIGRATIONS.as_slice().into(),
        }
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MigrateProgress {
    /// Tenants that were of another version when it began.
    pub total: usize,
    /// Those of them that are of this version, by this run or another, or gone.
    pub migrated: usize,
    /// Those that could not be migrated.
    pub set_aside: usize,
}

/// Brings every tenant's schema to the newest version, and tells after each how far it is.
///
/// A tenant that fails is set aside and given back with its error; the others go on.
///
/// # Errors
/// When the database is away; another call goes on from there.
pub async fn migrate_all(
    db: &Db,
    options: &MigrateOptions,
    progress: &(dyn Fn(MigrateProgress) + Send + Sync),
) -> Result<Vec<(Slug, MigrateError)>, DatabaseError> {
    let behind = registry::not_at_version(db, newest(&options.migrations)).await?;
    let connections = options.connections.clamp(1, behind.len().max(1));
    let count = MigrateProgress { total: behind.len(), ..MigrateProgress::default() };
    let state = Mutex::new(State { behind: behind.into_iter(), count, broken: Vec::new() });
    let run = Run { db, options, progress, state };
    try_join_all((0..connections).map(|number| run.work(number))).await?;
    let mut broken = run.state.into_inner().broken;
    broken.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(broken)
}

/// What the connections of a run share.
struct Run<'a> {
    db: &'a Db,
    options: &'a MigrateOptions,
    progress: &'a (dyn Fn(MigrateProgress) + Send + Sync),
    state: Mutex<State>,
}

struct State {
    behind: std::vec::IntoIter<Tenant>,
    count: MigrateProgress,
    broken: Vec<(Slug, MigrateError)>,
}

impl Run<'_> {
    /// Migrates one tenant after another, as long as there are any.
    async fn work(&self, number: usize) -> Result<(), DatabaseError> {
        let mut session = match connect(self.db).await {
            Ok(session) => Some(session),
            // A server with few connections left gives some of those that were asked for.
            Err(error) if number > 0 && error.is_unavailable() => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "tenants are migrated over fewer connections"
                );
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        while let Some(tenant) = self.next() {
            let result = self.bring_up(&mut session, &tenant).await?;
            self.record(tenant.slug, result);
        }
        match session {
            Some(session) => Ok(session.close().await?),
            None => Ok(()),
        }
    }

    fn next(&self) -> Option<Tenant> {
        self.state.lock().behind.next()
    }

    fn record(&self, slug: Slug, result: Result<(), MigrateError>) {
        let mut state = self.state.lock();
        match result {
            Ok(()) => state.count.migrated += 1,
            Err(error) => {
                state.count.set_aside += 1;
                state.broken.push((slug, error));
            }
        }
        (self.progress)(state.count);
    }

    /// Tries until the tenant is migrated or is to be set aside; fails when the database is away.
    async fn bring_up(
        &self,
        session: &mut Option<PgConnection>,
        tenant: &Tenant,
    ) -> Result<Result<(), MigrateError>, DatabaseError> {
        let mut tries = 0;
        loop {
            let Err(error) = self.run_once(session, tenant).await else { return Ok(Ok(())) };
            // Whatever state it is in: its end takes the transaction back.
            *session = None;
            tries += 1;
            match (fault_of(&error), error) {
                (Fault::Tenant, error) => return Ok(Err(error)),
                (Fault::Others, error) if tries >= self.options.tries => return Ok(Err(error)),
                (Fault::Database, MigrateError::Failed { source, .. } | MigrateError::Database(source))
                    if tries >= self.options.tries =>
                {
                    return Err(source);
                }
                (_, error) => {
                    let cause = &error as &dyn std::error::Error;
                    tracing::info!(tenant = %tenant.slug, error = cause, tries, "tenant is tried again");
                }
            }
            // As long as it made others wait, for those who came in the meantime.
            sleep(self.options.lock_timeout).await;
        }
    }

    async fn run_once(
        &self,
        session: &mut Option<PgConnection>,
        tenant: &Tenant,
    ) -> Result<(), MigrateError> {
        let conn = match session {
            Some(conn) => conn,
            None => session.insert(connect(self.db).await?),
        };
        let mut tx = conn.begin().await?;
        // The row's lock makes a second runner wait, for as long as it takes, and then find the work done.
        let from = sqlx::query_scalar!(
            "select schema_version from esteira.tenants where id = $1 and state <> 'deleting' for no key update",
            tenant.id.0
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(from) = from else { return Ok(tx.commit().await?) };
        // In milliseconds, as numbers without a unit are. The second is for the day on which this machine is gone
        // in the middle of a tenant: its locks must not wait for TCP to notice.
        sqlx::query!(
            "select set_config('lock_timeout', $1, true) as locks,
                    set_config('idle_in_transaction_session_timeout', '60000', true) as idle",
            self.options.lock_timeout.as_millis().to_string()
        )
        .fetch_one(&mut *tx)
        .await?;
        migrate_tenant(&mut tx, tenant, from, &self.options.migrations).await?;
        Ok(tx.commit().await?)
    }
}

/// What is to blame for a failure.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// Something about the tenant: it would fail again.
    Tenant,
    /// Whoever holds a lock at the moment.
    Others,
    /// The server, or the way to it.
    Database,
}

fn fault_of(error: &MigrateError) -> Fault {
    match error {
        MigrateError::Failed { source, .. } | MigrateError::Database(source) if source.is_contention() => {
            Fault::Others
        }
        MigrateError::Failed { source, .. } | MigrateError::Database(source) if source.is_unavailable() => {
            Fault::Database
        }
        _ => Fault::Tenant,
    }
}

/// A session past the pooler.
async fn connect(db: &Db) -> Result<PgConnection, DatabaseError> {
    Ok(PgConnection::connect_with(db.direct()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_not_the_tenants_fault_and_an_edited_file_is() {
        assert_eq!(fault_of(&MigrateError::Database(DatabaseError::timed_out())), Fault::Database);
        assert_eq!(fault_of(&MigrateError::Newer { found: 9, known: 2 }), Fault::Tenant);
    }
}
