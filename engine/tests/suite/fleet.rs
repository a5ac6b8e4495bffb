//! A fleet of tenants, each with a nightly job at two o'clock of its own zone, over two weeks in which clocks change.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use esteira_engine::duty::lead;
use esteira_engine::id::{ScheduleId, WorkerId};
use esteira_engine::job::Decision;
use esteira_engine::queue;
use esteira_engine::schedule::{Definition, RunState, ScheduleOptions, fire_once};
use esteira_engine::tenant::Tenant;
use futures::stream::{self, StreamExt};

use crate::harness::{Harness, outcome};
use crate::schedules::{definition, it_is};

/// Tenants, unless the environment says how many: two of each zone.
const TENANTS: usize = 24;

/// On 27 March two o'clock does not exist in Jerusalem, on the 29th one or two o'clock in Europe; on 5 April it comes twice in Sydney, half of it
/// twice on Lord Howe, and clocks change in New Zealand after three.
const ZONES: [Tz; 12] = [
    Tz::America__Sao_Paulo,
    Tz::America__New_York,
    Tz::America__Los_Angeles,
    Tz::Europe__Lisbon,
    Tz::Europe__Berlin,
    Tz::Asia__Jerusalem,
    Tz::Asia__Kolkata,
    Tz::Asia__Tokyo,
    Tz::Australia__Sydney,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Auckland,
    Tz::Pacific__Chatham,
];

const NIGHTS: u64 = 14;

fn first_night() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 25).unwrap()
}

fn begin() -> DateTime<Utc> {
    "2026-03-24T11:00:00Z".parse().unwrap()
}

/// A tenant of the fleet, with its schedule.
async fn tenant(h: &Harness, number: usize) -> (Tenant, ScheduleId, Tz) {
    let zone = ZONES[number % ZONES.len()];
    let tenant = h.tenant(&format!("t{number}")).await;
    let nightly = Definition { timezone: zone.name().into(), ..definition("0 2 * * *") };
    let id = h.engine.create_schedule(&tenant, &nightly, 10).await.unwrap().id;
    (tenant, id, zone)
}

/// Fires what is due, and ends it; tells how many there were.
async fn night(h: &Harness, worker: WorkerId, tenants: &BTreeMap<i32, Tenant>) -> usize {
    let leadership =
        lead(&h.db, "test", WorkerId(uuid::Uuid::nil()), std::time::Duration::from_secs(15)).await;
    let leadership = leadership.unwrap().expect("nobody else leads");
    let mut fired = 0;
    loop {
        let jobs = fire_once(&h.engine, &ScheduleOptions::default(), &leadership).await.unwrap().jobs;
        if jobs == 0 {
            break;
        }
        fired += jobs;
    }
    let mut ended = 0;
    while ended < fired {
        let leases = h.claim(worker, 100).await;
        assert!(!leases.is_empty(), "{} jobs are not there to claim", fired - ended);
        ended += leases.len();
        let settle = |lease: queue::Lease| async move {
            let done = outcome(Decision::Succeed, "succeeded");
            queue::settle(&h.db, &tenants[&lease.tenant.0], &lease, &done).await.unwrap();
        };
        stream::iter(leases).map(settle).buffer_unordered(4).collect::<Vec<_>>().await;
    }
    fired
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tenant_of_a_fleet_gets_one_job_each_local_night_whatever_the_clocks_do() {
    let count = std::env::var("ESTEIRA_FLEET_TENANTS").map_or(TENANTS, |text| text.parse().unwrap());
    let h = Harness::new().await;
    it_is(&h, begin()).await;
    let fleet: Vec<_> =
        stream::iter(0..count).map(|number| tenant(&h, number)).buffer_unordered(4).collect().await;
    let tenants: BTreeMap<i32, Tenant> =
        fleet.iter().map(|(tenant, ..)| (tenant.id.0, tenant.clone())).collect();
    let worker = h.worker().await;
    let mut fired = 0;
    // Offsets from UTC are of whole quarters of an hour. The nights of all zones are over after a day more.
    for quarter in 0..(NIGHTS as i64 + 1) * 24 * 4 {
        it_is(&h, begin() + TimeDelta::minutes(15 * quarter)).await;
        fired += night(&h, worker, &tenants).await;
    }
    assert!(fired >= count * NIGHTS as usize, "{fired} jobs of {count} tenants");
    let nights: BTreeSet<NaiveDate> = (0..NIGHTS).map(|night| first_night() + Days::new(night)).collect();
    for (tenant, id, zone) in &fleet {
        let runs = h.engine.schedule_runs(tenant, *id, None, None, 200).await.unwrap().items;
        let mut seen = Vec::new();
        for run in &runs {
            assert_eq!(run.state, RunState::Fired, "{zone}: {run:?}");
            let local = run.due_at.with_timezone(zone);
            let time = local.format("%H:%M").to_string();
            // Where two o'clock does not exist, the first instant after the gap.
            assert!(time == "02:00" || time == "03:00", "{zone}: {local}");
            seen.push(local.date_naive());
        }
        let within: Vec<NaiveDate> = seen.iter().copied().filter(|day| nights.contains(day)).collect();
        assert_eq!(within.len(), nights.len(), "{zone}: {within:?}");
        assert_eq!(within.iter().copied().collect::<BTreeSet<_>>(), nights, "{zone}");
        let days: BTreeSet<NaiveDate> = seen.iter().copied().collect();
        assert_eq!(days.len(), seen.len(), "{zone}: one a night");
    }
}
