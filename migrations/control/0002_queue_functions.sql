-- The verbs of the queue that take more than one statement but only one round trip.
--
-- A lane rests (active = false) when it has no queued job, so that a claim looks at lanes with work
-- only. Resting and waking meet at an advisory lock per lane: whoever queues a job holds it shared
-- until its commit, whoever wants to rest the lane must get it alone, and then looks once more. Without it a
-- claimer could rest a lane whose new job it cannot see yet, and that job would wait for ever.

create function esteira.lane_lock_key(p_tenant integer, p_kind text) returns bigint
    language sql immutable parallel safe
    return hashtextextended(p_kind, p_tenant);

-- Wakes a lane; the caller is about to give it a queued job.
create function esteira.wake_lane(p_tenant integer, p_kind text) returns void
    language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(esteira.lane_lock_key(p_tenant, p_kind));
    if exists (select from esteira.lanes where tenant_id = p_tenant and kind = p_kind and active) then
        return;
    end if;
    insert into esteira.lanes as lane (tenant_id, kind, served, active)
    values (p_tenant, p_kind, esteira.virtual_time(p_kind), true)
    on conflict (tenant_id, kind) do update
        set active = true, served = greatest(lane.served, excluded.served)
        where not lane.active;
end $$;

-- Start-time fair queueing (Goyal, Vin, Cheng, «Start-time Fair Queuing», IEEE/ACM Transactions on
-- Networking 5(5), 1997): virtual time is the start tag of what is in service.
create function esteira.virtual_time(p_kind text) returns double precision
    language sql stable
    return coalesce((select reached from esteira.virtual_times where kind = p_kind), 0);

-- Puts jobs of one tenant into the queue.
create function esteira.enqueue(
    p_tenant integer, p_ids uuid[], p_kinds text[], p_priorities smallint[],
    p_ready_at timestamptz[], p_max_attempts smallint[], p_timeouts integer[]
) returns void
    language plpgsql as $$
declare
    v_kind text;
begin
    for v_kind in
        select distinct kind from unnest(p_kinds, p_ready_at) as new (kind, ready_at)
        where ready_at is null or ready_at <= esteira.now() order by kind
    loop
        perform esteira.wake_lane(p_tenant, v_kind);
    end loop;
    insert into esteira.queue (job_id, tenant_id, kind, state, priority, ready_at, max_attempts, timeout_seconds)
    select id, p_tenant, kind,
           case when ready_at > esteira.now() then 'scheduled' else 'queued' end,
           priority, coalesce(ready_at, esteira.now()), max_attempts, timeout
    from unnest(p_ids, p_kinds, p_priorities, p_ready_at, p_max_attempts, p_timeouts) with ordinality
        as new (id, kind, priority, ready_at, max_attempts, timeout, position)
    order by position;
end $$;

-- Moves scheduled jobs whose time has come to `queued`; tells their kinds. Safe to run anywhere, at any time.
create function esteira.promote(p_limit integer) returns text[]
    language plpgsql as $$
declare
    v_lane record;
    v_ids uuid[];
    v_kinds text[];
begin
    select array_agg(job_id), array_agg(distinct kind) into v_ids, v_kinds from (
        select job_id, kind from esteira.queue
        where state = 'scheduled' and ready_at <= esteira.now()
        order by ready_at limit p_limit
        for update skip locked
    ) as due;
    if v_ids is null then
        return '{}';
    end if;
    for v_lane in
        select distinct tenant_id, kind from esteira.queue where job_id = any (v_ids) order by 1, 2
    loop
        perform esteira.wake_lane(v_lane.tenant_id, v_lane.kind);
    end loop;
    update esteira.queue set state = 'queued' where job_id = any (v_ids);
    return v_kinds;
end $$;

-- Claims up to p_limit jobs of one kind for a worker: again and again from the lane that was served least.
--
-- A lane gives several jobs at a time, as long as it stays behind the next lane, or as many as p_estimate says
-- fit into p_quantum seconds, so that cheap jobs do not cost a lane update each. Every statement below
-- has a snapshot of its own (read committed), which the exactness of max_running relies on: the tenant's row
-- is locked first, its running jobs are counted afterwards.
create function esteira.claim(
    p_worker uuid, p_kind text, p_limit integer, p_estimate real, p_quantum real
) returns table (
    job_id uuid, tenant_id integer, priority smallint, attempt smallint, max_attempts smallint,
    crashes smallint, timeout_seconds integer, lease integer, ready_at timestamptz
)
    language plpgsql as $$
#variable_conflict use_column
declare
    v_cost double precision := greatest(p_estimate, 0.0001);
    v_left integer := p_limit;
    -- Lanes that give nothing this time, the paused ones first.
    v_skip integer[] := array(select p.tenant_id from esteira.pauses as p
                              where p.tenant_id is not null and (p.kind is null or p.kind = p_kind));
    v_lane record;
    v_next double precision;
    v_share integer;
    v_taken integer;
    v_ids uuid[];
