-- When schedules are due. Their texts, inputs and histories are in the tenants' schemas.

create table esteira.schedules (
    -- Both: a tenant that was imported beside its original has the same ids.
    tenant_id   integer not null references esteira.tenants (id) on delete cascade,
    schedule_id uuid not null,
    -- The first instant about which nothing was decided; null while it is paused, and where none will come.
    due_at      timestamptz,
    -- When to look at it: a little later, where it asks for that, or where the last look failed.
    fire_at     timestamptz,
    -- Where the last look failed: until when a run of its that waits is not looked at.
    put_off_until timestamptz,
    -- The job of its last run, and how many runs wait for its end.
    last_job    uuid,
    waiting     integer not null default 0 constraint schedules_waiting_positive check (waiting >= 0),
    -- Grows with each change: whoever has read a schedule and decided writes nothing if it is another one by now.
    revision    bigint not null default 0,
    primary key (tenant_id, schedule_id)
) with (fillfactor = 50);
create index schedules_due on esteira.schedules (fire_at) where fire_at is not null;
create index schedules_waiting on esteira.schedules (tenant_id, schedule_id) where waiting > 0;

-- Schedules of several tenants. A tenant whose schema is broken gives none, and those of others are read.
create function esteira.read_schedules(p_tenants integer[], p_ids uuid[])
    returns table (
        tenant_id integer, id uuid, name text, cron text, timezone text, kind text, input jsonb, priority smallint,
        max_attempts smallint, timeout_seconds integer, metadata jsonb, overlap text, catch_up text,
        jitter_seconds integer, waiting_run uuid, waiting_due timestamptz, waiting_by_hand boolean
    )
    language plpgsql
    set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
declare
    v_tenant record;
begin
    for v_tenant in
        select t.id, t.slug, array_agg(asked.schedule_id) as schedules
        from unnest(p_tenants, p_ids) as asked (tenant_id, schedule_id)
        join esteira.tenants as t on t.id = asked.tenant_id
        group by t.id, t.slug
    loop
        begin
            return query execute format('select $2, s.* from %s($1) as s', esteira.door(v_tenant.slug, 'schedules_of'))
                using v_tenant.schedules, v_tenant.id;
        exception when others then
            raise warning 'schedules of tenant % not read: %', v_tenant.slug, sqlerrm;
        end;
    end loop;
end $$;

-- Writes what became of due instants, each into the schema of its tenant.
create function esteira.keep_schedule_runs(
    p_tenants integer[], p_ids uuid[], p_schedules uuid[], p_due_at timestamptz[], p_through timestamptz[],
    p_by_hand boolean[], p_states text[], p_reasons text[], p_messages text[], p_jobs uuid[]
) returns void
    language plpgsql
    set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
declare
    v_of record;
begin
    for v_of in
        select t.slug, array_agg(r.id) as ids, array_agg(r.schedule_id) as schedules, array_agg(r.due_at) as due_at,
               array_agg(r.through) as through, array_agg(r.by_hand) as by_hand, array_agg(r.state) as states,
               array_agg(r.reason) as reasons, array_agg(r.message) as messages, array_agg(r.job_id) as jobs
        from unnest(p_tenants, p_ids, p_schedules, p_due_at, p_through, p_by_hand, p_states, p_reasons, p_messages, p_jobs)
            as r (tenant_id, id, schedule_id, due_at, through, by_hand, state, reason, message, job_id)
        join esteira.tenants as t on t.id = r.tenant_id
        group by t.slug
    loop
        execute format('select %s($1, $2, $3, $4, $5, $6, $7, $8, $9)', esteira.door(v_of.slug, 'keep_schedule_runs'))
            using v_of.ids, v_of.schedules, v_of.due_at, v_of.through, v_of.by_hand, v_of.states, v_of.reasons,
                  v_of.messages, v_of.jobs;
    end loop;
end $$;

revoke execute on function esteira.read_schedules, esteira.keep_schedule_runs from public;
