//! What can be done with jobs and files? On behalf of their tenant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncRead;

use super::Engine;
use crate::artifact::{
    self, Announcement, ArtifactLink, Beginning, BroughtPart, CompleteError, LinkError, NewFile,
    ReserveError, Reserved, StoreError, Upload, UploadError, UploadTerms,
};
use crate::db::DatabaseError;
use crate::id::{BatchId, JobId, UploadId};
use crate::job::{CheckedInput, Estimate, Job};
use crate::metrics::TenantName;
use crate::queue::{
    self, Answer, Answering, Batch, BatchError, BatchJob, CancelError, Checked, EventPlace, Follow,
    JobFilter, JobPage, Lease, Making, NewJob, News, Once, RequestKey, RetryError, Signal, Submission,
    SubmitError, Submitted, Taken, Timeline, Why,
};
use crate::service;
use crate::tenant::Tenant;

/// What a submit would take.
#[derive(Debug)]
pub struct Preflight {
    /// What the kind found in the input.
    pub input: CheckedInput,
    /// What the kind thinks it will cost.
    pub estimate: Estimate,
}

impl Engine {
    /// Checks what a submit would check, and writes nothing.
    ///
    /// # Errors
    /// What the submit would answer.
    pub async fn preflight(
        &self,
        tenant: &Tenant,
        submission: &Submission,
    ) -> Result<Preflight, SubmitError> {
        let checked = queue::preflight(&self.db, &self.store, &self.catalog, tenant, submission).await?;
        if let Some(limit) = queue::reached_limit(self.db.begin().await?.conn(), tenant, 1).await? {
            return Err(SubmitError::QueueFull { limit });
        }
        let estimate = self.catalog.estimate(&submission.kind, &submission.input).await;
        Ok(Preflight { input: checked.input, estimate })
    }

    /// Submits a job. Callers at the same moment share a commit.
    ///
    /// # Errors
    /// See [`SubmitError`]; nothing is written then.
    pub async fn submit(&self, tenant: &Tenant, submission: &Submission) -> Result<Submitted, SubmitError> {
        Ok(self.write(tenant, submission).await?.1)
    }

    /// The same, with the job as its tenant sees it. It is read only where it was there before, or can never run.
    ///
    /// # Errors
    /// See [`SubmitError`]; nothing is written then.
    pub async fn submit_and_see(
        &self,
        tenant: &Tenant,
        submission: &Submission,
    ) -> Result<Taken, SubmitError> {
        let (job, Submitted { job: id, existing, fresh }) = self.write(tenant, submission).await?;
        let seen = match fresh {
            Some(fresh) => job.seen(fresh),
            None => self.job(tenant, id).await?.ok_or(sqlx::Error::RowNotFound)?,
        };
        Ok(Taken::Job { job: Box::new(self.catalog.shown(seen)), existing })
    }

    async fn write(
        &self,
        tenant: &Tenant,
        submission: &Submission,
    ) -> Result<(NewJob, Submitted), SubmitError> {
        let checked = queue::preflight(&self.db, &self.store, &self.catalog, tenant, submission).await?;
        let job = NewJob::new(checked.entry, submission, checked.needs).reading(checked.input.files);
        let submitted = self.submits.submit(tenant, job).await?;
        self.notifier.send(Signal::Queued(submission.kind.clone()));
        if !submitted.1.existing {
            self.count_submitted(tenant, [submission.kind.as_str()]);
        }
        Ok(submitted)
    }

