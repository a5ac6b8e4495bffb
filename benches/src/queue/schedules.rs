//! What do ten thousand schedules cost? While nothing is due, and while each is due once a minute: how late they are fired.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use esteira_engine::schedule::{self, CatchUp, Definition, Overlap, ScheduleOptions};
use esteira_engine::tenant::Tenant;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::noop::NOOP;
use super::place::{Place, Server};
use super::psql::Superuser;
use super::used::{Reading, Used};

/// What the scheduler gets to become leader, and to fire what is due already.
const WARM_UP: Duration = Duration::from_secs(5);

/// Moves each schedule's next due instant into the minute that comes, evenly over its seconds.
const SOON: &str = "do $$ declare v record; begin
    for v in select t.id, t.role_name, 'tenant_' || t.slug || '_schema' as in_schema from esteira.tenants as t loop
        execute format('update %I.schedules as s set cron = (n.at % 60) || '' * * * * *''
                        from (select id, row_number() over (order by id) as at from %I.schedules) as n where n.id = s.id',
                       v.in_schema, v.in_schema);
    end loop;
    update esteira.schedules as s
    set due_at = date_trunc('minute', now()) + interval '1 minute' + n.at % 60 * interval '1 second',
        fire_at = date_trunc('minute', now()) + interval '1 minute' + n.at % 60 * interval '1 second',
        revision = revision + 1
    from (select tenant_id, schedule_id, row_number() over (partition by tenant_id order by schedule_id) as at
          from esteira.schedules) as n
    where n.tenant_id = s.tenant_id and n.schedule_id = s.schedule_id;
end $$;";

/// How late every run was fired, in milliseconds, of all tenants.
const LATE: &str = "create temp table late (ms double precision);
do $$ declare v text; begin
    for v in select 'tenant_' || slug || '_schema' from esteira.tenants loop
        execute format('insert into late select extract(epoch from decided_at - due_at) * 1000 from %I.schedule_runs
                        where state = ''fired''', v);
    end loop;
end $$;
select json_build_object('runs', count(*), 'p50', round(percentile_cont(0.5) within group (order by ms)::numeric, 1),
                         'p99', round(percentile_cont(0.99) within group (order by ms)::numeric, 1),
                         'max', round(max(ms)::numeric, 1)) from late;";

/// How many schedules, and for how long.
#[derive(Debug, Args)]
pub struct Schedules {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    superuser: Superuser,
    /// Tenants
    #[arg(long, default_value_t = 100)]
    tenants: usize,
    /// Schedules of each
    #[arg(long, default_value_t = 100)]
    each: usize,
    /// Seconds in which nothing is due
    #[arg(long, default_value_t = 60)]
    idle_seconds: u64,
}

impl Schedules {
    /// Measures, and prints one JSON line.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        let place = Place::open(&self.server, None).await?;
        let tenants = place.tenants_at_once(self.tenants).await?;
        crate::tell("making schedules");
        make(&place, &tenants, self.each).await?;
        self.server.analyze().await?;

        let ended = CancellationToken::new();
        let run = schedule::run(place.engine.clone(), ScheduleOptions::default(), ended.clone());
        let scheduler = tokio::spawn(run);
        tokio::time::sleep(WARM_UP).await;
        let (idle, queries) = self.idle().await?;

        crate::tell("each is due within the next minute");
        self.superuser.run(SOON).await?;
        let start = Reading::take(self.server.postmaster)?;
        let all = self.tenants * self.each;
        self.until_fired(all).await?;
        let busy = start.until(&Reading::take(self.server.postmaster)?);
        ended.cancel();
        scheduler.await?;
        let late = self.superuser.run(LATE).await?.pop().context("a row of lateness")?;
        place.close().await;

        let share = |used: &Used, seconds: f64| (seconds / used.wall.as_secs_f64() * 1e4).round() / 100.0;
        crate::say(&json!({
            "bench": "schedules", "tenants": self.tenants, "schedules": all,
            "idle_scheduler_cpu_percent": share(&idle, idle.client),
            "idle_postgres_cpu_percent": share(&idle, idle.postgres),
            "idle_queries_per_minute": (queries / idle.wall.as_secs_f64() * 60.0).round(),
            "busy_scheduler_cpu_ms_per_fire": busy.client * 1e3 / all as f64,
            "busy_postgres_cpu_ms_per_fire": busy.postgres * 1e3 / all as f64,
            "late_ms": serde_json::from_str::<Value>(&late)?,
        }));
        Ok(ExitCode::SUCCESS)
    }

    /// What the scheduler and the server use while nothing is due, and how many transactions there are meanwhile.
    async fn idle(&self) -> Result<(Used, f64)> {
        let before = self.transactions().await?;
        let start = Reading::take(self.server.postmaster)?;
        tokio::time::sleep(Duration::from_secs(self.idle_seconds)).await;
        let used = start.until(&Reading::take(self.server.postmaster)?);
        Ok((used, self.transactions().await? - before))
    }

    /// Each statement of the scheduler's while it is idle is one. Sessions tell of theirs a second later at most.
    async fn transactions(&self) -> Result<f64> {
        let sql =
            "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()";
        Ok(self.superuser.value(sql).await?.parse()?)
    }

    /// Comes back when every schedule was fired; two minutes are enough, or something is wrong.
    async fn until_fired(&self, all: usize) -> Result<()> {
        for _ in 0..120 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let sql = "select count(*) from esteira.schedules where last_job is not null";
            let fired: usize = self.superuser.value(sql).await?.parse()?;
            if fired >= all {
                return Ok(());
            }
        }
        ensure!(false, "not every schedule was fired within two minutes");
        Ok(())
    }
}

/// Makes schedules that are not due this year.
async fn make(place: &Place, tenants: &[Tenant], each: usize) -> Result<()> {
    let new = Definition {
        name: "bench".to_owned(),
        cron: "@yearly".to_owned(),
        timezone: "UTC".to_owned(),
        kind: NOOP.to_owned(),
        input: json!({"id": 1}),
        priority: 0,
        max_attempts: None,
        timeout: None,
        metadata: Map::new(),
        overlap: Overlap::Skip,
        catch_up: CatchUp::Latest,
        jitter_seconds: 0,
        enabled: true,
    };
    for tenant in tenants {
        for _ in 0..each {
            place.engine.create_schedule(tenant, &new, u32::MAX).await?;
        }
    }
    Ok(())
}
