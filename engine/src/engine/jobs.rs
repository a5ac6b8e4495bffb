//! What can be done with jobs and files? On behalf of their tenant.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::io::AsyncRead;

use super::Engine;
use crate::artifact::{
    self, Announcement, ArtifactLink, BroughtPart, CompleteError, LinkError, NewFile, ReserveError, Reserved,
    Upload, UploadError, UploadTerms,
};
use crate::db::DatabaseError;
use crate::id::{JobId, UploadId};
use crate::job::{CheckedInput, Job};
use crate::queue::{
    self, CancelError, JobFilter, JobPage, NewJob, RetryError, Signal, Submission, SubmitError, Submitted,
    Why,
};
use crate::tenant::Tenant;

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
        let job = NewJob::new(checked.entry, submission, checked.needs).reading(checked.input.files);
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
            let job = NewJob::new(checked.entry, submission, checked.needs);
            jobs.push(job.reading(checked.input.files));
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
    /// Announces a file that a tenant is going to bring to the object store itself.
    ///
    /// # Errors
    /// See [`ReserveError`].
    pub async fn reserve_upload(
        &self,
        tenant: &Tenant,
        file: &Announcement,
        terms: UploadTerms,
    ) -> Result<Reserved, ReserveError> {
        artifact::reserve(&self.db, &self.store, tenant, file, terms).await
    }

    /// Makes a file of what was brought, after a look at it, within `patience`. Asked again, it answers the same.
    ///
    /// # Errors
    /// See [`CompleteError`].
    pub async fn complete_upload(
        &self,
        tenant: &Tenant,
        upload: UploadId,
        parts: &[BroughtPart],
        patience: Duration,
    ) -> Result<Upload, CompleteError> {
        artifact::complete(&self.db, &self.store, tenant, upload, parts, patience).await
    }
}
