//! What can be done with an Esteira? Every verb that the API, the scheduler and the binary call.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::io::AsyncRead;

use crate::artifact::{
    self, ArtifactLink, BindError, LinkError, NewFile, Store, Unmarked, Upload, UploadError,
};
use crate::db::{DatabaseError, Db};
use crate::id::{JobId, KeyId};
use crate::job::{Catalog, CheckedInput, Job};
use crate::migrate::{self, MigrateError};
use crate::queue::{
    self, CancelError, Hub, JobFilter, JobPage, NewJob, Notifier, RetryError, Signal, Submission,
    SubmitError, Submits, Submitted, Why,
};
use crate::tenant::{
    self, AccessError, ApiKey, Caller, CreateError, KeyError, LimitsChange, MigrateOptions, MigrateProgress,
    NewKey, RemoveError, Scope, Slug, Tenant, TenantState,
};

/// A handle on one Esteira; clones share everything.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) db: Db,
    pub(crate) store: Store,
    pub(crate) catalog: Catalog,
    pub(crate) notifier: Notifier,
    pub(crate) hub: Hub,
    pub(crate) submits: Submits,
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
        let notifier = Notifier::start(db.clone());
        let hub = Hub::start(db.clone());
        let submits = Submits::start(&db);
        Self { db, store, catalog, notifier, hub, submits }
    }

    /// The kinds.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
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
        Ok(tenant::migrate_all(&self.db, options, progress).await?)
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

/// Jobs, on behalf of their tenant.
impl Engine {
    /// Checks what a submit would check, and writes nothing.
    ///
    /// # Errors
    /// What the submit would answer.
    pub async fn preflight(
        &self,
        tenant: &Tenant,
        submission: &Submission,
    ) -> Result<CheckedInput, SubmitError> {
        let checked = queue::preflight(&self.db, &self.store, &self.catalog, tenant, submission).await?;
        match queue::reached_limit(self.db.begin().await?.conn(), tenant, 1).await? {
            Some(limit) => Err(SubmitError::QueueFull { limit }),
            None => Ok(checked.input),
        }
    }

    /// Submits a job. Callers at the same moment share a commit.
    ///
    /// # Errors
    /// See [`SubmitError`]; nothing is written then.
    pub async fn submit(&self, tenant: &Tenant, submission: &Submission) -> Result<Submitted, SubmitError> {
        let checked = queue::preflight(&self.db, &self.store, &self.catalog, tenant, submission).await?;
        let job = NewJob::new(checked.entry, submission, checked.needs);
        let submitted = self.submits.submit(tenant, job).await?;
        self.notifier.send(Signal::Queued(submission.kind.clone()));
        Ok(submitted)
    }

    /// Submits jobs of a tenant, all of them or none.
    ///
    /// # Errors
    /// The place of the first submission that was refused, and why; nothing is written then.
    pub async fn submit_all(
        &self,
        tenant: &Tenant,
        submissions: &[Submission],
    ) -> Result<Vec<Submitted>, (usize, SubmitError)> {
        let mut jobs = Vec::with_capacity(submissions.len());
        for (at, submission) in submissions.iter().enumerate() {
            let checked = queue::preflight(&self.db, &self.store, &self.catalog, tenant, submission)
                .await
                .map_err(|error| (at, error))?;
            jobs.push(NewJob::new(checked.entry, submission, checked.needs));
        }
        let jobs: Vec<&NewJob> = jobs.iter().collect();
        let submitted = queue::submit_jobs(&self.db, tenant, &jobs).await.map_err(|error| (0, error))?;
        for kind in submissions.iter().map(|submission| submission.kind.as_str()).collect::<BTreeSet<_>>() {
            self.notifier.send(Signal::Queued(kind.to_owned()));
        }
        Ok(submitted)
    }

    /// One job; `None` when the tenant has no such job.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn job(&self, tenant: &Tenant, job: JobId) -> Result<Option<Job>, DatabaseError> {
        queue::read(&self.db, tenant, job).await
    }

    /// One job as soon as it is final, or as it is after `longest`.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn wait(
        &self,
        tenant: &Tenant,
        job: JobId,
        longest: Duration,
    ) -> Result<Option<Job>, DatabaseError> {
        queue::wait(&self.db, &self.hub, tenant, job, longest).await
    }

    /// Why a job does not run yet; `None` when the tenant has no such job.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn why(&self, tenant: &Tenant, job: JobId) -> Result<Option<Why>, DatabaseError> {
        queue::why(&self.db, tenant, job).await
    }

    /// A page of jobs, newest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn jobs(
        &self,
        tenant: &Tenant,
        filter: &JobFilter,
        after: Option<JobId>,
        limit: u16,
    ) -> Result<JobPage, DatabaseError> {
        queue::list(&self.db, tenant, filter, after, limit).await
    }

    /// Cancels a job: at once while it waits, within two seconds while it runs.
    ///
    /// # Errors
    /// See [`CancelError`].
    pub async fn cancel(&self, tenant: &Tenant, job: JobId) -> Result<(), CancelError> {
        match queue::cancel(&self.db, tenant, job).await? {
            queue::Cancelled::AtOnce(dependents) => {
                for job in dependents.into_iter().chain([job]) {
                    self.notifier.send(Signal::Final(job));
                }
            }
            queue::Cancelled::Asked => self.notifier.send(Signal::Cancel(job)),
        }
        Ok(())
    }

    /// Queues a failed or cancelled job again.
    ///
    /// # Errors
    /// See [`RetryError`].
    pub async fn retry(&self, tenant: &Tenant, job: JobId) -> Result<(), RetryError> {
        let kind = queue::retry(&self.db, tenant, job).await?;
        self.notifier.send(Signal::Queued(kind));
        Ok(())
    }

    /// A link to a file that a job made; `None` when there is none of that name.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub async fn artifact_link(
        &self,
        tenant: &Tenant,
        job: JobId,
        name: &str,
    ) -> Result<Option<ArtifactLink>, LinkError> {
        artifact::artifact_link(&self.db, &self.store, tenant, job, name).await
    }

    /// Takes a file from a tenant, streamed through.
    ///
    /// # Errors
    /// See [`UploadError`]; nothing is kept then.
    pub async fn put_file(
        &self,
        tenant: &Tenant,
        file: &NewFile,
        reader: impl AsyncRead + Send + Unpin + 'static,
    ) -> Result<Upload, UploadError> {
        artifact::put_file(&self.db, &self.store, tenant, file, reader).await
    }
}

