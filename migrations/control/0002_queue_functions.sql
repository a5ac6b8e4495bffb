-- The verbs of the queue that take more than one statement but only one round trip.
--
-- Their search_path is Postgres' own schema: in another one, somebody who may create functions there could give one that
-- fits an argument better than Postgres' own does, and that would run with the engine's rights.
--
-- Their statements are planned once for a connection, whatever they are asked (force_generic_plan): arrays of any length
-- want the same plan, and to plan takes longer than to run. What they call inherits that.
--
-- A lane rests (active = false) when it has no queued job, so that a claim looks at lanes with work
-- only. Resting and waking meet at an advisory lock per lane: whoever queues a job holds it shared
-- until its commit, whoever wants to rest the lane must get it alone, and then looks once more. Without it a
-- claimer could rest a lane whose new job it cannot see yet, and that job would wait for ever.

create function esteira.lane_lock_key(p_tenant integer, p_kind text) returns bigint
    language sql immutable parallel safe
    return hashtextextended(p_kind, p_tenant);

-- While anybody keeps a transaction open, no version of a row that came after its beginning is removed, and a lane has
-- a new version at each of its turns. So that the verbs stay as fast all the same, they look from the live end:
--
-- - a lane is looked up from the back of its key (`lane_at`): equal keys lie in the order of their place in the table,
--   and the newest version is the last;
-- - the least served lane is looked for from `virtual_times.least` on, and the greatest virtual time from the back;
-- - a lane's next job is looked for from `lanes.first_seq` on;
-- - what was found and locked is changed by its place (ctid), without a second look.

-- The place of a lane's row, which is locked.
create function esteira.lane_at(p_tenant integer, p_kind text) returns tid
    language plpgsql as $$
declare
    v_at tid;
begin
    -- A range of one key: with `=`, the planner would take the order for granted and begin at the front.
    select l.ctid into v_at from esteira.lanes as l
    where (l.tenant_id, l.kind) >= (p_tenant, p_kind) and (l.tenant_id, l.kind) <= (p_tenant, p_kind)
    order by l.tenant_id desc, l.kind desc limit 1
    for update;
    return v_at;
end $$;

-- Takes one of those locks. A claim has it for moments; but advisory locks are open to every role of the database, and
-- whoever keeps one must not stop the transactions that many tenants share. False: it was not to be had.
create function esteira.lock_lane(p_key bigint, p_shared boolean) returns boolean
    language plpgsql as $$
begin
    for v_try in 1..10 loop
        if (case when p_shared then pg_try_advisory_xact_lock_shared(p_key)
                 else pg_try_advisory_xact_lock(p_key) end) then
            return true;
        end if;
        perform pg_sleep(0.005);
    end loop;
    return false;
end $$;

-- Wakes a lane; the caller is about to give it a queued job, or has older ones for it, from the given seq on. False: it
-- cannot be woken at the moment; the job is to be scheduled for now instead, and whoever looks after due jobs tries anew.
create function esteira.wake_lane(p_tenant integer, p_kind text, p_first_seq bigint default null) returns boolean
    language plpgsql as $$
declare
    v_at tid;
    v_first bigint;
begin
    if not esteira.lock_lane(esteira.lane_lock_key(p_tenant, p_kind), true) then
        return false;
    end if;
    select case when l.active or l.aside then l.first_seq end into v_first from esteira.lanes as l
    where (l.tenant_id, l.kind) >= (p_tenant, p_kind) and (l.tenant_id, l.kind) <= (p_tenant, p_kind)
    order by l.tenant_id desc, l.kind desc limit 1;
    if v_first <= coalesce(p_first_seq, v_first) then
        return true;
    end if;
    v_at := esteira.lane_at(p_tenant, p_kind);
    if v_at is null then
        -- One lane is made once: whoever waits here finds it afterwards. (The other lock is held by many.)
        if not esteira.lock_lane(esteira.lane_lock_key(p_tenant, p_kind || ' made'), false) then
            return false;
        end if;
        v_at := esteira.lane_at(p_tenant, p_kind);
        if v_at is null then
            insert into esteira.lanes (tenant_id, kind, served, active)
            values (p_tenant, p_kind, esteira.virtual_time(p_kind), true);
            return true;
        end if;
    end if;
    update esteira.lanes as lane
    set active = not lane.aside, first_seq = least(lane.first_seq, p_first_seq),
        served = case when lane.active or lane.aside then lane.served
                      else greatest(lane.served, esteira.virtual_time(p_kind)) end
    where lane.ctid = v_at and (not (lane.active or lane.aside) or lane.first_seq > p_first_seq);
    return true;
end $$;

-- Lanes whose tenant is suspended, paused, or has as many jobs running as it may: a claim would meet each of them
-- before those that it can serve, every time. A suspended or a paused one is set aside by the first claim that meets it; of
-- those at their max_running as many as `claim` says are left where they are, first in line for a slot that becomes
-- free, and only more than that are set aside. A lane comes back at the present virtual time, by whoever takes the
-- hindrance away; should that one have looked a moment too early, by the claim that looks at all lanes each second.
create function esteira.set_aside(p_at tid) returns void
    language plpgsql as $$
begin
    update esteira.lanes as l set active = false, aside = true where l.ctid = p_at;
end $$;

-- Brings lanes of some tenants back, if they have been set aside and nothing holds their jobs back any more.
create function esteira.bring_back(p_tenants integer[]) returns void
    language plpgsql
    set enable_nestloop = on set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
    set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
begin
    update esteira.lanes as lane
    set active = true, aside = false, served = greatest(lane.served, esteira.virtual_time(lane.kind))
    from (
        select l.ctid as at from esteira.lanes as l join esteira.tenants as t on t.id = l.tenant_id
        where l.aside and l.tenant_id = any (p_tenants) and t.state = 'active'
          and not exists (select from esteira.pauses as p
                          where p.tenant_id = l.tenant_id and (p.kind is null or p.kind = l.kind))
          and (t.max_running is null or t.max_running > (
              select count(*) from esteira.queue as q where q.tenant_id = l.tenant_id and q.state = 'running'))
        -- Whoever holds one is a claim or a charge, and another look is not far.
        for update of l skip locked
    ) as free
    where lane.ctid = free.at and lane.aside;