    /// Counts jobs that were taken, by their kinds.
    pub(crate) fn count_submitted<'a>(&self, tenant: &Tenant, kinds: impl IntoIterator<Item = &'a str>) {
        let mut by_kind: BTreeMap<&str, u64> = BTreeMap::new();
        for kind in kinds {
            *by_kind.entry(kind).or_default() += 1;
        }
        let tenant = TenantName { id: tenant.id.0, slug: tenant.slug.as_str() };
        for (kind, jobs) in by_kind {
            self.meter().jobs().submitted(kind, jobs);
            self.meter().tenants().submitted(tenant, jobs);
        }
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
        let asked: Vec<&Submission> = submissions.iter().collect();
        let checked = queue::preflight_all(&self.db, &self.store, &self.catalog, tenant, &asked).await;
        let checked = checked.map_err(|error| match error {
            BatchError::Jobs(mut faults) if !faults.is_empty() => faults.swap_remove(0),
            BatchError::Jobs(_) => (0, SubmitError::ShuttingDown),
            BatchError::Whole(error) => (0, error),
        })?;
        let jobs = checked.into_iter().zip(submissions);
        let new = |(checked, submission): (Checked<'_>, &Submission)| {
            NewJob::new(checked.entry, submission, checked.needs).reading(checked.input.files)
        };
        let jobs: Vec<NewJob> = jobs.map(new).collect();
        let jobs: Vec<&NewJob> = jobs.iter().collect();
        let submitted = queue::submit_jobs(&self.db, tenant, &jobs).await.map_err(|error| (0, error))?;
        self.tell_queued(submissions.iter());
        let taken = submissions.iter().zip(&submitted).filter(|(_, submitted)| !submitted.existing);
        self.count_submitted(tenant, taken.map(|(submission, _)| submission.kind.as_str()));
        Ok(submitted)
    }

    /// Tells workers that there are jobs of these kinds.
    fn tell_queued<'a>(&self, submissions: impl Iterator<Item = &'a Submission>) {
        for kind in submissions.map(|submission| submission.kind.as_str()).collect::<BTreeSet<_>>() {
            self.notifier.send(Signal::Queued(kind.to_owned()));
        }
    }

    /// Submits a job once, however often it is asked by the same key; what is answered is `answering`'s to say.
    ///
    /// # Errors
    /// See [`SubmitError`]; nothing is written then, and the key stays free.
    pub async fn submit_once(
        &self,
        tenant: &Tenant,
        submission: &Submission,
        key: &RequestKey,
        answering: Answering<'_>,
    ) -> Result<Once, SubmitError> {
        if let Some(answer) = self.answered_before(tenant, key).await? {
            return Ok(Once::Before(answer));
        }
        let checked = queue::preflight(&self.db, &self.store, &self.catalog, tenant, submission).await?;
        let job = NewJob::new(checked.entry, submission, checked.needs).reading(checked.input.files);
        let shown = |taken| match taken {
            Taken::Job { job, existing } => {
                answering(Taken::Job { job: Box::new(self.catalog.shown(*job)), existing })
            }
            batch @ Taken::Batch(..) => answering(batch),
        };
        let once = queue::submit_once(&self.db, tenant, key, Making::Job(&job), &shown).await?;
        self.notifier.send(Signal::Queued(submission.kind.clone()));
        // One that its unique key found is answered otherwise.
        if matches!(&once, Once::Now(Answer { status: 202, .. })) {
            self.count_submitted(tenant, [submission.kind.as_str()]);
        }
        Ok(once)
    }

    /// Submits jobs of a tenant as a batch, all of them or none; with a key, once. They may need each other, by refs.
    ///
    /// # Errors
    /// The place of each job that is refused, and why; nothing is written then, and the key stays free.
    pub async fn submit_batch(
        &self,
        tenant: &Tenant,
        jobs: &[BatchJob],
        key: Option<&RequestKey>,
        answering: Answering<'_>,
    ) -> Result<Once, BatchError> {
        if let Some(key) = key
            && let Some(answer) = self.answered_before(tenant, key).await?
        {
            return Ok(Once::Before(answer));
        }
        let resolved = queue::resolve_refs(jobs).map_err(BatchError::Jobs)?;
        let asked: Vec<&Submission> = jobs.iter().map(|job| &job.submission).collect();
        let checked = queue::preflight_all(&self.db, &self.store, &self.catalog, tenant, &asked).await?;
        let mut new = Vec::with_capacity(jobs.len());
        for ((checked, submission), (id, own)) in checked.into_iter().zip(&asked).zip(resolved) {
            let needs = checked.needs.into_iter().chain(own).collect();
            let job = NewJob::with_id(id, checked.entry, submission, needs);
            new.push(job.reading(checked.input.files));
        }
        let new: Vec<&NewJob> = new.iter().collect();
        let batch = BatchId::new();
        let once = match key {
            Some(key) => {
                queue::submit_once(&self.db, tenant, key, Making::Batch(batch, &new), answering).await?
            }
            None => {
                let submitted = queue::submit_batch(&self.db, tenant, batch, &new).await?;
                let jobs = submitted.iter().map(|submitted| submitted.job).collect();
                Once::Now(answering(Taken::Batch(batch, jobs))?)
            }
        };
        if matches!(once, Once::Now(_)) {
            self.count_submitted(tenant, asked.iter().map(|submission| submission.kind.as_str()));
        }
        self.tell_queued(asked.into_iter());
        Ok(once)
    }

    async fn answered_before(
        &self,
        tenant: &Tenant,
        key: &RequestKey,
    ) -> Result<Option<Answer>, SubmitError> {
        queue::answered_before(&self.db, tenant, key).await
    }

    /// A batch, counted now; `None` when the tenant has no such batch.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn batch(&self, tenant: &Tenant, batch: BatchId) -> Result<Option<Batch>, DatabaseError> {
        queue::batch(&self.db, tenant, batch).await
    }

    /// One job; `None` when the tenant has no such job.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn job(&self, tenant: &Tenant, job: JobId) -> Result<Option<Job>, DatabaseError> {
        Ok(queue::read(&self.db, tenant, job).await?.map(|job| self.catalog.shown(job)))
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
        let job = queue::wait(&self.db, &self.hub, tenant, job, longest).await?;
        Ok(job.map(|job| self.catalog.shown(job)))
    }

    /// What has happened to a job after `after`; `None` when the tenant has no such job.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn timeline(
        &self,
        tenant: Tenant,
        job: JobId,
        after: EventPlace,
    ) -> Result<Option<Timeline>, DatabaseError> {
        self.timelines.read(&Arc::new(tenant), job, after).await
    }

    /// Follows a job from the event after `after` to its end; `None` when the tenant has no such job.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn follow(
        &self,
        tenant: Tenant,
        job: JobId,
        after: EventPlace,
    ) -> Result<Option<Follow>, DatabaseError> {
        Follow::start(self.timelines.clone(), self.hub.clone(), tenant, job, after).await
    }

    /// Keeps what an attempt tells while it runs, and lets those know who follow its job.
    ///
    /// # Errors
    /// When the database is away; telling it again is harmless.
    pub async fn report(&self, tenant: &Tenant, lease: &Lease, news: &News) -> Result<(), DatabaseError> {
        queue::report(&self.db, tenant, lease, news).await?;
        self.notifier.send(Signal::Changed(lease.job));
        Ok(())
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
        let page = queue::list(&self.db, tenant, filter, after, limit).await?;
        let items = page.items.into_iter().map(|job| self.catalog.shown(job)).collect();
        Ok(JobPage { items, ..page })
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
                self.forget_at_service(tenant, job);
            }
            queue::Cancelled::Asked => self.notifier.send(Signal::Cancel(job)),
        }
        Ok(())
    }

    /// A job that ended while it waited may have waited for a service. What cannot be said to it now is said when the
    /// tenant is pruned.
    fn forget_at_service(&self, tenant: &Tenant, job: JobId) {
        if !self.catalog.iter().any(|entry| entry.kind().prepare().is_some()) {
            return;
        }
        let (engine, tenant) = (self.clone(), tenant.clone());
        tokio::spawn(async move {
            let Ok(Some(Job { kind, input, .. })) = engine.job(&tenant, job).await else { return };
            let kind = engine.catalog.get(&kind).filter(|entry| service::needed(entry, &input).is_some());
            service::forget(&engine, tenant.id, job, kind.into_iter()).await;
        });
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

    /// The first `most` bytes of a file that a job made; `None` when there is none of that name.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub async fn artifact_beginning(
        &self,
        tenant: &Tenant,
        job: JobId,
        name: &str,
        most: u64,
    ) -> Result<Option<Beginning>, LinkError> {
        artifact::artifact_beginning(&self.db, &self.store, tenant, job, name, most).await
    }

    /// A link to a file that a tenant brought; `None` when it has no such.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub async fn upload_link(
        &self,
        tenant: &Tenant,
        upload: UploadId,
    ) -> Result<Option<ArtifactLink>, LinkError> {
        artifact::upload_link(&self.db, &self.store, tenant, upload).await
    }

    /// Where links to files lead to, as web pages name it: scheme, host and port.
    ///
    /// # Errors
    /// When no credentials can be had.
    pub async fn link_origin(&self) -> Result<String, StoreError> {
        self.store.link_origin().await
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