/// Tenants and keys.
impl Engine {
    /// Who shows this token?
    ///
    /// # Errors
    /// [`AccessError::Refused`] when it is not good.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, AccessError> {
        tenant::authenticate(&self.db, token).await
    }

    /// Makes a tenant.
    ///
    /// # Errors
    /// See [`CreateError`]; nothing is left behind then.
    pub async fn create_tenant(&self, slug: &Slug, limits: &LimitsChange) -> Result<Tenant, CreateError> {
        tenant::create(&self.db, slug, limits).await
    }

    /// The tenant of a slug.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn tenant(&self, slug: &str) -> Result<Option<Tenant>, DatabaseError> {
        tenant::by_slug(self.db.pool(), slug).await
    }

    /// Tenants by slug, after `after`, at most `limit`.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn tenants(&self, after: &str, limit: u16) -> Result<Vec<Tenant>, DatabaseError> {
        tenant::list(&self.db, after, i64::from(limit)).await
    }

    /// Suspends or resumes a tenant; `None` when there is none.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn set_tenant_state(
        &self,
        slug: &Slug,
        state: TenantState,
    ) -> Result<Option<Tenant>, DatabaseError> {
        let tenant = tenant::set_state(&self.db, slug, state).await?;
        if tenant.is_some() && state == TenantState::Active {
            for entry in self.catalog.iter() {
                self.notifier.send(Signal::Queued(entry.info.name.to_owned()));
            }
        }
        Ok(tenant)
    }

    /// Changes a tenant's limits; `None` when there is none.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn change_limits(
        &self,
        slug: &Slug,
        change: &LimitsChange,
    ) -> Result<Option<Tenant>, DatabaseError> {
        tenant::change_limits(&self.db, slug, change).await
    }

    /// Removes a tenant with schema, role, queue rows, keys and objects.
    ///
    /// # Errors
    /// See [`RemoveError`]; another call goes on from there.
    pub async fn remove_tenant(&self, slug: &Slug) -> Result<Tenant, RemoveError> {
        tenant::remove(&self.db, &self.store, slug).await
    }

    /// Gives a Postgres role the right to submit by SQL for a tenant, or for every one where `tenant` is `None`;
    /// `false` when there is no such role.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn grant_submit(&self, role: &str, tenant: Option<&Tenant>) -> Result<bool, DatabaseError> {
        tenant::grant_submit(&self.db, role, tenant).await
    }

    /// Takes one such right back; `false` when the role had none.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn revoke_submit(&self, role: &str, tenant: Option<&Tenant>) -> Result<bool, DatabaseError> {
        tenant::revoke_submit(&self.db, role, tenant).await
    }

    /// Makes a key; an operator's where `tenant` is `None`.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub async fn create_key(
        &self,
        tenant: Option<&Tenant>,
        name: &str,
        scopes: &[Scope],
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<NewKey, KeyError> {
        tenant::create_key(&self.db, tenant.map(|t| t.id), name, scopes, expires_at).await
    }

    /// Makes sure that a key of a given text works, for a data folder that remembers its keys.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn ensure_key(
        &self,
        tenant: Option<&Tenant>,
        name: &str,
        scopes: &[Scope],
        text: &str,
    ) -> Result<(), DatabaseError> {
        tenant::ensure_key(&self.db, tenant.map(|t| t.id), name, scopes, text).await
    }

    /// A tenant's keys, newest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn keys(&self, tenant: &Tenant) -> Result<Vec<ApiKey>, DatabaseError> {
        tenant::list_keys(&self.db, tenant).await
    }

    /// Revokes a key; `false` when the tenant has no such key that works.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn revoke_key(&self, tenant: &Tenant, key: KeyId) -> Result<bool, DatabaseError> {
        tenant::revoke_key(&self.db, tenant, key).await
    }
}
