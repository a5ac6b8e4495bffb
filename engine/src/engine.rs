//! What can be done with an Esteira? Every verb that the API and the binary call, a file for each sort of caller.

mod documents;
mod jobs;
mod operator;
mod schedules;
mod tenants;
mod webhooks;

pub use jobs::Preflight;

use crate::artifact::{BindError, Store, Unmarked};
use crate::db::{DatabaseError, Db};
use crate::document::Searches;
use crate::job::Catalog;
use crate::metrics::{Format, Meter, Scrape};
use crate::migrate::{self, MigrateError};
use crate::queue::{self, Hub, Notifier, Submits, Timelines};
use crate::tenant::{self, Known, MigrateOptions, MigrateProgress, Slug};

/// A handle on one Esteira; clones share everything.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) db: Db,
    pub(crate) store: Store,
    pub(crate) catalog: Catalog,
    pub(crate) notifier: Notifier,
    pub(crate) hub: Hub,
    pub(crate) submits: Submits,
    pub(crate) timelines: Timelines,
    pub(crate) known: Known,
    pub(crate) searches: Searches,
}

/// Which parts of an Esteira are fit.
#[derive(Debug)]
pub struct Readiness {
    /// Whether Postgres answers.
    pub database: Result<(), DatabaseError>,
    /// Whether the bucket answers, and is this database's.
    pub store: Result<(), BindError>,
    /// Migrations of the control schema that are not applied yet.
    pub migrations_behind: Option<i32>,
}

impl Readiness {
    /// Whether every part is fit.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.database.is_ok() && self.store.is_ok() && self.migrations_behind == Some(0)
    }
}

/// A role cannot work here.
#[derive(Debug, thiserror::Error)]
pub enum UnfitError {
    /// The database was made by an older Esteira, or by none.
    #[error("the database is {0} migrations behind this program: run `esteira migrate`")]
    Behind(i32),
    /// The bucket is not this database's, as far as that is known.
    #[error("the bucket cannot be used with this database")]
    Bucket(#[source] BindError),
    /// The database does not let us in.
    #[error("failed to look at the database {place}")]
    Database {
        /// Where it is.
        place: String,
        /// Why not.
        source: DatabaseError,
    },
}

impl Engine {
    /// Puts the parts together and starts listening for hints. Must be called inside a tokio runtime.
    #[must_use]
    pub fn new(db: Db, store: Store, catalog: Catalog) -> Self {
        let hub = Hub::start(db.clone());
        let notifier = Notifier::start(db.clone(), hub.clone());
        let submits = Submits::start(&db);
        let timelines = Timelines::start(&db);
        let known = Known::default();
        known.follow(&hub);
        let searches = Searches::new(&db);
        Self { db, store, catalog, notifier, hub, submits, timelines, known, searches }
    }

    /// The kinds.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// What this process counts.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        self.db.meter()
    }

    /// What this process has to tell Prometheus at this moment.
    #[must_use]
    pub fn scrape(&self, format: Format) -> String {
        self.meter().postgres().look(self.db.pool_now());
        Scrape { meter: self.meter().clone(), store: self.store.meter().clone() }.write(format)
    }

    /// Brings the control schema and every tenant's schema to this version, makes its kinds known to submits by SQL,
    /// and takes an empty bucket for this database; harmless when all that is done.
    ///
    /// # Errors
    /// See [`Engine::migrate_with`].
    pub async fn migrate(&self) -> Result<Vec<(Slug, MigrateError)>, MigrateError> {
        self.migrate_with(&MigrateOptions::default(), Unmarked::TakeIfEmpty, &|_| {}).await
    }

    /// The same, as the options say, by an operator who may know that what lies in a bucket without a marker is this
    /// database's; `progress` is told after each tenant how far it is.
    ///
    /// # Errors
    /// When the control schema cannot be migrated, the bucket is not this database's, or the database goes away; what
    /// was done stays done, and another call goes on from there. Tenants that fail are set aside and returned.
    pub async fn migrate_with(
        &self,
        options: &MigrateOptions,
        unmarked: Unmarked,
        progress: &(dyn Fn(MigrateProgress) + Send + Sync),
    ) -> Result<Vec<(Slug, MigrateError)>, MigrateError> {
        migrate::migrate_control(&self.db).await?;
        self.bind_store(unmarked).await?;
        queue::publish_kinds(&self.db, &self.catalog).await?;
        let set_aside = tenant::migrate_all(&self.db, options, progress).await;
        self.known.forget(None);
        Ok(set_aside?)
    }

    /// Makes sure that the bucket belongs to this database.
    ///
    /// # Errors
    /// See [`BindError`].
    pub async fn bind_store(&self, unmarked: Unmarked) -> Result<(), BindError> {
        self.store.bind(&self.db, unmarked).await
    }

    /// Looks whether a role may work here, which is asked once, at its start. A bucket that is away for the moment is
    /// looked at again before anything in it is deleted.
    ///
    /// # Errors
    /// See [`UnfitError`].
    pub async fn check_fit(&self) -> Result<(), UnfitError> {
        let database = |source| UnfitError::Database { place: self.db.place(), source };
        self.db.check().await.map_err(database)?;
        match migrate::behind(&self.db).await.map_err(database)? {
            0 => {}
            behind => return Err(UnfitError::Behind(behind)),
        }
        match self.store.check_bound(&self.db).await {
            Ok(()) => Ok(()),
            Err(BindError::Store(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "not known whose the bucket is");
                Ok(())
            }
            Err(BindError::Database(source)) => Err(database(source)),
            Err(error) => Err(UnfitError::Bucket(error)),
        }
    }

    /// Looks whether everything that a job needs can be reached.
    pub async fn readiness(&self) -> Readiness {
        let (database, migrations_behind) = match migrate::behind(&self.db).await {
            Ok(behind) => (Ok(()), Some(behind)),
            Err(error) => (Err(error), None),
        };
        let store = match self.store.check().await {
            // A database of an older version does not know yet who it is.
            Ok(()) if migrations_behind == Some(0) => self.store.check_bound(&self.db).await,
            answer => answer.map_err(BindError::from),
        };
        Readiness { database, store, migrations_behind }
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.db.close().await;
    }
}
