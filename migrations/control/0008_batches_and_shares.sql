-- Batches as the queue knows them, and shares of a tenant's requests.
--
-- (The verbs that write and settle the jobs of a batch are in the second migration.)

-- The batch that a job belongs to; most belong to none.
alter table esteira.queue add column batch_id uuid;
-- A tenant and its imported copy have batches of the same ids.
create index queue_of_batch on esteira.queue (batch_id, tenant_id, seq) where batch_id is not null;

-- Lets one transaction at a time say that a batch has ended, or that it goes on. Taken last: see esteira.lock_limit.
create function esteira.lock_batch(p_tenant integer, p_batch uuid) returns void
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock(2, hashtext(p_tenant || ' ' || p_batch));
end $$;

-- Lets a tenant keep jobs that never come into the queue, since one that they need has not succeeded.
create function esteira.keep_jobs(
    p_tenant integer, p_batch uuid, p_ids uuid[], p_kinds text[], p_inputs jsonb[], p_input_bytes integer[],
    p_metadata jsonb[], p_priorities smallint[], p_max_attempts smallint[], p_timeouts integer[],
    p_run_at timestamptz[], p_unique_keys text[], p_needs jsonb[]
) returns void
    language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    v_slug text;
begin
    select t.slug into strict v_slug from esteira.tenants as t where t.id = p_tenant;
    execute format('select %s($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
                   esteira.door(v_slug, 'keep_jobs_of_batch'))
        using p_batch, p_ids, p_kinds, p_inputs, p_input_bytes, p_metadata, p_priorities, p_max_attempts, p_timeouts,
              p_run_at, p_unique_keys, p_needs;
end $$;

-- Writes the end of a batch into its tenant's schema.
create function esteira.finish_batch(p_tenant integer, p_batch uuid) returns void
    language plpgsql as $$
declare
    v_slug text;
begin
    select t.slug into strict v_slug from esteira.tenants as t where t.id = p_tenant;
    execute format('select %s($1)', esteira.door(v_slug, 'finish_batch')) using p_batch;
end $$;

-- Ends those of some batches that have no job in the queue any more. Called last by whatever took jobs of theirs out.
--
-- Nothing is counted, and no row of a batch is written before its end, so that its jobs can end side by side. What
-- makes that exact: a job that nobody is ending is held for the rest of this transaction, and whoever ends it comes
-- after, and sees that ours are gone. Only where every job that is left is being ended or moved by others, the lock is
-- taken, which lets one look after the other has committed: the last one sees none.
--
-- The search begins at the back, where the jobs are that end last.
create function esteira.end_batches(p_tenants integer[], p_batches uuid[]) returns void
    language plpgsql
    set enable_seqscan = off set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
declare
    v_batch record;
begin
    for v_batch in
        select distinct ended.batch_id, t.id as tenant_id from unnest(p_tenants, p_batches) as ended (tenant_id, batch_id)
        join esteira.tenants as t on t.id = ended.tenant_id
        order by ended.batch_id, t.id
    loop
        perform from esteira.queue as q where q.batch_id = v_batch.batch_id and q.tenant_id = v_batch.tenant_id
            order by q.batch_id desc, q.tenant_id desc, q.seq desc limit 1 for key share skip locked;
        continue when found;
        perform esteira.lock_batch(v_batch.tenant_id, v_batch.batch_id);
        if not exists (select from esteira.queue as q
                       where q.batch_id = v_batch.batch_id and q.tenant_id = v_batch.tenant_id) then
            perform esteira.finish_batch(v_batch.tenant_id, v_batch.batch_id);
        end if;
    end loop;
end $$;

-- How far the requests of a tenant with a limit have been given out to the processes of the API: a bucket of a minute's
-- requests that fills evenly, kept as the instant at which it will be full. Not logged: a crash fills it, and nobody
-- waits for the disk.
create unlogged table esteira.request_buckets (
    tenant_id integer primary key references esteira.tenants (id) on delete cascade,
    full_at   timestamptz not null
) with (fillfactor = 50);

-- Gives a process up to p_wanted requests of a tenant that may send p_per_minute; tells how many more there are, and in
-- how many seconds there is one again.
create function esteira.take_requests(p_tenant integer, p_per_minute integer, p_wanted integer)
    returns table (granted integer, beyond integer, next_in double precision)
    language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    v_now timestamptz := esteira.now();
    v_token double precision := 60.0 / p_per_minute;
    -- Seconds until the bucket is full.
    v_used double precision;
    v_there integer;
begin
    insert into esteira.request_buckets (tenant_id, full_at) values (p_tenant, v_now) on conflict do nothing;
    select greatest(0, extract(epoch from b.full_at - v_now)) into v_used
    from esteira.request_buckets as b where b.tenant_id = p_tenant for no key update;
    -- Timestamps have microseconds: a few of them more, so that ten times a tenth is the whole.
    v_there := greatest(0, floor((60.00001 - v_used) / v_token));
    granted := least(p_wanted, v_there);
    beyond := v_there - granted;
    if granted > 0 then
        v_used := v_used + granted * v_token;
        update esteira.request_buckets as b set full_at = v_now + make_interval(secs => v_used)
        where b.tenant_id = p_tenant;
    end if;
    next_in := case when beyond > 0 then 0 else greatest(0, v_used + v_token - 60) end;
    return next;
end $$;