end $$;

-- Start-time fair queueing (Goyal, Vin, Cheng, «Start-time Fair Queuing», IEEE/ACM Transactions on
-- Networking 5(5), 1997): virtual time is the start tag of what is in service.
-- (In PL/pgSQL, which keeps its plan.)
create function esteira.virtual_time(p_kind text) returns double precision
    language plpgsql stable as $$
begin
    return coalesce((select v.reached from esteira.virtual_times as v
                     where v.kind = p_kind order by v.reached desc limit 1), 0);
end $$;

-- Puts jobs of one tenant into the queue. A job with blockers waits for other jobs. (Batches, and what counts the end
-- of one, come with the eighth migration.)
--
-- With p_in_long, the transaction is not the engine's and may stay open, or have an old snapshot: it must hold no lane,
-- which others would wait for, and cannot see whether a lane rests. Its jobs are scheduled for now; who looks after due
-- jobs queues them.
create function esteira.enqueue(
    p_tenant integer, p_ids uuid[], p_kinds text[], p_priorities smallint[],
    p_ready_at timestamptz[], p_max_attempts smallint[], p_timeouts integer[],
    p_blockers smallint[] default null, p_unique_keys bytea[] default null, p_batch uuid default null,
    p_in_long boolean default false
) returns void
    language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    v_kind text;
    -- Of kinds whose lanes cannot be woken now.
    v_busy text[] := '{}';
begin
    for v_kind in
        select distinct kind from unnest(p_kinds, p_ready_at, p_blockers) as new (kind, ready_at, blockers)
        where (ready_at is null or ready_at <= esteira.now()) and coalesce(blockers, 0) = 0 and not p_in_long
        order by kind
    loop
        if not esteira.wake_lane(p_tenant, v_kind) then
            v_busy := v_busy || v_kind;
        end if;
    end loop;
    insert into esteira.queue (job_id, tenant_id, kind, state, priority, ready_at, max_attempts, timeout_seconds,
                               blockers, unique_key, batch_id)
    select id, p_tenant, kind,
           case when blockers > 0 then 'blocked' when ready_at > esteira.now() or p_in_long or kind = any (v_busy)
                then 'scheduled' else 'queued' end,
           priority, coalesce(ready_at, esteira.now()), max_attempts, timeout, coalesce(blockers, 0), unique_key,
           p_batch
    from unnest(p_ids, p_kinds, p_priorities, p_ready_at, p_max_attempts, p_timeouts, p_blockers, p_unique_keys)
        with ordinality
        as new (id, kind, priority, ready_at, max_attempts, timeout, blockers, unique_key, position)
    order by position;
end $$;

-- A door of a tenant (migrations/tenant/0002_doors.sql), as it is called. A slug is of [a-z0-9_], and needs no quotes.
create function esteira.door(p_slug text, p_name text) returns text
    language sql immutable parallel safe
    return 'tenant_' || p_slug || '_schema.' || p_name || '_' || p_slug;

-- Writes jobs of one tenant, to the queue and to the tenant's own table; gives the tenant's max_queued, and writes
-- nothing, when these would pass it. Counted up to the limit only, and under a lock of the tenant: submits at the same
-- moment do not see each other's jobs, and would pass it by as many as they are. A tenant without a limit has no lock.
-- Gives -1, and writes nothing, when somebody else has that lock. In a transaction that is not the engine's (p_in_long, see
-- `enqueue`) it waits for it instead: there it holds up nobody else's jobs.
create function esteira.write_jobs(
    p_tenant integer, p_ids uuid[], p_kinds text[], p_inputs jsonb[], p_input_bytes integer[], p_metadata jsonb[],
    p_priorities smallint[], p_max_attempts smallint[], p_timeouts integer[], p_ready_at timestamptz[],
    p_blockers smallint[], p_unique_keys text[], p_unique_hashes bytea[], p_needs jsonb[], p_batch uuid default null,
    p_in_long boolean default false
) returns integer
    language plpgsql
    set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
declare
    v_tenant record;
begin
    select t.slug, t.max_queued into strict v_tenant from esteira.tenants as t where t.id = p_tenant;
    -- Asked only where there is a limit: a call of a function in SQL is planned anew each time.
    if v_tenant.max_queued is not null then
        if p_in_long then
            perform esteira.await_limit(p_tenant);
        elsif not esteira.lock_limit(p_tenant) then
            return -1;
        end if;
        -- A statement of its own, which sees what whoever had the lock before has committed.
        if esteira.passes_limit(p_tenant, v_tenant.max_queued, cardinality(p_ids)) then
            return v_tenant.max_queued;
        end if;
    end if;
    perform esteira.enqueue(p_tenant, p_ids, p_kinds, p_priorities, p_ready_at, p_max_attempts, p_timeouts,
                            p_blockers, p_unique_hashes, p_batch, p_in_long);
    if p_batch is null then
        execute format('select %s($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
                       esteira.door(v_tenant.slug, 'keep_jobs'))
            using p_ids, p_kinds, p_inputs, p_input_bytes, p_metadata, p_priorities, p_max_attempts, p_timeouts,
                  p_ready_at, p_unique_keys, p_needs;
    else
        execute format('select %s($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
                       esteira.door(v_tenant.slug, 'keep_jobs_of_batch'))
            using p_batch, p_ids, p_kinds, p_inputs, p_input_bytes, p_metadata, p_priorities, p_max_attempts,
                  p_timeouts, p_ready_at, p_unique_keys, p_needs;
    end if;
    return null;
end $$;

-- Lets one transaction at a time count a tenant's waiting jobs and add to them. Taken before any lane: whoever counts
-- takes the limit first, then lanes, then batches, so that no two wait for each other. False: somebody else does, perhaps
-- for long, in a transaction of an application.
create function esteira.lock_limit(p_tenant integer) returns boolean
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    return pg_try_advisory_xact_lock(1, p_tenant);
end $$;

