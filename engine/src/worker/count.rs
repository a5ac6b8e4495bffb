//! What is counted of an attempt? Its wait when it begins; how it ended, and how long that took, when it is settled.

use std::time::{Duration, Instant};

use crate::job::JobState;
use crate::metrics::{AttemptSeen, Busy, Exemplar, Meter, TenantName};
use crate::queue::{Lease, Outcome, Settled};
use crate::tenant::Tenant;
use crate::trace::TraceContext;

/// An attempt that is under way, as it is counted.
pub(super) struct Count<'a> {
    meter: &'a Meter,
    lease: &'a Lease,
    tenant: TenantName<'a>,
    claimed_at: Instant,
    _busy: Busy,
}

impl<'a> Count<'a> {
    /// Counts its beginning.
    pub fn begin(meter: &'a Meter, tenant: &'a Tenant, lease: &'a Lease, claimed_at: Instant) -> Self {
        let tenant = TenantName { id: tenant.id.0, slug: tenant.slug.as_str() };
        let wait = lease.wait;
        let busy = meter.jobs().started(&lease.kind, wait.own_work, wait.slot, exemplar(lease));
        meter.tenants().waited(tenant, wait.own_work, wait.slot);
        Self { meter, lease, tenant, claimed_at, _busy: busy }
    }

    /// How long it has been under way.
    pub fn so_far(&self) -> Duration {
        self.claimed_at.elapsed()
    }

    /// Counts its end. `run` is how long its work took, `settle` how long it took to write that down.
    pub fn end(self, outcome: &Outcome, settled: Settled, run: Duration, settle: Duration) {
        let end = match settled {
            Settled::As(decision) => decision.end(),
            Settled::LeaseLost => None,
        };
        let ended = if settled == Settled::LeaseLost { "lost" } else { outcome.ended_as };
        self.meter.jobs().settled(&self.lease.kind, settle);
        self.meter.jobs().ended(&AttemptSeen {
            kind: &self.lease.kind,
            ended,
            outcome: end.map(JobState::as_str),
            code: outcome.error.as_ref().map(|error| error.code.as_str()),
            run,
            cpu_seconds: outcome.usage.cpu_seconds,
            peak_bytes: outcome.usage.peak_bytes,
            exemplar: exemplar(self.lease),
        });
        self.meter.tenants().ended(self.tenant, ended, run);
    }
}

fn exemplar(lease: &Lease) -> Exemplar {
    Exemplar { job: lease.job.0, trace: lease.trace.map(TraceContext::trace_id) }
}
