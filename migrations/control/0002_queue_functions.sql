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
    -- A lane that was idle starts at the present virtual time: neither credit for the time it slept,
    -- nor a debt older than the busy period (Goyal, Vin, Cheng, «Start-time Fair Queuing», 1997). A
    -- microsecond less lets it go before the lanes that it is level with: they have just had a turn.
    insert into esteira.lanes as lane (tenant_id, kind, served, active)
    values (p_tenant, p_kind, esteira.virtual_time(p_kind) - 1e-6, true)
    on conflict (tenant_id, kind) do update
        set active = true, served = greatest(lane.served, excluded.served)
        where not lane.active;
end $$;

-- The virtual time of a kind: the least of the lanes with work, or the most ever served when none has.
create function esteira.virtual_time(p_kind text) returns double precision
    language sql stable
    return coalesce(
        (select served from esteira.lanes where kind = p_kind and active order by served limit 1),
        (select served from esteira.lanes where kind = p_kind and not active order by served desc limit 1),
        0);

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

-- Claims up to p_limit jobs of one kind for a worker, fairest lane first.
--
-- A lane gives several jobs at a time when they are short: as many as p_estimate says fit into
-- p_quantum seconds, so that cheap jobs do not cost a lane update each. Every statement below has a
-- snapshot of its own (read committed), which the exactness of max_running relies on: the tenant's
-- row is locked first, its running jobs are counted afterwards.
create function esteira.claim(
    p_worker uuid, p_kind text, p_limit integer, p_estimate real, p_quantum real
) returns table (
    job_id uuid, tenant_id integer, priority smallint, attempt smallint, max_attempts smallint,
    crashes smallint, timeout_seconds integer, lease integer, ready_at timestamptz
)
    language plpgsql as $$
#variable_conflict use_column
declare
    v_lane record;
    v_left integer := p_limit;
    v_share integer;
    v_taken integer;
    v_room integer;
    v_ids uuid[];
    v_progress boolean;
begin
    -- A worker that was given up claims nothing: whoever rescues its jobs would not see the new ones.
    perform from esteira.workers as w
        where w.id = p_worker and w.lost_at is null and not w.draining
        for key share;
    if not found then
        return;
    end if;
    -- Another claimer may hold the only lane with work for a moment: wait for it rather than for a poll.
    perform from esteira.lanes as l where l.kind = p_kind and l.active order by l.served limit 1 for update skip locked;
    if not found then
        perform from esteira.lanes as l where l.kind = p_kind and l.active order by l.served limit 1 for update;
    end if;
    -- Round after round, since a lane gives only its share of a round.
    loop
        v_progress := false;
        for v_lane in
            select l.tenant_id, t.weight, t.max_running
            from esteira.lanes as l join esteira.tenants as t on t.id = l.tenant_id
            where l.kind = p_kind and l.active and t.state = 'active'
            order by l.served limit p_limit
            for update of l skip locked
        loop
            exit when v_left <= 0;
            v_share := least(v_left, greatest(1, floor(p_quantum * v_lane.weight / greatest(p_estimate, 0.0001))::integer));
            if v_lane.max_running is not null then
                perform from esteira.tenants as t where t.id = v_lane.tenant_id for no key update skip locked;
                continue when not found;
                select v_lane.max_running - count(*) into v_room
                from esteira.queue as q where q.tenant_id = v_lane.tenant_id and q.state = 'running';
                v_share := least(v_share, v_room);
                continue when v_share <= 0;
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
                        started_at = esteira.now(), charged = p_estimate, cancel_requested_at = null
                    where q.job_id = any (v_ids)
                    returning q.job_id, q.tenant_id, q.priority, q.attempt, q.max_attempts, q.crashes,
                              q.timeout_seconds, q.lease, q.ready_at;
                update esteira.lanes as l set served = l.served + v_taken * p_estimate / v_lane.weight
                where l.tenant_id = v_lane.tenant_id and l.kind = p_kind;
                v_left := v_left - v_taken;
                v_progress := true;
            end if;
            if v_taken < v_share
                and pg_try_advisory_xact_lock(esteira.lane_lock_key(v_lane.tenant_id, p_kind))
            then
                update esteira.lanes as l set active = false
                where l.tenant_id = v_lane.tenant_id and l.kind = p_kind
                  and not exists (select from esteira.queue as q where q.kind = p_kind
                                  and q.tenant_id = l.tenant_id and q.state = 'queued');
            end if;
        end loop;
        exit when v_left <= 0 or not v_progress;
    end loop;
end $$;

revoke execute on all functions in schema esteira from public;