-- The same by an application, which may wait; what has been committed meanwhile has to be seen by the count.
create function esteira.await_limit(p_tenant integer) returns void
    language plpgsql as $$
begin
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        raise exception 'tenant: it has a limit of waiting jobs, which can be counted in READ COMMITTED only' using
            errcode = 'feature_not_supported';
    end if;
    perform pg_advisory_xact_lock(1, p_tenant);
end $$;

-- Whether so many more jobs would be too many to wait for a tenant with this limit.
create function esteira.passes_limit(p_tenant integer, p_max_queued integer, p_more integer) returns boolean
    language sql stable
    return case when p_more > 0 and p_max_queued is not null then p_max_queued < p_more + (
        select count(*) from (
            select from esteira.queue as q
            where q.tenant_id = p_tenant and q.state in ('blocked', 'scheduled', 'queued') limit p_max_queued
        ) as waiting
    ) else false end;

-- The inputs of claimed jobs, as far as each is small enough. A tenant whose schema is broken gives none: its
-- attempts look for themselves and tell what they find, and those of other tenants go on.
create function esteira.inputs_of(p_tenants integer[], p_jobs uuid[], p_most_bytes integer)
    returns table (job_id uuid, input jsonb)
    language plpgsql
    set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
declare
    v_tenant record;
begin
    for v_tenant in
        select t.slug, array_agg(asked.job_id) as jobs
        from unnest(p_tenants, p_jobs) as asked (tenant_id, job_id)
        join esteira.tenants as t on t.id = asked.tenant_id
        group by t.slug
    loop
        begin
            return query execute format('select * from %s($1, $2)', esteira.door(v_tenant.slug, 'inputs_of'))
                using v_tenant.jobs, p_most_bytes;
        exception when others then
            raise warning 'inputs of tenant % not read: %', v_tenant.slug, sqlerrm;
        end;
    end loop;
end $$;

-- Moves scheduled jobs whose time has come to `queued`, p_limit of them and, if there are more, as many again of tenants
-- that have few in the first: one tenant's flood of due jobs does not hold up another's. Gives their kinds, and whether
-- there are more. Safe to run anywhere, at any time.
create function esteira.promote(p_limit integer, out kinds text[], out more boolean)
    language plpgsql
    set enable_seqscan = off set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
declare
    v_lane record;
    v_ids uuid[];
    v_others uuid[];
    v_floods integer[];
    v_busy bigint[] := '{}';
begin
    select array_agg(due.job_id) into v_ids from (
        select q.job_id from esteira.queue as q
        where q.state = 'scheduled' and q.ready_at <= esteira.now()
        order by q.ready_at limit p_limit
        for update skip locked
    ) as due;
    more := coalesce(cardinality(v_ids) = p_limit, false);
    if more then
        v_floods := array(select q.tenant_id from esteira.queue as q where q.job_id = any (v_ids)
                          group by 1 having count(*) > p_limit / 10);
        select array_agg(due.job_id) into v_others from (
            select q.job_id from esteira.queue as q
            where q.state = 'scheduled' and q.ready_at <= esteira.now()
              and q.tenant_id <> all (v_floods) and q.job_id <> all (v_ids)
            order by q.ready_at limit p_limit
            for update skip locked
        ) as due;
        v_ids := v_ids || v_others;
    end if;
    kinds := '{}';
    for v_lane in
        select q.tenant_id, q.kind, min(q.seq) as first_seq from esteira.queue as q where q.job_id = any (v_ids)
        group by 1, 2 order by 1, 2
    loop
        if not esteira.wake_lane(v_lane.tenant_id, v_lane.kind, v_lane.first_seq) then
            v_busy := v_busy || esteira.lane_lock_key(v_lane.tenant_id, v_lane.kind);
        elsif v_lane.kind <> all (kinds) then
            kinds := kinds || v_lane.kind;
        end if;
    end loop;
    -- What could not be queued would come again at once.
    more := more and v_busy = '{}';
    update esteira.queue as q set state = 'queued'
    where q.job_id = any (v_ids) and (v_busy = '{}' or esteira.lane_lock_key(q.tenant_id, q.kind) <> all (v_busy));
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
    language plpgsql
    -- The index's way, whatever the statistics of a moment say: these tables are small and large by turns, and a plan is kept.
    -- Without sorts, only the index that has a lane's jobs in their order will do.
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_sort = off
    set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_cost double precision := greatest(p_estimate, 0.0001);
    v_left integer := p_limit;
    -- Those of whose tenant jobs are paused.
    v_paused integer[];
    -- Lanes that give nothing this time.
    v_skip integer[] := '{}';
    -- How many of them are at their tenant's max_running, and how many such a claim leaves in the line.
    v_full integer := 0;
    v_most_full constant integer := 16;
    v_time record;
    v_least double precision := '-infinity';
    v_look boolean;
    v_aside integer[];
    v_lane record;
    v_next double precision;
    v_share integer;
    v_taken integer;
    v_rests boolean;
    v_first bigint;
    v_charged real;
    v_reached double precision;
