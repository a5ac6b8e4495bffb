//! What is job number N? It follows from the seed and the number alone, so that a run can be had again.

use std::time::Duration;

use esteira_benches::work::Fate;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Dependencies reach back over so many jobs of the same tenant.
const REACH: u64 = 5;

/// A job before it is submitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub number: u64,
    /// Which of the tenants submits it.
    pub tenant: usize,
    pub fate: Fate,
    pub millis: u64,
    /// Numbers of jobs that must succeed before.
    pub needs: Vec<u64>,
    /// Whether the file of the first of them goes into its own.
    pub reads_source: bool,
    /// How much later than its submit it may run.
    pub delay: Option<Duration>,
    pub priority: i64,
    /// Whether two clients submit it at the same moment.
    pub is_twin: bool,
    /// When somebody asks for its end.
    pub cancel_after: Option<Duration>,
    /// Whether somebody waits for its end.
    pub is_watched: bool,
}

impl Plan {
    /// The job of a number.
    pub fn of(seed: u64, number: u64, tenants: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
        let fate = match rng.random_range(0..100) {
            0..76 => Fate::Succeed,
            76..88 => Fate::Flaky,
            88..93 => Fate::Fail,
            93..95 => Fate::Crash,
            95..98 => Fate::Linger,
            _ => Fate::Stall,
        };
        let is_twin = rng.random_bool(0.03);
        let mut needs = if rng.random_bool(0.2) { earlier(&mut rng, number, tenants) } else { Vec::new() };
        let cancel_after = rng.random_bool(0.04).then(|| Duration::from_millis(rng.random_range(0..2_000)));
        // The twin that comes second must meet the first before that is over.
        if is_twin {
            needs.clear();
        }
        let delay =
            if is_twin { Some(5_000) } else { rng.random_bool(0.1).then(|| rng.random_range(500..5_000)) };
        Self {
            number,
            tenant: usize::try_from(number % tenants.max(1)).unwrap_or(0),
            fate,
            millis: rng.random_range(10..300),
            reads_source: !needs.is_empty() && rng.random_bool(0.5),
            needs,
            delay: delay.map(Duration::from_millis),
            priority: if rng.random_bool(0.1) { rng.random_range(-100..=100) } else { 0 },
            is_twin,
            cancel_after: cancel_after.filter(|_| !is_twin),
            is_watched: rng.random_bool(0.05),
        }
    }

    /// What would take too long, or never end, gets two short attempts.
    pub fn limits(&self) -> Option<(u16, Duration)> {
        match self.fate {
            Fate::Linger => Some((2, Duration::from_secs(2))),
            Fate::Stall => Some((2, Duration::from_secs(120))),
            _ => None,
        }
    }

    /// While it is not over, no other job of the tenant has this key.
    pub fn unique_key(&self) -> String {
        format!("chaos-{}", self.number)
    }
}

/// One to three earlier numbers of the same tenant, as far as there are any.
fn earlier(rng: &mut StdRng, number: u64, tenants: u64) -> Vec<u64> {
    let count = rng.random_range(1..=3);
    let mut needs: Vec<u64> =
        (0..count).filter_map(|_| number.checked_sub(tenants.max(1) * rng.random_range(1..=REACH))).collect();
    needs.sort_unstable();
    needs.dedup();
    needs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_the_same_each_time_and_needs_only_earlier_jobs_of_its_tenant() {
        for number in 0..2_000 {
            let plan = Plan::of(1, number, 20);
            assert_eq!(plan, Plan::of(1, number, 20));
            assert!(plan.needs.iter().all(|need| *need < number && need % 20 == number % 20));
        }
    }

    #[test]
    fn every_fate_and_every_feature_occurs() {
        let plans: Vec<Plan> = (0..2_000).map(|number| Plan::of(1, number, 20)).collect();
        let fates: std::collections::BTreeSet<Fate> = plans.iter().map(|plan| plan.fate).collect();
        assert_eq!(fates.len(), 6);
        assert!(plans.iter().any(|plan| plan.is_twin) && plans.iter().any(|plan| plan.reads_source));
        assert!(plans.iter().any(|plan| plan.cancel_after.is_some()));
    }
}
