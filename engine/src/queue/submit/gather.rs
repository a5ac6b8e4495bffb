//! How are the submits of many callers written? By one transaction for those that wait, tenant by tenant.
//!
//! What is wrong with one submission must not harm the others: a transaction that fails is taken apart, and
//! each is written alone.

use std::collections::BTreeMap;

use super::{NewJob, SubmitError, Submitted, submit_jobs, write_jobs};
use crate::db::{DatabaseError, Db};
use crate::gather::Gather;
use crate::id::TenantId;
use crate::tenant::Tenant;

/// Jobs of one transaction at most.
const MOST: usize = 200;

/// The place where the submits of a process meet.
#[derive(Debug, Clone)]
pub struct Submits(Gather<(Tenant, NewJob), Result<(NewJob, Submitted), SubmitError>>);

impl Submits {
    /// Starts the writers. Must be called inside a tokio runtime.
    #[must_use]
    pub fn start(db: &Db) -> Self {
        let db = db.clone();
        Self(Gather::start(MOST, move |wishes| write_all(db.clone(), wishes)))
    }

    /// Writes a checked job, in a transaction that may be shared, and gives it back with what it is.
    ///
    /// # Errors
    /// See [`SubmitError`]; the job is not written then.
    pub async fn submit(&self, tenant: &Tenant, job: NewJob) -> Result<(NewJob, Submitted), SubmitError> {
        self.0.ask((tenant.clone(), job)).await.unwrap_or_else(|| Err(DatabaseError::timed_out().into()))
    }
}

async fn write_all(db: Db, wishes: Vec<(Tenant, NewJob)>) -> Vec<Result<(NewJob, Submitted), SubmitError>> {
    if wishes.len() > 1
        && let Ok(submitted) = together(&db, &wishes).await
    {
        let jobs = wishes.into_iter().map(|(_, job)| job);
        return jobs.zip(submitted).map(Ok).collect();
    }
    let mut answers = Vec::with_capacity(wishes.len());
    for (tenant, job) in wishes {
        let alone = submit_jobs(&db, &tenant, &[&job]).await;
        let alone = alone.and_then(|jobs| jobs.into_iter().next().ok_or(SubmitError::ShuttingDown));
        answers.push(alone.map(|submitted| (job, submitted)));
    }
    answers
}

/// A tenant, and its jobs with their places among the wishes.
type OfTenant<'a> = (&'a Tenant, Vec<usize>, Vec<&'a NewJob>);

/// One transaction for all; the answers in the order of the wishes.
async fn together(db: &Db, wishes: &[(Tenant, NewJob)]) -> Result<Vec<Submitted>, SubmitError> {
    let mut by_tenant: BTreeMap<TenantId, OfTenant<'_>> = BTreeMap::new();
    for (at, (tenant, job)) in wishes.iter().enumerate() {
        let (_, places, jobs) = by_tenant.entry(tenant.id).or_insert((tenant, Vec::new(), Vec::new()));
        places.push(at);
        jobs.push(job);
    }
    let mut by_tenant = by_tenant.into_values();
    let mut answers: Vec<(usize, Submitted)> = Vec::with_capacity(wishes.len());
    if by_tenant.len() == 1
        && let Some((tenant, places, jobs)) = by_tenant.next()
    {
        answers.extend(places.into_iter().zip(submit_jobs(db, tenant, &jobs).await?));
    } else {
        let mut tx = db.begin().await?;
        for (tenant, places, jobs) in by_tenant {
            db.meet([tenant.id]);
            answers.extend(places.into_iter().zip(write_jobs(tx.conn(), tenant, &jobs).await?));
        }
        tx.commit().await?;
    }
    answers.sort_unstable_by_key(|(at, _)| *at);
    Ok(answers.into_iter().map(|(_, submitted)| submitted).collect())
}