begin
    select v.reached, v.least, v.least_next, v.looked_at into v_time
    from esteira.virtual_times as v where v.kind = p_kind order by v.reached desc limit 1;
    -- Once a second all lanes are looked at: one that was given back much of its charge may lie lower.
    v_look := coalesce(v_time.looked_at < pg_catalog.now() - interval '1 second', true);
    if not v_look then
        v_least := v_time.least;
    end if;
    select l.served into v_next from esteira.lanes as l
    where l.kind = p_kind and l.active and l.served >= v_least order by l.served limit 1;
    if v_look then
        v_aside := array(select l.tenant_id from esteira.lanes as l where l.aside and l.kind = p_kind);
        if v_aside <> '{}' then
            perform esteira.bring_back(v_aside);
            select l.served into v_next from esteira.lanes as l
            where l.kind = p_kind and l.active order by l.served limit 1;
        end if;
    end if;
    -- An idle worker's look ends here, without a lock.
    if v_next is null then
        return;
    end if;
    if v_look then
        v_least := least(v_next, coalesce(v_time.least_next, '-infinity'));
        perform esteira.look_from(p_kind, v_least);
    end if;
    v_paused := array(select p.tenant_id from esteira.pauses as p where p.kind is null or p.kind = p_kind);
    -- A pause of no one tenant is one of all.
    if array_position(v_paused, null) is not null then
        return;
    end if;
    -- A worker that was given up claims nothing: whoever rescues its jobs would not see the new ones. Nor does one
    -- that is to be drained (draining_at comes with the fourth migration), before it has heard of that itself.
    perform from esteira.workers as w
        where w.id = p_worker and w.lost_at is null and w.draining_at is null for key share;
    if not found then
        return;
    end if;
    -- Another claimer may hold the only lane with work for a moment: wait for it rather than for a poll.
    perform from esteira.lanes as l where l.kind = p_kind and l.active and l.served >= v_least
        order by l.served limit 1 for update skip locked;
    if not found then
        perform from esteira.lanes as l where l.kind = p_kind and l.active and l.served >= v_least
            order by l.served limit 1 for update;
    end if;
    while v_left > 0 loop
        select l.tenant_id, l.ctid as at, l.served, l.own_until, l.first_seq, t.weight, t.max_running,
               t.state <> 'active' or t.id = any (v_paused) as is_held
        into v_lane
        from esteira.lanes as l join esteira.tenants as t on t.id = l.tenant_id
        where l.kind = p_kind and l.active and l.served >= v_least and l.tenant_id <> all (v_skip)
        order by l.served limit 1
        for update of l skip locked;
        exit when not found;
        -- What lies lower is skipped, or held by another claim.
        v_least := v_lane.served;
        if v_lane.is_held then
            perform esteira.set_aside(v_lane.at);
            v_skip := v_skip || v_lane.tenant_id;
            continue;
        end if;

        select l.served into v_next
        from esteira.lanes as l join esteira.tenants as t on t.id = l.tenant_id
        where l.kind = p_kind and l.active and l.served >= v_least and t.state = 'active'
          and l.tenant_id <> all (v_skip) and l.tenant_id <> all (v_paused) and l.tenant_id <> v_lane.tenant_id
        order by l.served limit 1;
        -- Time that nobody else wanted is charged as estimated and not made up for later: a tenant that was alone for a
        -- while must not owe for it when others come.
        v_charged := case when v_next is null then null else v_cost end;
        v_share := case when v_next is null then v_left else least(v_left, greatest(
            1,
            floor(p_quantum * v_lane.weight / v_cost),
            ceil((v_next - v_lane.served) * v_lane.weight / v_cost)
        ))::integer end;
        if v_lane.max_running is not null then
            perform from esteira.tenants as t where t.id = v_lane.tenant_id for no key update skip locked;
            -- Another claim is about to give it jobs.
            if not found then
                v_skip := v_skip || v_lane.tenant_id;
                continue;
            end if;
            select least(v_share, v_lane.max_running - count(*)) into v_share
            from esteira.queue as q where q.tenant_id = v_lane.tenant_id and q.state = 'running';
            if v_share <= 0 then
                v_skip := v_skip || v_lane.tenant_id;
                v_full := v_full + 1;
                if v_full > v_most_full then
                    perform esteira.set_aside(v_lane.at);
                end if;
                continue;
            end if;
        end if;

        return query
            with next as (
                select q.job_id from esteira.queue as q
                where q.kind = p_kind and q.tenant_id = v_lane.tenant_id and q.state = 'queued'
                  and q.seq >= v_lane.first_seq
                order by q.priority desc, q.seq limit v_share
                for update skip locked
            )
            update esteira.queue as q
            set state = 'running', attempt = q.attempt + 1, lease = q.lease + 1, worker_id = p_worker,
                started_at = esteira.now(), charged = v_charged, cancel_requested_at = null,
                head_at = least(esteira.now(), greatest(q.ready_at, v_lane.own_until))
            where q.job_id = any (array(select next.job_id from next))
            returning q.job_id, q.tenant_id, q.priority, q.attempt, q.max_attempts, q.crashes,
                      q.timeout_seconds, q.lease, q.ready_at;
        get diagnostics v_taken = row_count;
        v_left := v_left - v_taken;
        v_rests := false;
        v_first := v_lane.first_seq;
        if v_taken < v_share then
            -- Whether it rests now or not: what it could give, it gave.
            v_skip := v_skip || v_lane.tenant_id;
            v_rests := pg_try_advisory_xact_lock(esteira.lane_lock_key(v_lane.tenant_id, p_kind));
            if v_rests then
                v_rests := not exists (select from esteira.queue as q
                                       where q.kind = p_kind and q.tenant_id = v_lane.tenant_id and q.state = 'queued'
                                         and q.seq >= v_lane.first_seq);
            end if;
            -- Whoever is about to give it a job waits for the lock: its seq is still to be drawn.
            if v_rests then
                select s.last_value + 1 into v_first from esteira.queue_seq_seq as s;
            end if;
        elsif v_look and pg_try_advisory_xact_lock(esteira.lane_lock_key(v_lane.tenant_id, p_kind)) then
            v_first := esteira.first_seq(v_lane.tenant_id, p_kind, v_lane.first_seq);
        end if;
        if v_taken > 0 or v_rests then
            update esteira.lanes as l
            set served = l.served + v_taken * v_cost / v_lane.weight,
                own_until = case when v_taken > 0 then esteira.now() else l.own_until end,
                active = not v_rests, first_seq = v_first
            where l.ctid = v_lane.at;
            -- The start tag of the turn's last job: one turn can be many jobs.
            v_reached := greatest(v_reached, v_lane.served + greatest(v_taken - 1, 0) * v_cost / v_lane.weight);
        end if;
    end loop;
    if v_reached > coalesce(v_time.reached, '-infinity') then
        perform esteira.reach(p_kind, v_reached);
    end if;
