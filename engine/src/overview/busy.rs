//! Which tenants have a name in the metrics? Those that used most in the window, by the sum of what all processes have seen.

use std::time::Duration;

use crate::db::{DatabaseError, Db};
use crate::id::WorkerId;
use crate::metrics::TenantName;

/// Tells the others what this process has seen, and names whom all of them together found busiest. What is told now counts
/// at the next time.
pub(super) async fn tell_busy(db: &Db, process: WorkerId, window: Duration) -> Result<(), DatabaseError> {
    let tenants = db.meter().tenants();
    let shares = tenants.busiest();
    let rows = sqlx::query!(
        r#"with gone as (
               delete from esteira.tenant_seconds
               where told_at < esteira.now() - make_interval(secs => $4) or process_id = $1 and tenant_id <> all ($2)
           ), told as (
               insert into esteira.tenant_seconds as s (process_id, tenant_id, seconds)
               select $1, * from unnest($2::integer[], $3::double precision[])
               on conflict (process_id, tenant_id) do update set seconds = excluded.seconds, told_at = excluded.told_at
           )
           select t.id, t.slug
           from (select s.tenant_id, sum(s.seconds) as seconds from esteira.tenant_seconds as s
                 where s.told_at >= esteira.now() - make_interval(secs => $4) group by s.tenant_id) as busy
               join esteira.tenants as t on t.id = busy.tenant_id
           order by busy.seconds desc, t.id limit $5"#,
        process.0,
        &shares.iter().map(|share| share.tenant).collect::<Vec<_>>(),
        &shares.iter().map(|share| share.seconds).collect::<Vec<_>>(),
        window.as_secs_f64(),
        i64::try_from(tenants.most()).unwrap_or(i64::MAX)
    )
    .fetch_all(db.pool())
    .await?;
    let names: Vec<TenantName<'_>> =
        rows.iter().map(|row| TenantName { id: row.id, slug: &row.slug }).collect();
    tenants.name(&names);
    Ok(())
}
