//! Which jobs of a batch need which others? By the names that the batch itself gives them.
//!
//! An id is made by the server, so a job cannot name one that is submitted along with it. It names its `ref` instead.

use std::collections::HashMap;

use super::check::MAX_DEPENDENCIES;
use super::{Submission, SubmitError};
use crate::id::JobId;

const MAX_REF: usize = 100;

/// A job of a batch.
#[derive(Debug, Clone, Default)]
pub struct BatchJob {
    /// What others of the batch call it.
    pub reference: Option<String>,
    /// What it calls those of the batch that have to succeed before.
    pub after: Vec<String>,
    /// The job itself.
    pub submission: Submission,
}

/// A job's new id, and the jobs of its batch that it needs.
type Resolved = (JobId, Vec<JobId>);

/// The places of jobs that are refused, and why.
type Faults = Vec<(usize, SubmitError)>;

/// For each job of a batch its new id, and the jobs of the batch that it needs.
///
/// # Errors
/// The places of the jobs whose refs cannot be: unknown, given twice, or in a circle.
pub fn resolve_refs(jobs: &[BatchJob]) -> Result<Vec<Resolved>, Faults> {
    let graph = Graph::of(jobs)?;
    if let Some(circle) = graph.circle() {
        return Err(vec![circle_fault(jobs, &circle)]);
    }
    let ids: Vec<JobId> = jobs.iter().map(|_| JobId::new()).collect();
    let needs = graph.needs.iter().map(|needs| needs.iter().filter_map(|at| ids.get(*at).copied()).collect());
    Ok(ids.iter().copied().zip(needs.collect::<Vec<_>>()).collect())
}

/// The places of the jobs that each job needs.
struct Graph {
    needs: Vec<Vec<usize>>,
}

impl Graph {
    fn of(jobs: &[BatchJob]) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let mut named: HashMap<&str, usize> = HashMap::new();
        let mut keys: HashMap<&str, usize> = HashMap::new();
        // Of several jobs with one unique key the first is made, and the others are that one.
        let mut same_as = Vec::with_capacity(jobs.len());
        for (at, job) in jobs.iter().enumerate() {
            let first = job.submission.unique_key.as_deref().map(|key| *keys.entry(key).or_insert(at));
            same_as.push(first.unwrap_or(at));
            let Some(name) = job.reference.as_deref() else { continue };
            if name.is_empty() || name.len() > MAX_REF {
                faults.push((at, bad("ref", format!("must have between 1 and {MAX_REF} bytes"))));
            } else if let Some(other) = named.insert(name, at) {
                faults.push((at, bad("ref", format!("{name:?} is the ref of /jobs/{other} already"))));
            }
        }
        let mut needs = Vec::with_capacity(jobs.len());
        for (at, job) in jobs.iter().enumerate() {
            if job.after.len() + job.submission.depends_on.len() > MAX_DEPENDENCIES {
                faults.push((at, bad("depends_on", format!("must have at most {MAX_DEPENDENCIES} jobs"))));
                continue;
            }
            let mut of_job = Vec::with_capacity(job.after.len());
            for name in &job.after {
                match named.get(name.as_str()).and_then(|other| same_as.get(*other)) {
                    Some(other) => of_job.push(*other),
                    None => {
                        faults.push((
                            at,
                            bad("depends_on", format!("no job of the batch has the ref {name:?}")),
                        ));
                    }
                }
            }
            of_job.sort_unstable();
            of_job.dedup();
            let is_made = same_as.get(at) == Some(&at);
            needs.push(if is_made { of_job } else { Vec::new() });
        }
        if faults.is_empty() { Ok(Self { needs }) } else { Err(faults) }
    }

    /// Jobs that wait for each other in a circle, each followed by one that it needs.
    fn circle(&self) -> Option<Vec<usize>> {
        let mut left = self.needs.iter().map(Vec::len).collect::<Vec<_>>();
        let mut needed_by = vec![Vec::new(); self.needs.len()];
        for (at, needs) in self.needs.iter().enumerate() {
            for need in needs {
                if let Some(list) = needed_by.get_mut(*need) {
                    list.push(at);
                }
            }
        }
        // Whatever can run is taken away, again and again; what is left waits for itself.
        let mut free: Vec<usize> = (0..left.len()).filter(|at| left.get(*at) == Some(&0)).collect();
        while let Some(at) = free.pop() {
            for next in needed_by.get(at).into_iter().flatten() {
                if let Some(count) = left.get_mut(*next) {
                    *count -= 1;
                    if *count == 0 {
                        free.push(*next);
                    }
                }
            }
        }
        let stuck = |at: &usize| left.get(*at).is_some_and(|count| *count > 0);
        let mut at = (0..left.len()).find(stuck)?;
        let mut way = Vec::new();
        let mut seen: HashMap<usize, usize> = HashMap::new();
        // A job that is left needs another one that is left, so the way never ends, and comes back to itself.
        loop {
            if let Some(begin) = seen.insert(at, way.len()) {
                return Some(way.split_off(begin));
            }
            way.push(at);
            at = self.needs.get(at)?.iter().copied().find(|need| stuck(need))?;
        }
    }
}