end $$;

-- The seq of a lane's first queued job, where that can be told: if all have one priority. The caller holds the lane's
-- lock alone, so that no job with a lower one is still to be seen.
create function esteira.first_seq(p_tenant integer, p_kind text, p_known bigint) returns bigint
    language plpgsql as $$
declare
    v_lowest smallint;
    v_next record;
begin
    select q.priority into v_lowest from esteira.queue as q
    where q.kind = p_kind and q.tenant_id = p_tenant and q.state = 'queued' and q.seq >= p_known
    order by q.priority, q.seq desc limit 1;
    select q.priority, q.seq into v_next from esteira.queue as q
    where q.kind = p_kind and q.tenant_id = p_tenant and q.state = 'queued' and q.seq >= p_known
    order by q.priority desc, q.seq limit 1;
    return case when v_next.priority = v_lowest then v_next.seq else p_known end;
end $$;

-- Ends attempts: those of a worker whose lease still stands, each as its decision says. Gives the jobs for
-- which it counted, and what became of them: a cancel that came before outdoes whatever leads to another attempt;
-- and after those, as `doomed`, the jobs that ended because one they depended on did.
--
-- `job_id = any (p_jobs)` is there for the primary key, and the settings below leave no other way than that one
-- look-up for each job and a hash of what is asked: a planner that believes the queue to be nearly empty, as its
-- statistics often say, would read the whole of it instead. `(q.state = 'running') is true` keeps it from the
-- index of running jobs, which has a dead entry for each claim since the last vacuum.
create function esteira.settle(
    p_worker uuid, p_jobs uuid[], p_leases integer[], p_decisions text[], p_delays double precision[],
    p_crashed boolean[], p_outputs jsonb[], p_output_bytes integer[], p_errors jsonb[], p_tellings jsonb[],
    p_artifacts jsonb[]
) returns table (job_id uuid, tenant_id integer, kind text, decision text, uncharged double precision)
    language plpgsql
    set enable_seqscan = off set enable_nestloop = off set enable_mergejoin = off
    set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_again boolean := p_decisions && '{retry,snooze,release}';
    v_lane record;
    v_tenant record;
    v_succeeded uuid[] := '{}';
    v_ended uuid[] := '{}';
    -- The batches that lost a job here, and whose each is.
    v_batches uuid[] := '{}';
    v_batch_tenants integer[] := '{}';
    -- Who has fewer jobs running now.
    v_tenants integer[] := '{}';
    -- Lanes that cannot be woken now.
    v_busy bigint[] := '{}';
