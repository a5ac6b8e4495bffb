//! What does counting cost, and a scrape with ten thousand tenants? `cargo run --release -p esteira-metrics --example cost`

#![expect(clippy::print_stdout, reason = "it is a measurement, and this is its result")]

use std::time::{Duration, Instant};

use esteira_metrics::{AttemptSeen, Exemplar, Format, Meter, Scrape, StoreMeter, TenantName};
use uuid::Uuid;

const JOBS: u32 = 200_000;
const TENANTS: u32 = 10_000;
const SCRAPES: u32 = 20;
/// The load for which the cost is told.
const JOBS_A_SECOND: f64 = 2_000.0;

fn main() {
    let meter = Meter::default();
    meter.jobs().has_slots("test.noop", 64);
    let slugs: Vec<String> = (0..TENANTS).map(|number| format!("tenant_{number}")).collect();
    let began = Instant::now();
    for (number, slug) in (0..JOBS).zip(slugs.iter().cycle()) {
        let id = i32::try_from(number % TENANTS).unwrap_or_default();
        job(&meter, TenantName { id, slug });
    }
    let a_job = began.elapsed() / JOBS;
    let scrape = Scrape { meter, store: StoreMeter::default() };
    let began = Instant::now();
    let bytes: usize = (0..SCRAPES).map(|_| scrape.write(Format::OpenMetrics).len()).sum();
    let a_scrape = began.elapsed() / SCRAPES;
    println!(
        "{{\"microseconds_a_job\": {:.2}, \"percent_of_a_core_at_2000_jobs_a_second\": {:.2}, \
         \"scrape_ms_at_10000_tenants\": {:.2}, \"scrape_bytes\": {}}}",
        a_job.as_secs_f64() * 1e6,
        a_job.as_secs_f64() * JOBS_A_SECOND * 100.0,
        a_scrape.as_secs_f64() * 1e3,
        bytes / 20,
    );
}

/// All that is counted of a job, from its submit to its settle.
fn job(meter: &Meter, tenant: TenantName<'_>) {
    let (kind, moment) = ("test.noop", Duration::from_millis(3));
    let exemplar = Exemplar { job: Uuid::nil(), trace: None };
    meter.api().answered("/v1/jobs", "POST", 202, moment);
    meter.jobs().submitted(kind, 1);
    meter.tenants().submitted(tenant, 1);
    meter.postgres().called("claim");
    meter.jobs().claimed(kind, moment);
    let busy = meter.jobs().started(kind, moment, moment, exemplar);
    meter.tenants().waited(tenant, moment, moment);
    meter.postgres().called("settle");
    meter.jobs().settled(kind, moment);
    meter.jobs().ended(&AttemptSeen {
        kind,
        ended: "succeeded",
        outcome: Some("succeeded"),
        code: None,
        run: moment,
        cpu_seconds: 0.001,
        peak_bytes: 1 << 20,
        exemplar,
    });
    meter.tenants().ended(tenant, "succeeded", moment);
    drop(busy);
}
