//! Which tenants have a label of their own? The busiest; the others share one, `other`.
//!
//! Who is busy is known by processing seconds, which workers see. Each process keeps its own count of the window; the
//! engine adds those of all processes up and tells each the same names ([`Tenants::name`]), so that a tenant has its name
//! everywhere or nowhere. Until it has told any, and where there is room, whoever comes first is named.
//!
//! A tenant that loses its name loses its series: they end in Prometheus, and what the tenant does from then on counts for
//! `other`. What it has done stays with its name, so no sum counts anything twice.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::registry::Unit;

use crate::codes::OTHER;
use crate::window::Window;

/// How attempts end, in the order of [`Line::attempts`].
const ENDS: [&str; 7] = ["succeeded", "failed", "crashed", "cancelled", "released", "snoozed", "lost"];

/// A tenant, by number and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantName<'a> {
    /// Its number.
    pub id: i32,
    /// Its slug.
    pub slug: &'a str,
}

/// What a tenant used here in the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The tenant's number.
    pub tenant: i32,
    /// Its processing seconds.
    pub seconds: f64,
}

/// What tenants do in this process.
#[derive(Debug, Clone)]
pub struct Tenants(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    most: usize,
    named: HashMap<i32, (Arc<str>, Line)>,
    other: Line,
    window: Window,
}

#[derive(Debug, Default, Clone)]
struct Line {
    submitted: u64,
    attempts: [u64; ENDS.len()],
    run_seconds: f64,
    own_work_seconds: f64,
    slot_seconds: f64,
}

impl Tenants {
    pub(crate) fn new(most: usize, window: Duration) -> Self {
        let window = Window::new(window);
        Self(Arc::new(Mutex::new(State { most, named: HashMap::new(), other: Line::default(), window })))
    }

    /// Jobs of a tenant were taken.
    pub fn submitted(&self, tenant: TenantName<'_>, jobs: u64) {
        self.0.lock().line(tenant).submitted += jobs;
    }

    /// A job of a tenant waited so long behind its own tenant's work, and then for a slot.
    pub fn waited(&self, tenant: TenantName<'_>, own_work: Duration, slot: Duration) {
        let mut state = self.0.lock();
        let line = state.line(tenant);
        line.own_work_seconds += own_work.as_secs_f64();
        line.slot_seconds += slot.as_secs_f64();
    }

    /// An attempt of a tenant's has ended, after so long.
    pub fn ended(&self, tenant: TenantName<'_>, ended: &'static str, run: Duration) {
        let mut state = self.0.lock();
        state.window.add(tenant.id, run.as_secs_f64(), Instant::now());
        let line = state.line(tenant);
        line.run_seconds += run.as_secs_f64();
        if let Some((_, count)) = ENDS.iter().zip(&mut line.attempts).find(|(end, _)| **end == ended) {
            *count += 1;
        }
    }

    /// Those that used most here in the window, as many as may have names.
    #[must_use]
    pub fn busiest(&self) -> Vec<Share> {
        let mut state = self.0.lock();
        let most = state.most;
        let shares = state.window.busiest(most, Instant::now());
        shares.into_iter().map(|(tenant, seconds)| Share { tenant, seconds }).collect()
    }