begin
    if v_again then
        -- So that a cancel is seen by both statements below, or by neither.
        perform from unnest(p_jobs, p_decisions) as asked (job_id, decision)
            join esteira.queue as q on q.job_id = asked.job_id
            where q.job_id = any (p_jobs) and asked.decision in ('retry', 'snooze', 'release')
            order by q.job_id for update of q;
    end if;
    for v_tenant in
        with gone as (
            delete from esteira.queue as q
            using unnest(p_jobs, p_leases, p_decisions, p_outputs, p_output_bytes, p_errors, p_tellings, p_artifacts)
                as asked (job_id, lease, decision, output, output_bytes, error, telling, artifacts)
            where q.job_id = any (p_jobs) and q.job_id = asked.job_id and q.worker_id is not distinct from p_worker
              and q.lease = asked.lease and (q.state = 'running') is true
              and (asked.decision in ('succeed', 'fail', 'cancel') or q.cancel_requested_at is not null)
            returning q.job_id, q.tenant_id, q.kind, q.attempt, q.lease, q.ready_at, q.head_at, q.started_at,
                q.charged, q.batch_id, asked.output, asked.output_bytes, asked.error, asked.telling, asked.artifacts,
                case when asked.decision in ('succeed', 'fail') then asked.decision else 'cancel' end as decision
        )
        select tenant_id, kind, array_agg(job_id) as jobs, array_agg(decision) as decisions,
            array_agg(case decision when 'succeed' then 'succeeded' when 'fail' then 'failed' else 'cancelled' end)
                as states,
            array_agg(attempt) as attempts, array_agg(lease) as leases, array_agg(output) as outputs,
            array_agg(output_bytes) as output_bytes, array_agg(error) as errors,
            case when count(telling) > 0 then array_agg(telling) end as tellings,
            case when count(artifacts) > 0 then array_agg(artifacts) end as artifacts,
            array_agg(ready_at) as ready_at, array_agg(head_at) as head_at, array_agg(started_at) as started_at,
            array_agg(coalesce(extract(epoch from esteira.now() - started_at)::double precision - charged, 0)) as uncharged,
            array_agg(job_id) filter (where decision = 'succeed') as succeeded,
            array_agg(job_id) filter (where decision <> 'succeed') as ended,
            array_agg(batch_id) filter (where batch_id is not null) as batches,
            sum(greatest(extract(epoch from esteira.now() - started_at), 0)) as seconds,
            coalesce(bool_or(output ? 'usage'), false) as counted
        from gone group by tenant_id, kind
    loop
        perform esteira.keep_ends(v_tenant.tenant_id, v_tenant.kind, v_tenant.jobs, v_tenant.states,
                                  v_tenant.attempts, v_tenant.leases, v_tenant.outputs, v_tenant.output_bytes,
                                  v_tenant.errors, v_tenant.ready_at, v_tenant.head_at, v_tenant.started_at,
                                  v_tenant.tellings, v_tenant.artifacts, v_tenant.seconds, v_tenant.counted);
        v_tenants := v_tenants || v_tenant.tenant_id;
        v_succeeded := v_succeeded || v_tenant.succeeded;
        v_ended := v_ended || v_tenant.ended;
        if v_tenant.batches is not null then
            v_batches := v_batches || v_tenant.batches;
            v_batch_tenants := v_batch_tenants
                || array_fill(v_tenant.tenant_id, array[cardinality(v_tenant.batches)]);
        end if;
        return query select ended.job_id, v_tenant.tenant_id, v_tenant.kind, ended.decision, ended.uncharged
            from unnest(v_tenant.jobs, v_tenant.decisions, v_tenant.uncharged)
                as ended (job_id, decision, uncharged);
    end loop;
    for v_tenant in
        select d.tenant_id, array_agg(d.job_id) as jobs, array_agg(d.kind) as kinds, array_agg(d.attempt) as attempts,
               array_agg(d.because_of) as because_of,
               array_agg(d.batch_id) filter (where d.batch_id is not null) as batches
        from esteira.end_dependents(v_succeeded, v_ended) as d group by d.tenant_id
    loop
        perform esteira.keep_doomed(v_tenant.tenant_id, v_tenant.jobs, v_tenant.kinds, v_tenant.attempts,
                                    v_tenant.because_of);
        if v_tenant.batches is not null then
            v_batches := v_batches || v_tenant.batches;
            v_batch_tenants := v_batch_tenants
                || array_fill(v_tenant.tenant_id, array[cardinality(v_tenant.batches)]);
        end if;
        return query select doomed.job_id, v_tenant.tenant_id, ''::text, 'doomed'::text, 0::double precision
            from unnest(v_tenant.jobs) as doomed (job_id);
    end loop;
    if not v_again then
        perform esteira.bring_back(v_tenants)
        where exists (select from esteira.lanes as l where l.aside and l.tenant_id = any (v_tenants));
        perform esteira.end_batches(v_batch_tenants, v_batches) where v_batches <> '{}';
        return;
    end if;
    for v_lane in
        select q.tenant_id, q.kind, min(q.seq) as first_seq from unnest(p_jobs, p_decisions) as asked (job_id, decision)
        join esteira.queue as q on q.job_id = asked.job_id
        where q.job_id = any (p_jobs) and asked.decision = 'release' group by 1, 2 order by 1, 2
    loop
        if not esteira.wake_lane(v_lane.tenant_id, v_lane.kind, v_lane.first_seq) then
            v_busy := v_busy || esteira.lane_lock_key(v_lane.tenant_id, v_lane.kind);
        end if;
    end loop;
    for v_tenant in
        with again as (
            update esteira.queue as q
            set state = case when asked.decision = 'release'
                              and (v_busy = '{}' or esteira.lane_lock_key(q.tenant_id, q.kind) <> all (v_busy))
                             then 'queued' else 'scheduled' end,
                worker_id = null, started_at = null, head_at = null,
                -- An attempt that was handed back, or that only waits for somebody else, does not count.
                attempt = q.attempt - (asked.decision in ('release', 'snooze'))::integer,
                crashes = q.crashes + asked.crashed::integer,
                ready_at = case asked.decision when 'release' then q.ready_at
                           else esteira.now() + make_interval(secs => asked.delay) end
            from unnest(p_jobs, p_leases, p_decisions, p_delays, p_crashed, p_errors, p_tellings)
                as asked (job_id, lease, decision, delay, crashed, error, telling),
                -- What the row was, since `returning` shows what it became.
                esteira.queue as was
            where q.job_id = any (p_jobs) and q.job_id = asked.job_id and q.worker_id is not distinct from p_worker
              and q.lease = asked.lease and (q.state = 'running') is true
              and asked.decision in ('retry', 'snooze', 'release')
              and was.job_id = any (p_jobs) and was.job_id = q.job_id
            returning q.job_id, q.tenant_id, q.kind, asked.decision, was.attempt, q.lease, was.started_at, q.charged,
                asked.error, asked.telling
        )
        select tenant_id, kind, array_agg(job_id) as jobs, array_agg(decision) as decisions,
            array_agg(null::text) as states, array_agg(attempt) as attempts, array_agg(lease) as leases,
            array_agg(error) as errors,
            case when count(telling) > 0 then array_agg(telling) end as tellings, array_agg(started_at) as started_at,
            sum(greatest(extract(epoch from esteira.now() - started_at), 0)) as seconds,
            array_agg(coalesce(extract(epoch from esteira.now() - started_at)::double precision - charged, 0)) as uncharged
        from again group by tenant_id, kind
    loop
        perform esteira.keep_ends(v_tenant.tenant_id, v_tenant.kind, v_tenant.jobs, v_tenant.states,
                                  v_tenant.attempts, v_tenant.leases, null, null, v_tenant.errors, null, null,
                                  v_tenant.started_at, v_tenant.tellings, null, v_tenant.seconds, false);
        v_tenants := v_tenants || v_tenant.tenant_id;
        return query select ended.job_id, v_tenant.tenant_id, v_tenant.kind, ended.decision, ended.uncharged
            from unnest(v_tenant.jobs, v_tenant.decisions, v_tenant.uncharged)
                as ended (job_id, decision, uncharged);
    end loop;
    perform esteira.bring_back(v_tenants)
    where exists (select from esteira.lanes as l where l.aside and l.tenant_id = any (v_tenants));
    perform esteira.end_batches(v_batch_tenants, v_batches) where v_batches <> '{}';
end $$;

-- Lets a tenant keep the ends of attempts of jobs of a kind, and tell its webhooks what ended for good; what each array
-- holds is told where the tenant's functions are made. p_seconds: how long the attempts took; p_counted: some output has
-- something that its kind counted. (Webhooks come with the ninth migration.)
create function esteira.keep_ends(
    p_tenant integer, p_kind text, p_jobs uuid[], p_states text[], p_attempts smallint[], p_leases integer[],
    p_outputs jsonb[], p_output_bytes integer[], p_errors jsonb[], p_ready_at timestamptz[], p_head_at timestamptz[],
    p_started_at timestamptz[], p_tellings jsonb[], p_artifacts jsonb[], p_seconds numeric, p_counted boolean
) returns void
    language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    v_slug text;
    v_webhooks boolean;
    v_any boolean;