/// The longest circle that is told in full.
const TOLD: usize = 20;

fn circle_fault(jobs: &[BatchJob], circle: &[usize]) -> (usize, SubmitError) {
    let name = |at: &usize| jobs.get(*at).and_then(|job| job.reference.clone()).unwrap_or_default();
    let mut names: Vec<String> = circle.iter().take(TOLD).map(name).collect();
    if circle.len() > TOLD {
        names.push(format!("({} more)", circle.len() - TOLD));
    }
    names.extend(circle.first().map(name));
    let first = circle.first().copied().unwrap_or_default();
    (first, bad("depends_on", format!("waits for itself: {}", names.join(" → "))))
}

fn bad(field: &'static str, message: String) -> SubmitError {
    SubmitError::BadField { field, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(name: &str, after: &[&str]) -> BatchJob {
        let reference = (!name.is_empty()).then(|| name.to_owned());
        BatchJob {
            reference,
            after: after.iter().map(|&name| name.to_owned()).collect(),
            ..BatchJob::default()
        }
    }

    fn faults(jobs: &[BatchJob]) -> Vec<(usize, String)> {
        let faults = resolve_refs(jobs).unwrap_err();
        faults.into_iter().map(|(at, fault)| (at, fault.to_string())).collect()
    }

    #[test]
    fn a_ref_leads_to_its_job_wherever_that_stands() {
        let resolved = resolve_refs(&[job("", &["b", "c", "b"]), job("b", &["c"]), job("c", &[])]).unwrap();
        let ids: Vec<JobId> = resolved.iter().map(|(id, _)| *id).collect();
        let needs: Vec<Vec<JobId>> = resolved.into_iter().map(|(_, needs)| needs).collect();
        assert_eq!(needs, [vec![ids[1], ids[2]], vec![ids[2]], vec![]]);
    }

    #[test]
    fn a_circle_is_named_and_what_merely_leads_to_it_is_not() {
        let jobs = [job("x", &["a"]), job("a", &["b"]), job("b", &["c"]), job("c", &["a"])];
        assert_eq!(faults(&jobs), [(1, "depends_on: waits for itself: a → b → c → a".to_owned())]);
        assert_eq!(faults(&[job("a", &["a"])]), [(0, "depends_on: waits for itself: a → a".to_owned())]);
    }

    #[test]
    fn refs_that_are_unknown_twice_or_too_long_are_all_told() {
        let jobs = [job("a", &["no"]), job("a", &[]), job(&"x".repeat(101), &[])];
        let told = faults(&jobs);
        assert_eq!(told.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 2, 0]);
        assert_eq!(told[0].1, "ref: \"a\" is the ref of /jobs/0 already");
        assert_eq!(told[2].1, "depends_on: no job of the batch has the ref \"no\"");
    }

    #[test]
    fn jobs_with_one_unique_key_are_one_job_in_the_search_for_circles_too() {
        let keyed = |mut job: BatchJob| {
            job.submission.unique_key = Some("k".into());
            job
        };
        let jobs = [keyed(job("a", &["c"])), job("c", &["b"]), keyed(job("b", &[]))];
        assert_eq!(faults(&jobs), [(0, "depends_on: waits for itself: a → c → a".to_owned())]);
    }

    #[test]
    fn ten_thousand_in_a_row_are_no_circle_and_closed_they_are_one() {
        let mut jobs: Vec<BatchJob> =
            (1..10_000).map(|n| job(&n.to_string(), &[&(n - 1).to_string()])).collect();
        jobs.push(job("0", &[]));
        assert!(resolve_refs(&jobs).is_ok());
        jobs[9_999].after = vec!["9999".into()];
        let told = faults(&jobs);
        assert!(told[0].1.contains("(9980 more)"), "{told:?}");
    }
}
