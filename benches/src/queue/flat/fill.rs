//! How do a million jobs come into a database in a minute? By the statements of the engine, a tenant at a time.

use anyhow::Result;

use crate::queue::noop::NOOP;
use crate::queue::psql::Superuser;

/// Puts jobs of every tenant into the queue, as a submit does.
pub async fn queued(superuser: &Superuser, jobs_each: usize) -> Result<()> {
    if jobs_each == 0 {
        return Ok(());
    }
    let sql = format!(
        "do $$ declare t record; ids uuid[]; begin
         for t in select id, 'tenant_' || slug || '_schema' as schema from esteira.tenants order by id loop
             ids := array(select esteira.new_id() from generate_series(1, {jobs_each}));
             execute format('insert into %I.jobs (id, kind, input, input_bytes, priority, max_attempts,
                                                  timeout_seconds, run_at)
                             select id, $2, ''{{\"id\": 1}}'', 9, 0, 3, 60, now() from unnest($1) as id', t.schema)
                 using ids, '{NOOP}';
             perform esteira.enqueue(t.id, ids, array_fill('{NOOP}'::text, array[{jobs_each}]),
                                     array_fill(0::smallint, array[{jobs_each}]),
                                     array_fill(null::timestamptz, array[{jobs_each}]),
                                     array_fill(3::smallint, array[{jobs_each}]),
                                     array_fill(60, array[{jobs_each}]));
             commit; -- One transaction for all would hold the locks of all tenants' tables.
         end loop; end $$"
    );
    superuser.run(&sql).await?;
    Ok(())
}

/// Puts jobs that succeeded into every tenant's tables, with the ids that they would have got in the month before.
pub async fn finished(superuser: &Superuser, jobs_each: usize) -> Result<()> {
    if jobs_each == 0 {
        return Ok(());
    }
    let sql = format!(
        "do $$ declare t record; since bigint := (extract(epoch from now() - interval '30 days') * 1000)::bigint;
                       step bigint := 30::bigint * 86400000 / {jobs_each}; begin
         for t in select 'tenant_' || slug || '_schema' as schema from esteira.tenants order by id loop
             execute format($sql$
                 with made as (
                     insert into %1$I.jobs (id, kind, input, input_bytes, priority, max_attempts, timeout_seconds,
                                            run_at, created_at)
                     select (lpad(to_hex($1 + n * $2), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
                             || substr(md5(n::text), 4, 15))::uuid,
                            '{NOOP}', '{{\"id\": 1}}', 9, 0, 3, 60, to_timestamp(($1 + n * $2) / 1e3),
                            to_timestamp(($1 + n * $2) / 1e3)
                     from generate_series(1, {jobs_each}) as n
                     returning id, created_at
                 )
                 insert into %1$I.outcomes (job_id, state, attempt, lease, output, output_bytes, ready_at, head_at,
                                            started_at, finished_at)
                 select id, 'succeeded', 1, 1, '{{}}', 2, created_at, created_at, created_at, created_at from made
             $sql$, t.schema) using since, step;
             commit;
         end loop; end $$"
    );
    superuser.run(&sql).await?;
    Ok(())
}

/// Puts what a month of such jobs leaves into every tenant's ledger: an entry a day, and some that are not folded yet.
pub async fn used(superuser: &Superuser, unfolded: usize) -> Result<()> {
    let sql = format!(
        "do $$ declare t record; begin
         for t in select 'tenant_' || slug || '_schema' as schema from esteira.tenants order by id loop
             execute format('insert into %1$I.usage_ledger (day, kind, succeeded, attempts)
                             select current_date - n, $1, 1000, 1000 from generate_series(0, 29) as n', t.schema) using '{NOOP}';
             execute format('insert into %1$I.usage_ledger (kind, succeeded, attempts)
                             select $1, 1, 1 from generate_series(1, {unfolded})', t.schema) using '{NOOP}';
         end loop; end $$"
    );
    superuser.run(&sql).await?;
    Ok(())
}
