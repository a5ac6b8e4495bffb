//! What does a job cost from its claim to its settle? Claims of three sorts, one after another over one connection.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::id::{TenantId, WorkerId};
use esteira_engine::job::Decision;
use esteira_engine::queue::{self, Ended, Lease, Outcome};
use esteira_engine::tenant::Tenant;
use serde_json::{Value, json};

use crate::queue::backends::Cpu;
use crate::queue::noop::NOOP;
use crate::queue::place::Place;

/// A worker that is measured step by step.
pub struct Rounds<'a> {
    place: &'a Place,
    postmaster: u32,
    db: Db,
    worker: WorkerId,
    tenants: HashMap<TenantId, Tenant>,
    /// Whether what was taken has to be put back, so that the queue stays as long as it was.
    refill: bool,
}

/// How much is claimed at once, and what one of the jobs is taken to cost.
struct Sort {
    claims: usize,
    jobs: usize,
    estimate: Duration,
}

/// What the rounds of a sort took.
#[derive(Default)]
struct Took {
    claim: Vec<f64>,
    settle: Vec<f64>,
    jobs: usize,
    tenants: usize,
    postgres_nanos: u64,
}

impl<'a> Rounds<'a> {
    /// Registers a worker, over a connection of its own, which is never replaced if `for_ever`.
    pub async fn new(
        place: &'a Place,
        postmaster: u32,
        tenants: Vec<Tenant>,
        queued: usize,
        for_ever: bool,
    ) -> Result<Self> {
        let mut options = DatabaseOptions::new(&place.database_url);
        options.max_connections = 1;
        if for_ever {
            options.tenants_a_connection = usize::MAX;
        }
        let db = Db::open(&options)?;
        let worker = WorkerId::new();
        queue::register(&db, worker, "bench", &json!({}), Duration::from_secs(86_400)).await?;
        let tenants = tenants.into_iter().map(|tenant| (tenant.id, tenant)).collect();
        Ok(Self { place, postmaster, db, worker, tenants, refill: queued < 500_000 })
    }

    /// One job a claim, as long jobs are claimed: each time another tenant's, until it has been every tenant's turn.
    pub async fn single(&self, claims: usize) -> Result<Value> {
        let claims = claims.max(self.tenants.len());
        self.passes(&Sort { claims, jobs: 1, estimate: Duration::from_secs(1) }).await
    }

    /// Ten jobs of ten tenants a claim.
    pub async fn spread(&self, claims: usize) -> Result<Value> {
        let claims = claims.max(self.tenants.len() / 10);
        self.passes(&Sort { claims, jobs: 10, estimate: Duration::from_secs(1) }).await
    }

    /// A hundred jobs of one tenant or two a claim, as short jobs are claimed.
    pub async fn lane(&self, claims: usize) -> Result<Value> {
        self.passes(&Sort { claims, jobs: 100, estimate: Duration::from_millis(1) }).await
    }

    /// Closes the connection.
    pub async fn close(self) {
        self.db.close().await;
    }

    /// Twice: what a connection meets for the first time, and what it knows.
    async fn passes(&self, sort: &Sort) -> Result<Value> {
        Ok(json!({"first": self.pass(sort).await?, "again": self.pass(sort).await?}))
    }

    async fn pass(&self, sort: &Sort) -> Result<Value> {
        let mut took = Took::default();
        for _ in 0..sort.claims {
            let leases = self.round(sort, &mut took).await?;
            ensure!(leases.len() == sort.jobs, "{} jobs were claimed of {}", leases.len(), sort.jobs);
            if self.refill {
                self.put_back(&leases).await?;
            }
        }
        Ok(took.told())
    }

    async fn round(&self, sort: &Sort, took: &mut Took) -> Result<Vec<Lease>> {
        let cpu = Cpu::of_sessions(self.postmaster)?;
        let began = Instant::now();
        let jobs = queue::claim_with_inputs(&self.db, self.worker, NOOP, sort.jobs, sort.estimate, 16 * 1024)
            .await?;
        let claimed = Instant::now();
        ensure!(jobs.iter().all(|(_, input)| input.is_some()), "an input is missing");
        let leases: Vec<Lease> = jobs.into_iter().map(|(lease, _)| lease).collect();
        let outcome = success();
        let ended: Result<Vec<_>> = leases
            .iter()
            .map(|lease| Ok(Ended { tenant: self.tenant(lease.tenant)?, lease, outcome: &outcome }))
            .collect();
        let settlement = queue::settle_all(&self.db, self.worker, &ended?).await?;
        let settled = Instant::now();
        // A worker does so some time later, for many jobs together.
        queue::charge(&self.db, &settlement.used).await;
        ensure!(
            settlement.settled.iter().all(|settled| *settled == queue::Settled::As(Decision::Succeed)),
            "a settle did not count"
        );
        took.claim.push(millis(claimed - began));
        took.settle.push(millis(settled - claimed));
        took.jobs += leases.len();
        took.tenants += by_tenant(&leases).len();
        took.postgres_nanos += Cpu::of_sessions(self.postmaster)?.since(&cpu);
        Ok(leases)
    }

    async fn put_back(&self, leases: &[Lease]) -> Result<()> {
        for (id, leases) in by_tenant(leases) {
            self.place.fill(std::slice::from_ref(self.tenant(id)?), leases.len()).await?;
        }
        Ok(())
    }

    fn tenant(&self, id: TenantId) -> Result<&Tenant> {
        self.tenants.get(&id).context("a tenant of this measurement")
    }
}

impl Took {
    fn told(self) -> Value {
        let jobs = self.jobs as f64;
        let rounds = self.claim.len() as f64;
        let mean = |all: &[f64]| (all.iter().sum::<f64>() / jobs * 1e4).round() / 1e4;
        json!({
            "jobs": self.jobs, "tenants_a_claim": (self.tenants as f64 / rounds * 10.0).round() / 10.0,
            "ms_per_job": {"claim": mean(&self.claim), "settle": mean(&self.settle)},
            "claim_ms": crate::start::summary(self.claim), "settle_ms": crate::start::summary(self.settle),
            "postgres_cpu_us_per_job": (self.postgres_nanos as f64 / 1e3 / jobs * 10.0).round() / 10.0,
        })
    }
}

fn by_tenant(leases: &[Lease]) -> BTreeMap<TenantId, Vec<&Lease>> {
    let mut all: BTreeMap<TenantId, Vec<&Lease>> = BTreeMap::new();
    for lease in leases {
        all.entry(lease.tenant).or_default().push(lease);
    }
    all
}

fn success() -> Outcome {
    Outcome { output: Some(json!({})), ..Outcome::new(Decision::Succeed, "succeeded") }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
