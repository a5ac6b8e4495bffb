//! What becomes of each new job at the moment of writing? It is queued, waits, can never run, or is there already.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::needs::{Standing, missing_need};
use super::write::{NewJob, unique_hash};
use super::{SubmitError, Submitted};
use crate::id::JobId;
use crate::job::JobState;

/// What is to be written for some new jobs.
#[derive(Default)]
pub(super) struct Plan<'a> {
    /// For each of them the job that it is.
    pub submitted: Vec<Submitted>,
    /// Those for the queue.
    pub queued: Vec<&'a NewJob>,
    /// How many others each of those waits for.
    pub blockers: Vec<i16>,
    /// Which others: what is needed, and by whom.
    pub dependencies: Vec<(JobId, JobId)>,
    /// Those that can never run, with the one that they need and that did not succeed.
    pub doomed: Vec<(&'a NewJob, JobId)>,
}

/// The new jobs that are not made, since one in the queue has their unique key; and that one.
pub(super) struct Found(HashMap<JobId, JobId>);

impl Found {
    /// By the keys that are taken.
    pub fn of(jobs: &[&NewJob], taken: &HashMap<Vec<u8>, JobId>) -> Self {
        let found = |job: &&NewJob| Some((job.id, *taken.get(&unique_hash(job.unique_key.as_deref()?))?));
        Self(if taken.is_empty() { HashMap::new() } else { jobs.iter().filter_map(found).collect() })
    }

    /// What a job needs, once each.
    fn needs(&self, job: &NewJob) -> BTreeSet<JobId> {
        job.needs.iter().map(|need| self.0.get(need).copied().unwrap_or(*need)).collect()
    }

    /// The jobs that some new ones need and that are none of them.
    pub fn needed_of_others(&self, jobs: &[&NewJob]) -> BTreeSet<JobId> {
        let mut needed: BTreeSet<JobId> = jobs.iter().flat_map(|job| self.needs(job)).collect();
        if !needed.is_empty() {
            for job in jobs {
                needed.remove(&job.id);
            }
        }
        needed
    }
}

/// Decides, by how the jobs that are needed stand.
///
/// # Errors
/// When one of them is gone.
pub(super) fn plan<'a>(
    jobs: &[&'a NewJob],
    mut found: Found,
    standing: &Standing,
) -> Result<Plan<'a>, SubmitError> {
    let doomed = doomed(jobs, &found, standing)?;
    let mut plan = Plan::default();
    let mut keys: HashMap<&str, JobId> = HashMap::new();
    for job in jobs {
        let because_of = doomed.get(&job.id);
        let there = found.0.get(&job.id).copied().or_else(|| {
            let first = keys.get(job.unique_key.as_deref()?)?;
            because_of.is_none().then_some(*first)
        });
        plan.submitted.push(Submitted {
            job: there.unwrap_or(job.id),
            existing: there.is_some(),
            fresh: None,
        });
        match (there, because_of) {
            (Some(there), _) => drop(found.0.insert(job.id, there)),
            (None, Some(because_of)) => plan.doomed.push((*job, *because_of)),
            (None, None) => {
                plan.queued.push(*job);
                keys.extend(job.unique_key.as_deref().map(|key| (key, job.id)));
            }
        }
    }
    for job in &plan.queued {
        let is_over = |need: &JobId| standing.of(*need).is_some_and(JobState::is_final);
        let live: Vec<JobId> = found.needs(job).into_iter().filter(|need| !is_over(need)).collect();
        plan.blockers.push(i16::try_from(live.len()).unwrap_or(i16::MAX));
        plan.dependencies.extend(live.into_iter().map(|need| (need, job.id)));
    }
    Ok(plan)
}

/// The new jobs that can never run, each with the one because of which: another's that has ended without success, or
/// one of them that can never run.
fn doomed(
    jobs: &[&NewJob],
    found: &Found,
    standing: &Standing,
) -> Result<HashMap<JobId, JobId>, SubmitError> {
    let mut doomed = HashMap::new();
    if jobs.iter().all(|job| job.needs.is_empty()) {
        return Ok(doomed);
    }
    let made = jobs.iter().map(|job| job.id).filter(|id| !found.0.contains_key(id));
    let made: HashSet<JobId> = made.collect();
    let mut needed_by: HashMap<JobId, Vec<JobId>> = HashMap::new();
    let mut to_tell = Vec::new();
    for job in jobs.iter().filter(|job| made.contains(&job.id)) {
        for need in found.needs(job) {
            match standing.of(need) {
                Some(JobState::Failed | JobState::Cancelled) if !doomed.contains_key(&job.id) => {
                    doomed.insert(job.id, need);
                    to_tell.push(job.id);
                }
                Some(_) => {}
                None if made.contains(&need) => needed_by.entry(need).or_default().push(job.id),
                None => return Err(missing_need(need)),
            }
        }
    }
    while let Some(gone) = to_tell.pop() {
        for job in needed_by.remove(&gone).unwrap_or_default() {
            if let std::collections::hash_map::Entry::Vacant(place) = doomed.entry(job) {
                place.insert(gone);
                to_tell.push(job);
            }
        }
    }
    Ok(doomed)
}