begin
    -- An idle worker's look ends here, without a lock.
    if not exists (select from esteira.lanes as l where l.kind = p_kind and l.active) then
        return;
    end if;
    if exists (select from esteira.pauses as p
               where p.tenant_id is null and (p.kind is null or p.kind = p_kind)) then
        return;
    end if;
    -- A worker that was given up claims nothing: whoever rescues its jobs would not see the new ones.
    perform from esteira.workers as w where w.id = p_worker and w.lost_at is null for key share;
    if not found then
        return;
    end if;
    -- Another claimer may hold the only lane with work for a moment: wait for it rather than for a poll.
    perform from esteira.lanes as l where l.kind = p_kind and l.active
        order by l.served limit 1 for update skip locked;
    if not found then
        perform from esteira.lanes as l where l.kind = p_kind and l.active order by l.served limit 1 for update;
    end if;
    while v_left > 0 loop
        select l.tenant_id, l.served, t.weight, t.max_running into v_lane
        from esteira.lanes as l join esteira.tenants as t on t.id = l.tenant_id
        where l.kind = p_kind and l.active and t.state = 'active' and l.tenant_id <> all (v_skip)
        order by l.served limit 1
        for update of l skip locked;
        exit when not found;

        select l.served into v_next
        from esteira.lanes as l join esteira.tenants as t on t.id = l.tenant_id
        where l.kind = p_kind and l.active and t.state = 'active' and l.tenant_id <> all (v_skip)
          and l.tenant_id <> v_lane.tenant_id
        order by l.served limit 1;
        v_share := case when v_next is null then v_left else least(v_left, greatest(
            1,
            floor(p_quantum * v_lane.weight / v_cost),
            ceil((v_next - v_lane.served) * v_lane.weight / v_cost)
        ))::integer end;
        if v_lane.max_running is not null then
            perform from esteira.tenants as t where t.id = v_lane.tenant_id for no key update skip locked;
            if found then
                select least(v_share, v_lane.max_running - count(*)) into v_share
                from esteira.queue as q where q.tenant_id = v_lane.tenant_id and q.state = 'running';
            end if;
            if not found or v_share <= 0 then
                v_skip := v_skip || v_lane.tenant_id;
                continue;
            end if;
        end if;

        select array_agg(q.job_id) into v_ids from (
            select q.job_id from esteira.queue as q
            where q.kind = p_kind and q.tenant_id = v_lane.tenant_id and q.state = 'queued'
            order by q.priority desc, q.seq limit v_share
            for update skip locked
        ) as q;
        v_taken := coalesce(cardinality(v_ids), 0);
        if v_taken > 0 then
            return query
                update esteira.queue as q
                set state = 'running', attempt = q.attempt + 1, lease = q.lease + 1, worker_id = p_worker,
                    started_at = esteira.now(), charged = v_cost, cancel_requested_at = null
                where q.job_id = any (v_ids)
                returning q.job_id, q.tenant_id, q.priority, q.attempt, q.max_attempts, q.crashes,
                          q.timeout_seconds, q.lease, q.ready_at;
            update esteira.lanes as l set served = l.served + v_taken * v_cost / v_lane.weight
            where l.tenant_id = v_lane.tenant_id and l.kind = p_kind;
            v_left := v_left - v_taken;
        end if;
        if v_taken < v_share then
            if pg_try_advisory_xact_lock(esteira.lane_lock_key(v_lane.tenant_id, p_kind)) then
                update esteira.lanes as l set active = false
                where l.tenant_id = v_lane.tenant_id and l.kind = p_kind
                  and not exists (select from esteira.queue as q where q.kind = p_kind
                                  and q.tenant_id = l.tenant_id and q.state = 'queued');
            end if;
            -- Whether it rests now or not: what it could give, it gave.
            v_skip := v_skip || v_lane.tenant_id;
        end if;
        perform esteira.reach(p_kind, v_lane.served);
    end loop;
end $$;

-- Moves the virtual time of a kind on. Two claimers at once: the second leaves it to the first, since a
-- virtual time that is a turn old does no harm, and a wait here would put claims in a row.
create function esteira.reach(p_kind text, p_served double precision) returns void
    language plpgsql as $$
begin
    perform from esteira.virtual_times where kind = p_kind for update skip locked;
    if found then
        update esteira.virtual_times set reached = p_served where kind = p_kind and reached < p_served;
    else
        insert into esteira.virtual_times (kind, reached) values (p_kind, p_served) on conflict do nothing;
    end if;
end $$;

-- Takes from a tenant's lanes the credit of a time in which they could not be served.
create function esteira.forfeit_credit(p_tenant integer) returns void
    language sql
begin atomic
    update esteira.lanes as lane set served = greatest(lane.served, esteira.virtual_time(lane.kind))
    where lane.tenant_id = p_tenant;
end;

revoke execute on all functions in schema esteira from public;
-- And those of migrations to come: everybody may look into the schema (see the next file).
alter default privileges revoke execute on functions from public;