begin
    select t.slug, t.webhooks into strict v_slug, v_webhooks from esteira.tenants as t where t.id = p_tenant;
    execute format('select %s($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)',
                   esteira.door(v_slug, 'keep_ends'))
        using p_jobs, p_states, p_attempts, p_leases, p_outputs, p_output_bytes, p_errors, p_ready_at, p_head_at,
              p_started_at, p_kind, cardinality(array_positions(p_states, 'succeeded'))::bigint,
              cardinality(array_positions(p_states, 'failed'))::bigint,
              cardinality(array_positions(p_states, 'cancelled'))::bigint,
              -- Which did not begin have no such instant.
              (coalesce(cardinality(p_started_at), 0)
               - coalesce(cardinality(array_positions(p_started_at, null)), 0))::bigint,
              p_seconds;
    if random() < 0.002 then
        execute format('select %s()', esteira.door(v_slug, 'fold_usage'));
    end if;
    if p_counted or p_tellings is not null or p_artifacts is not null then
        execute format('select %s($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', esteira.door(v_slug, 'keep_findings'))
            using p_jobs, p_states, p_attempts, p_leases, p_outputs, p_errors, p_started_at, p_tellings, p_artifacts,
                  p_kind;
    end if;
    if not v_webhooks then
        return;
    end if;
    execute format('select %s($1, $2)', esteira.door(v_slug, 'announce_jobs')) into v_any using p_jobs, p_states;
    if v_any then
        insert into esteira.webhook_signals (tenant_id) values (p_tenant);
    end if;
end $$;

-- Lets a tenant keep the ends of jobs that ended because another did.
create function esteira.keep_doomed(
    p_tenant integer, p_jobs uuid[], p_kinds text[], p_attempts smallint[], p_because_of uuid[]
) returns void
    language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    v_end record;
begin
    for v_end in
        select kind, array_agg(job_id) as jobs, array_agg('cancelled'::text) as states, array_agg(attempt) as attempts,
            array_agg(0) as leases,
            array_agg(jsonb_build_object(
                'code', 'dependency_failed',
                'message', format('job %s, which this one depends on, did not succeed', because_of),
                'retryable', false, 'attempt', attempt
            )) as errors
        from unnest(p_jobs, p_kinds, p_attempts, p_because_of) as doomed (job_id, kind, attempt, because_of)
        group by kind
    loop
        perform esteira.keep_ends(p_tenant, v_end.kind, v_end.jobs, v_end.states, v_end.attempts, v_end.leases, null,
                                  null, v_end.errors, null, null, null, null, null, null, false);
    end loop;
end $$;

-- What the end of jobs means for those that depend on them: after a success they have one blocker less, after
-- anything else they end as well, and so do those that depend on them. Gives the jobs that ended here.
create function esteira.end_dependents(p_succeeded uuid[], p_ended uuid[])
    returns table (job_id uuid, tenant_id integer, kind text, attempt smallint, because_of uuid, batch_id uuid)
    language plpgsql
    set enable_seqscan = off set enable_nestloop = off set enable_mergejoin = off
    set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_free uuid[];
    v_counts integer[];
    v_gone uuid[] := p_ended;
    v_doomed uuid[];
    v_causes uuid[];
    v_lane record;
    v_busy bigint[] := '{}';
    -- This moment rather than this transaction's beginning: what was submitted since is not in the future.
    v_now timestamptz := esteira.now() + (clock_timestamp() - pg_catalog.now());
begin
    if cardinality(p_succeeded) > 0 then
        with met as (
            delete from esteira.dependencies as d where d.needs = any (p_succeeded) returning d.job_id
        ), counted as (select met.job_id, count(*) as met from met group by 1 order by 1)
        select array_agg(counted.job_id), array_agg(counted.met) into v_free, v_counts from counted;
        if v_free is not null then
            -- In one order everywhere, so that two settles that free the same jobs do not wait for each other.
            perform from esteira.queue as q where q.job_id = any (v_free) order by q.job_id for update;
            for v_lane in
                select q.tenant_id, q.kind, min(q.seq) as first_seq from esteira.queue as q
                where q.job_id = any (v_free) group by 1, 2 order by 1, 2
            loop
                if not esteira.wake_lane(v_lane.tenant_id, v_lane.kind, v_lane.first_seq) then
                    v_busy := v_busy || esteira.lane_lock_key(v_lane.tenant_id, v_lane.kind);
                end if;
            end loop;
            update esteira.queue as q
            set blockers = q.blockers - free.met,
                state = case when q.blockers > free.met then 'blocked'
                             when q.ready_at > v_now then 'scheduled'
                             when v_busy <> '{}' and esteira.lane_lock_key(q.tenant_id, q.kind) = any (v_busy)
                             then 'scheduled' else 'queued' end,
                ready_at = case when q.blockers > free.met then q.ready_at
                                else greatest(q.ready_at, esteira.now()) end
            from unnest(v_free, v_counts) as free (job_id, met)
            where q.job_id = any (v_free) and q.job_id = free.job_id and q.state = 'blocked';
        end if;
    end if;
    while cardinality(v_gone) > 0 loop
        select array_agg(doomed.job_id), array_agg(doomed.needs) into v_doomed, v_causes from (
            select distinct on (d.job_id) d.job_id, d.needs
            from esteira.dependencies as d where d.needs = any (v_gone) order by d.job_id
        ) as doomed;
        exit when v_doomed is null;
        delete from esteira.dependencies as d where d.job_id = any (v_doomed);
        perform from esteira.queue as q where q.job_id = any (v_doomed) order by q.job_id for update;
        return query
            delete from esteira.queue as q using unnest(v_doomed, v_causes) as doomed (job_id, because_of)
            where q.job_id = any (v_doomed) and q.job_id = doomed.job_id and q.state = 'blocked'
            returning q.job_id, q.tenant_id, q.kind, q.attempt, doomed.because_of, q.batch_id;
        v_gone := v_doomed;
    end loop;
end $$;

