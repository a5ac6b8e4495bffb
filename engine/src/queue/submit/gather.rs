//! How are the submits of many callers written? By one transaction for those that wait, tenant by tenant.
//!
//! What is wrong with one submission must not harm the others: a transaction that fails is taken apart, and
//! each is written alone.

use std::collections::BTreeMap;

use super::{NewJob, SubmitError, Submitted, Tries, submit_now, write_jobs};
use crate::db::{DatabaseError, Db};
use crate::gather::Gather;
use crate::id::TenantId;
use crate::tenant::Tenant;

/// Jobs of one transaction at most.
const MOST: usize = 200;

/// The place where the submits of a process meet.
#[derive(Debug, Clone)]
pub struct Submits(Gather<(Tenant, NewJob), Written>);

/// What became of a submission.
#[derive(Debug)]
enum Written {
    /// It was written, or cannot be.
    Answer(Result<Submitted, SubmitError>),
    /// Somebody else counts the tenant's waiting jobs; the job is given back.
    LimitBusy(NewJob),
}

impl Submits {
    /// Starts the writers. Must be called inside a tokio runtime.
    #[must_use]
    pub fn start(db: &Db) -> Self {
        let db = db.clone();
        Self(Gather::start(MOST, move |wishes| write_all(db.clone(), wishes)))
    }

    /// Writes a checked job, in a transaction that may be shared.
    ///
    /// # Errors
    /// See [`SubmitError`]; the job is not written then.
    pub async fn submit(&self, tenant: &Tenant, job: NewJob) -> Result<Submitted, SubmitError> {
        let mut tries = Tries::new();
        let mut job = job;
        loop {
            match self.0.ask((tenant.clone(), job)).await {
                Some(Written::Answer(answer)) => return answer,
                Some(Written::LimitBusy(back)) if tries.limit_is_free_soon().await => job = back,
                Some(Written::LimitBusy(_)) => return Err(SubmitError::LimitBusy),
                None => return Err(DatabaseError::timed_out().into()),
            }
        }
    }
}

/// A wish, and its place among those of the round.
type Placed = (usize, Tenant, NewJob);

async fn write_all(db: Db, wishes: Vec<(Tenant, NewJob)>) -> Vec<Written> {
    let mut answers: Vec<(usize, Written)> = Vec::with_capacity(wishes.len());
    for group in groups(wishes) {
        answers.extend(write_group(&db, group).await);
    }
    answers.sort_unstable_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, written)| written).collect()
}

/// Those that share a transaction: a tenant with a limit, for which others may have to wait, has its own.
fn groups(wishes: Vec<(Tenant, NewJob)>) -> impl Iterator<Item = Vec<Placed>> {
    let mut groups: BTreeMap<Option<TenantId>, Vec<Placed>> = BTreeMap::new();
    for (at, (tenant, job)) in wishes.into_iter().enumerate() {
        let limited = tenant.limits.max_queued.map(|_| tenant.id);
        groups.entry(limited).or_default().push((at, tenant, job));
    }
    groups.into_values()
}

async fn write_group(db: &Db, group: Vec<Placed>) -> Vec<(usize, Written)> {
    let busy = |group: Vec<Placed>| {
        group.into_iter().map(|(at, _, job)| (at, Written::LimitBusy(job))).collect::<Vec<_>>()
    };
    if group.len() > 1 {
        match together(db, &group).await {
            Ok(submitted) => {
                return submitted.into_iter().map(|(at, job)| (at, Written::Answer(Ok(job)))).collect();
            }
            Err(SubmitError::LimitBusy) => return busy(group),
            // What is wrong is wrong with one of them.
            Err(_) => {}
        }
    }
    let mut written = Vec::with_capacity(group.len());
    for (at, tenant, job) in group {
        let alone = submit_now(db, &tenant, &[&job]).await;
        written.push((
            at,
            match alone.and_then(|jobs| jobs.into_iter().next().ok_or(SubmitError::ShuttingDown)) {
                Err(SubmitError::LimitBusy) => Written::LimitBusy(job),
                answer => Written::Answer(answer),
            },
        ));
    }
    written
}

/// A tenant, and its jobs with their places among the wishes.
type OfTenant<'a> = (&'a Tenant, Vec<usize>, Vec<&'a NewJob>);

/// One transaction for all.
async fn together(db: &Db, group: &[Placed]) -> Result<Vec<(usize, Submitted)>, SubmitError> {
    let mut by_tenant: BTreeMap<TenantId, OfTenant<'_>> = BTreeMap::new();
    for (at, tenant, job) in group {
        let (_, places, jobs) = by_tenant.entry(tenant.id).or_insert((tenant, Vec::new(), Vec::new()));
        places.push(*at);
        jobs.push(job);
    }
    let mut by_tenant = by_tenant.into_values();
    let mut answers: Vec<(usize, Submitted)> = Vec::with_capacity(group.len());
    if by_tenant.len() == 1
        && let Some((tenant, places, jobs)) = by_tenant.next()
    {
        answers.extend(places.into_iter().zip(submit_now(db, tenant, &jobs).await?));
    } else {
        let mut tx = db.begin().await?;
        for (tenant, places, jobs) in by_tenant {
            db.meet([tenant.id]);
            answers.extend(places.into_iter().zip(write_jobs(tx.conn(), tenant, &jobs).await?));
        }
        tx.commit().await?;
    }
    Ok(answers)
}
