//! Did a job end as it had to? A pure judgement over its plan and what became of it.

use esteira_benches::work::{Fate, MEANT_TO_FAIL, UNLUCKY};

use super::plan::Plan;
use super::truth::Job;

/// After so many crashes a job is given up; faults cause them too.
const MAX_CRASHES: u64 = 3;
/// What a worker says when it, and not the job, was at fault.
const OF_THE_WORKER: [&str; 8] = [
    "crashed",
    "database_unavailable",
    "internal",
    "not_started",
    "stalled",
    "store_unavailable",
    "timeout",
    "work_dir_unwritable",
];

/// How a job ended, against how it was meant to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As its input said.
    AsMeant,
    /// Cancelled, by wish or because a job that it needed did not succeed.
    Cancelled,
    /// Failed, with all its attempts or three workers used up by faults, as the rules say.
    WornOut,
    /// Otherwise, which it must not.
    Wrong(String),
}

/// Judges; `needs` are the final states of the jobs that it depended on.
pub fn judge(plan: &Plan, job: &Job, cancel_asked: bool, needs: &[&str]) -> Verdict {
    let Job { state, attempt, max_attempts, .. } = job;
    if attempt > max_attempts {
        return Verdict::Wrong(format!("attempt {attempt} of {max_attempts}"));
    }
    let needs_failed = needs.iter().any(|state| *state != "succeeded");
    match (state.as_str(), needs_failed) {
        ("cancelled", true) if job.code() == "dependency_failed" || cancel_asked => Verdict::Cancelled,
        ("cancelled", false) if cancel_asked => Verdict::Cancelled,
        ("succeeded", false) => of_success(plan, job),
        ("failed", false) => of_failure(plan, job),
        _ => Verdict::Wrong(format!("{state} ({}) after needs that ended {needs:?}", job.code())),
    }
}

fn of_success(plan: &Plan, job: &Job) -> Verdict {
    match plan.fate {
        Fate::Succeed | Fate::Flaky if job.ended("succeeded") <= 1 => Verdict::AsMeant,
        Fate::Succeed | Fate::Flaky => {
            Verdict::Wrong(format!("{} attempts succeeded", job.ended("succeeded")))
        }
        Fate::Fail | Fate::Crash | Fate::Linger | Fate::Stall => {
            Verdict::Wrong("succeeded, and could not".to_owned())
        }
    }
}

fn of_failure(plan: &Plan, job: &Job) -> Verdict {
    let is_meant = match plan.fate {
        Fate::Succeed => false,
        Fate::Flaky => job.code() == UNLUCKY && job.attempt == job.max_attempts,
        Fate::Fail => job.code() == MEANT_TO_FAIL,
        Fate::Crash => job.code() == "crashed",
        Fate::Linger => job.code() == "timeout",
        Fate::Stall => job.code() == "stalled",
    };
    let is_used_up = job.attempt == job.max_attempts && OF_THE_WORKER.contains(&job.code());
    let is_crashed = job.code() == "crashed" && job.ended("crashed") >= MAX_CRASHES;
    if job.ended("succeeded") > 0 {
        Verdict::Wrong("failed, although an attempt of it succeeded".to_owned())
    } else if is_meant {
        Verdict::AsMeant
    } else if is_used_up || is_crashed {
        Verdict::WornOut
    } else {
        let ends = &job.ends;
        let message = job.error.as_ref().map_or("", |error| error.message.as_str());
        Verdict::Wrong(format!("failed in attempt {} with {} ({message}); {ends:?}", job.attempt, job.code()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(fate: Fate) -> Plan {
        let plans = (0..).map(|number| Plan::of(1, number, 1));
        plans.into_iter().find(|plan| plan.fate == fate && plan.needs.is_empty()).unwrap()
    }

    fn job(state: &str, code: Option<&str>, attempt: u64, ends: &[(&str, u64)]) -> Job {
        let error = code.map(|code| json!({"code": code, "message": ""}));
        let mut job: Job = serde_json::from_value(json!({
            "id": "a", "state": state, "attempt": attempt, "max_attempts": 5, "error": error, "output": null,
            "artifacts": [], "metadata": {"number": "1"},
        }))
        .unwrap();
        job.ends = ends.iter().map(|(how, count)| ((*how).to_owned(), *count)).collect();
        job
    }

    #[test]
    fn a_job_that_should_succeed_may_fail_only_when_faults_have_used_it_up() {
        let plan = plan(Fate::Succeed);
        let judged = |job: &Job| judge(&plan, job, false, &[]);
        assert_eq!(judged(&job("succeeded", None, 2, &[("crashed", 1)])), Verdict::AsMeant);
        assert_eq!(judged(&job("failed", Some("crashed"), 3, &[("crashed", 3)])), Verdict::WornOut);
        assert!(matches!(judged(&job("failed", Some("crashed"), 2, &[("crashed", 2)])), Verdict::Wrong(_)));
        assert_eq!(judged(&job("failed", Some("store_unavailable"), 5, &[])), Verdict::WornOut);
        assert!(matches!(judged(&job("failed", Some("store_unavailable"), 4, &[])), Verdict::Wrong(_)));
    }

    #[test]
    fn a_cancel_needs_somebody_who_asked_or_a_need_that_ended_badly() {
        let plan = plan(Fate::Succeed);
        let cancelled = job("cancelled", None, 0, &[]);
        assert!(matches!(judge(&plan, &cancelled, false, &[]), Verdict::Wrong(_)));
        assert_eq!(judge(&plan, &cancelled, true, &[]), Verdict::Cancelled);
        let by_need = job("cancelled", Some("dependency_failed"), 0, &[]);
        assert_eq!(judge(&plan, &by_need, false, &["failed"]), Verdict::Cancelled);
        let ran = job("succeeded", None, 1, &[]);
        assert!(matches!(judge(&plan, &ran, false, &["failed"]), Verdict::Wrong(_)));
    }

    #[test]
    fn two_successes_are_one_too_many() {
        let twice = job("succeeded", None, 2, &[("succeeded", 2)]);
        assert!(matches!(judge(&plan(Fate::Succeed), &twice, false, &[]), Verdict::Wrong(_)));
    }
}