-- Replaces the estimates that claims charged lanes with by what was used. After the settle and apart from it,
-- since claims and settles of one lane would otherwise wait for each other's commits. What a crash in
-- between forgets is the difference between an estimate and the truth, once.
create function esteira.charge(p_tenants integer[], p_kinds text[], p_seconds double precision[]) returns void
    language plpgsql
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
    set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
declare
    v_charge record;
    v_at tid;
begin
    for v_charge in
        select * from unnest(p_tenants, p_kinds, p_seconds) as c (tenant_id, kind, seconds) order by 1, 2
    loop
        v_at := esteira.lane_at(v_charge.tenant_id, v_charge.kind);
        update esteira.lanes as lane
        set served = greatest(0, lane.served + v_charge.seconds / tenant.weight),
            own_until = case when tenant.max_running is null then lane.own_until else esteira.now() end
        from esteira.tenants as tenant
        where lane.ctid = v_at and tenant.id = v_charge.tenant_id;
    end loop;
end $$;

-- Charges lanes for jobs of a worker that have run longer than was charged: twice the time so far, so that a job is
-- charged anew as often as its time doubles. The settle gives back what was too much. Without it a job that takes
-- a hundred times its estimate would let its lane take slot after slot until it ends. The worker names its jobs: the index
-- of running ones has a dead entry for each claim since the last vacuum.
create function esteira.charge_overruns(p_worker uuid, p_jobs uuid[]) returns void
    language plpgsql
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
    set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
declare
    v_more record;
begin
    with late as (
        select q.job_id, q.charged, extract(epoch from esteira.now() - q.started_at)::double precision as ran
        from esteira.queue as q
        where q.job_id = any (p_jobs) and q.worker_id is not distinct from p_worker and (q.state = 'running') is true
          -- Shorter ones are over before a second look.
          and q.started_at < esteira.now() - interval '1 second'
          and q.charged < extract(epoch from esteira.now() - q.started_at)
        order by q.job_id for update skip locked
    ), told as (
        update esteira.queue as q set charged = 2 * late.ran from late where q.job_id = late.job_id
        returning q.tenant_id, q.kind, 2 * late.ran - late.charged as more
    ), of_lane as (
        select told.tenant_id, told.kind, sum(told.more) as more from told group by 1, 2
    )
    select array_agg(of_lane.tenant_id) as tenants, array_agg(of_lane.kind) as kinds, array_agg(of_lane.more) as seconds
    into v_more from of_lane;
    if v_more.tenants is not null then
        perform esteira.charge(v_more.tenants, v_more.kinds, v_more.seconds);
    end if;
end $$;

-- Those of some jobs that a worker runs, or of all jobs (null): the lease of each, and whether it is to be cancelled. To
-- find all of them, the index of running jobs is read, with a dead entry for each claim since the last vacuum.
create function esteira.leases_of(p_worker uuid, p_jobs uuid[])
    returns table (job_id uuid, lease integer, cancel boolean)
    language plpgsql stable
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
    set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    if p_jobs is null then
        return query select q.job_id, q.lease, q.cancel_requested_at is not null from esteira.queue as q
            where q.worker_id = p_worker and q.state = 'running';
    else
        return query select q.job_id, q.lease, q.cancel_requested_at is not null from esteira.queue as q
            where q.job_id = any (p_jobs) and q.worker_id is not distinct from p_worker
              and (q.state = 'running') is true;
    end if;
end $$;

-- Moves the virtual time of a kind on. Two claimers at once: the second leaves it to the first, since a
-- virtual time that is a turn old does no harm, and a wait here would put claims in a row.
create function esteira.reach(p_kind text, p_served double precision) returns void
    language plpgsql as $$
declare
    v_at tid;
begin
    select v.ctid into v_at from esteira.virtual_times as v
    where v.kind = p_kind order by v.reached desc limit 1 for update skip locked;
    if found then
        update esteira.virtual_times as v set reached = p_served where v.ctid = v_at and v.reached < p_served;
    elsif not exists (select from esteira.virtual_times as v where v.kind = p_kind) then
        insert into esteira.virtual_times (kind, reached) values (p_kind, p_served);
    end if;
end $$;

-- Keeps from where on claims need to look at lanes until the next look at all of them.
create function esteira.look_from(p_kind text, p_least double precision) returns void
    language plpgsql as $$
declare
    v_at tid;
begin
    select v.ctid into v_at from esteira.virtual_times as v
    where v.kind = p_kind order by v.reached desc limit 1 for update skip locked;
    if found then
        update esteira.virtual_times as v
        set least = p_least, least_next = v.reached, looked_at = pg_catalog.now() where v.ctid = v_at;
    end if;
end $$;

-- What holds a tenant's jobs back was taken away: its lanes come back, without the credit of a time in which they could
-- not be served.
create function esteira.forfeit_credit(p_tenant integer) returns void
    language sql
begin atomic
    update esteira.lanes as lane set served = greatest(lane.served, esteira.virtual_time(lane.kind))
    where lane.tenant_id = p_tenant;
    select esteira.bring_back(array[p_tenant]);
end;

-- Lives that have jobs and no row: somebody deleted it, or brought back a part of a backup. No claim and no settle of
-- Esteira's own gets there. Of the index of running jobs, what lies between the lives that there are is looked at, and so
-- none of the dead entries that their claims leave behind.
create function esteira.unknown_workers() returns setof uuid
    language plpgsql stable
    set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
    set plan_cache_mode = force_generic_plan set search_path = pg_catalog, pg_temp as $$
begin
    return query
        select distinct q.worker_id
        from (
            select known.id as above, lead(known.id, 1, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
                over (order by known.id) as below
            from (select w.id from esteira.workers as w union all select uuid '00000000-0000-0000-0000-000000000000')
                as known
        ) as gap
        join esteira.queue as q on q.worker_id > gap.above and q.worker_id < gap.below and q.state = 'running';
end $$;

revoke execute on all functions in schema esteira from public;
-- And those of migrations to come: everybody may look into the schema (see the next file).
alter default privileges revoke execute on functions from public;