    /// Gives these tenants names; others keep theirs as far as there is room.
    pub fn name(&self, busiest: &[TenantName<'_>]) {
        let mut state = self.0.lock();
        let chosen: HashSet<i32> = busiest
            .iter()
            .filter(|tenant| tenant.slug != OTHER)
            .take(state.most)
            .map(|tenant| tenant.id)
            .collect();
        let mut room = state.most - chosen.len();
        state.named.retain(|id, _| {
            let stays = chosen.contains(id) || room > 0;
            if stays && !chosen.contains(id) {
                room -= 1;
            }
            stays
        });
        for tenant in busiest.iter().filter(|tenant| chosen.contains(&tenant.id)) {
            state.named.entry(tenant.id).or_insert_with(|| (tenant.slug.into(), Line::default()));
        }
    }

    /// The numbers of those that have names.
    #[must_use]
    pub fn named(&self) -> Vec<i32> {
        self.0.lock().named.keys().copied().collect()
    }

    /// The most that may have names.
    #[must_use]
    pub fn most(&self) -> usize {
        self.0.lock().most
    }

    fn lines(&self) -> Vec<(Arc<str>, Line)> {
        let state = self.0.lock();
        let named = state.named.values().cloned();
        named.chain([(OTHER.into(), state.other.clone())]).collect()
    }
}

impl State {
    /// Where a tenant's doings are counted. One that is called `other` is counted among the others.
    fn line(&mut self, tenant: TenantName<'_>) -> &mut Line {
        let is_named = self.named.contains_key(&tenant.id);
        if !is_named && (self.named.len() >= self.most || tenant.slug == OTHER) {
            return &mut self.other;
        }
        &mut self.named.entry(tenant.id).or_insert_with(|| (tenant.slug.into(), Line::default())).1
    }
}

/// A number of a line with the label that it has beside the tenant's.
type Reading = fn(&Line) -> f64;

impl Collector for Tenants {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let lines = self.lines();
        let mut family = encoder.encode_descriptor(
            "tenant_jobs_submitted",
            "Jobs that this process took, by tenant.",
            None,
            MetricType::Counter,
        )?;
        for (tenant, line) in &lines {
            ConstCounter::new(line.submitted).encode(family.encode_family(&[("tenant", &**tenant)])?)?;
        }
        let help = "Attempts by tenant and how they ended.";
        let mut family = encoder.encode_descriptor("tenant_attempts", help, None, MetricType::Counter)?;
        for (tenant, line) in &lines {
            for (ended, count) in ENDS.iter().zip(line.attempts).filter(|(_, count)| *count > 0) {
                let labels = [("tenant", &**tenant), ("ended", *ended)];
                ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
            }
        }
        let help = "Processing time of attempts, by tenant.";
        let mut family =
            encoder.encode_descriptor("tenant_run", help, Some(&Unit::Seconds), MetricType::Counter)?;
        for (tenant, line) in &lines {
            ConstCounter::new(line.run_seconds).encode(family.encode_family(&[("tenant", &**tenant)])?)?;
        }
        let help = "How long jobs waited, by tenant, behind its own work and for a slot.";
        let mut family =
            encoder.encode_descriptor("tenant_wait", help, Some(&Unit::Seconds), MetricType::Counter)?;
        let parts: [(&str, Reading); 2] =
            [("own_work", |line| line.own_work_seconds), ("slot", |line| line.slot_seconds)];
        for (tenant, line) in &lines {
            for (behind, reading) in parts {
                let labels = [("tenant", &**tenant), ("behind", behind)];
                ConstCounter::new(reading(line)).encode(family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn ends(tenants: &Tenants, id: i32, slug: &str, seconds: u64) {
        tenants.ended(TenantName { id, slug }, "succeeded", Duration::from_secs(seconds));
    }

    fn named(tenants: &Tenants) -> BTreeSet<i32> {
        tenants.named().into_iter().collect()
    }

    #[test]
    fn of_ten_thousand_tenants_the_busiest_have_names_and_nothing_is_lost() {
        let tenants = Tenants::new(20, Duration::from_secs(3600));
        for id in 0..10_000 {
            ends(&tenants, id, &format!("tenant_{id}"), u64::from(id % 500 == 7) * 100 + 1);
        }
        assert_eq!(tenants.lines().len(), 21);
        let busiest = tenants.busiest();
        assert!(busiest.iter().all(|share| share.seconds > 100.0) && busiest.len() == 20);
        let names: Vec<String> = busiest.iter().map(|share| format!("tenant_{}", share.tenant)).collect();
        let told: Vec<_> =
            busiest.iter().zip(&names).map(|(share, slug)| TenantName { id: share.tenant, slug }).collect();
        tenants.name(&told);
        assert_eq!(named(&tenants), busiest.iter().map(|share| share.tenant).collect());
        for share in &busiest {
            ends(&tenants, share.tenant, "x", 1);
        }
        ends(&tenants, 1, "tenant_1", 1);
        let lines = tenants.lines();
        assert_eq!(lines.len(), 21);
        let succeeded: u64 = lines.iter().filter_map(|(_, line)| line.attempts.first()).sum();
        // The first twenty had names by turn, and took what they had done along.
        assert_eq!(succeeded, 10_000 + 21 - 20 + u64::from(named(&tenants).contains(&7)));
    }

    #[test]
    fn whoever_has_a_name_keeps_it_where_there_is_room() {
        let tenants = Tenants::new(3, Duration::from_secs(60));
        for (id, slug) in [(1, "acme"), (2, "bell"), (3, "corp"), (4, "dale")] {
            ends(&tenants, id, slug, 1);
        }
        assert_eq!(named(&tenants), BTreeSet::from([1, 2, 3]));
        tenants.name(&[TenantName { id: 4, slug: "dale" }]);
        assert!(named(&tenants).contains(&4) && named(&tenants).len() == 3);
    }

    #[test]
    fn a_tenant_that_is_called_other_is_counted_among_the_others() {
        let tenants = Tenants::new(3, Duration::from_secs(60));
        ends(&tenants, 1, "other", 1);
        tenants.name(&[TenantName { id: 1, slug: "other" }]);
        ends(&tenants, 1, "other", 1);
        assert_eq!(tenants.lines().len(), 1);
    }
}
