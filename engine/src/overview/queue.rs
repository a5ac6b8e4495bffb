//! How deep is the queue? Jobs by kind and state, and by the tenants that have names, in one pass over its rows.
//!
//! As with `queue::stats`, nothing but the rows knows the counts; the pass reads them once for both.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Engine;
use crate::db::DatabaseError;
use crate::metrics::{KindOverview, TenantOverview};

/// Under this name the tenants without one are counted together, and one that is called so with them.
const OTHER: &str = "other";

/// What the queue holds.
#[derive(Debug)]
pub(super) struct Depth {
    pub kinds: Vec<KindOverview>,
    pub tenants: Vec<TenantOverview>,
}

/// Jobs of a kind, or of a tenant, in one state.
struct Count {
    kind: Option<String>,
    tenant: Option<String>,
    state: String,
    jobs: i64,
    ready_seconds: f64,
    running_seconds: f64,
    starved: i64,
}

/// Counts the queue.
pub(super) async fn depth(engine: &Engine, starved_after: Duration) -> Result<Depth, DatabaseError> {
    let mut kinds: BTreeMap<String, KindOverview> = BTreeMap::new();
    let mut tenants: BTreeMap<String, TenantOverview> = BTreeMap::new();
    for entry in engine.catalog.iter() {
        kinds.entry(entry.info.name.to_owned()).or_default();
    }
    tenant(&mut tenants, OTHER);
    let mut tx = engine.db.begin().await?;
    // Ten thousand tenants are more groups than the usual memory holds, and would be sorted on disk.
    sqlx::query!("select set_config('work_mem', '64MB', true) as work_mem").fetch_one(tx.conn()).await?;
    let named = engine.meter().tenants().named();
    // Counted once, by kind, tenant and state, and added up twice. A tenant is starved of which nothing runs, of whatever
    // kind, though it may: neither is it paused or suspended, nor has it no slot by its own limit.
    let counts = sqlx::query_as!(
        Count,
        r#"with counted as materialized (
               select q.kind, q.tenant_id, q.state, count(*) as jobs, min(q.ready_at) as ready_at,
                      min(q.started_at) as started_at
               from esteira.queue as q group by q.kind, q.tenant_id, q.state
           ), busy as (
               select distinct c.tenant_id from counted as c where c.state = 'running'
           ), judged as (
               select c.*, t.slug,
                      c.state = 'queued' and c.ready_at < esteira.now() - make_interval(secs => $2)
                      and b.tenant_id is null and t.state = 'active' and t.max_running is distinct from 0
                      and not exists (select from esteira.pauses as p
                                      where (p.tenant_id is null or p.tenant_id = c.tenant_id)
                                        and (p.kind is null or p.kind = c.kind)) as is_starved
               from counted as c left join esteira.tenants as t on t.id = c.tenant_id
                   left join busy as b on b.tenant_id = c.tenant_id
           )
           select j.kind as "kind?", null::text as "tenant?", j.state as "state!", sum(j.jobs)::bigint as "jobs!",
                  coalesce(extract(epoch from esteira.now() - min(j.ready_at)), 0)::double precision as "ready_seconds!",
                  coalesce(extract(epoch from esteira.now() - min(j.started_at)), 0)::double precision
                      as "running_seconds!",
                  count(*) filter (where j.is_starved) as "starved!"
           from judged as j group by j.kind, j.state
           union all
           select null, case when j.tenant_id = any ($1) then j.slug end, j.state, sum(j.jobs)::bigint,
                  coalesce(extract(epoch from esteira.now() - min(j.ready_at)), 0)::double precision, 0, 0
           from judged as j where j.state in ('queued', 'running')
           group by case when j.tenant_id = any ($1) then j.slug end, j.state"#,
        &named,
        starved_after.as_secs_f64()
    )
    .fetch_all(tx.conn())
    .await?;
    let slots = sqlx::query!(
        r#"select slot.key as "kind!", sum(slot.value::bigint)::bigint as "slots!", count(*) as "workers!"
           from esteira.workers as w cross join lateral jsonb_each_text(w.slots) as slot
           where w.lost_at is null and w.lease_until > esteira.now() and w.draining_at is null
             and slot.value::bigint > 0
           group by slot.key"#
    )
    .fetch_all(tx.conn())
    .await?;
    // Null: every kind.
    let paused = sqlx::query_scalar!(r#"select kind as "kind?" from esteira.pauses where tenant_id is null"#)
        .fetch_all(tx.conn())
        .await?;
    tx.commit().await?;

    for count in counts {
        match &count.kind {
            Some(kind) => add_to_kind(kinds.entry(kind.clone()).or_default(), &count),
            None => add_to_tenant(tenant(&mut tenants, count.tenant.as_deref().unwrap_or(OTHER)), &count),
        }
    }
    for row in slots {
        let kind = kinds.entry(row.kind).or_default();
        (kind.slots, kind.workers) = (row.slots, row.workers);
    }
    for (name, kind) in &mut kinds {
        kind.kind.clone_from(name);
        kind.paused = paused.iter().any(|paused| paused.as_ref().is_none_or(|paused| paused == name));
    }
    Ok(Depth { kinds: kinds.into_values().collect(), tenants: tenants.into_values().collect() })
}

fn tenant<'a>(tenants: &'a mut BTreeMap<String, TenantOverview>, name: &str) -> &'a mut TenantOverview {
    tenants.entry(name.to_owned()).or_insert_with(|| TenantOverview {
        tenant: name.to_owned(),
        queued: 0,
        running: 0,
        oldest_ready_seconds: 0.0,
    })
}

fn add_to_kind(kind: &mut KindOverview, count: &Count) {
    kind.starved += count.starved;
    match count.state.as_str() {
        "blocked" => kind.blocked = count.jobs,
        "scheduled" => kind.scheduled = count.jobs,
        "queued" => {
            kind.queued = count.jobs;
            kind.oldest_ready_seconds = count.ready_seconds.max(0.0);
        }
        _ => {
            kind.running = count.jobs;
            kind.oldest_running_seconds = count.running_seconds.max(0.0);
        }
    }
}

/// Adds, since a tenant that is called `other` has a row of its own.
fn add_to_tenant(tenant: &mut TenantOverview, count: &Count) {
    if count.state == "queued" {
        tenant.queued += count.jobs;
        tenant.oldest_ready_seconds = tenant.oldest_ready_seconds.max(count.ready_seconds);
    } else {
        tenant.running += count.jobs;
    }
}
