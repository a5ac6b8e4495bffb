-- A tenant's webhooks, and what is to be sent to each. A delivery is written by the transaction that ends its job, so
-- none is lost and none is sent for an end that never was.

create table webhooks (
    id               uuid primary key,
    url              text not null,
    description      text not null default '',
    -- The types of events that it asks for.
    events           text[] not null constraint webhooks_events_some check (cardinality(events) > 0),
    -- The kinds whose jobs it asks for; null for every kind. Of batches it is told in any case.
    kinds            text[] constraint webhooks_kinds_some check (cardinality(kinds) > 0),
    enabled          boolean not null default true,
    -- Why it is not, where it was not its owner's wish.
    disabled_because text,
    -- `whsec_` and base64. In clear, since each delivery is signed with it.
    secret           text not null,
    -- The one before, with which deliveries are signed as well up to then.
    old_secret       text,
    old_secret_until timestamptz,
    -- Failures in a row, and until when nothing is sent because of them: the circuit breaker.
    failures         integer not null default 0,
    open_until       timestamptz,
    created_at       timestamptz not null default esteira.now(),
    updated_at       timestamptz not null default esteira.now(),
    constraint webhooks_old_secret_ends check ((old_secret is null) = (old_secret_until is null))
);

create table deliveries (
    -- Also the id of the message, by which a receiver knows it when it comes twice.
    id         uuid primary key,
    webhook_id uuid not null,
    type       text not null,
    -- The body as it is sent, byte for byte the same each time.
    payload    text not null,
    state      text not null default 'pending'
               constraint deliveries_state_known check (state in ('pending', 'delivered', 'failed')),
    -- When it is to be sent; while it is being sent, when somebody else may. Null once it is over.
    due_at     timestamptz default esteira.now(),
    -- The beginning of the time in which it is tried: when it was made, or asked for again.
    since      timestamptz not null default esteira.now(),
    -- Attempts since then.
    attempt    smallint not null default 0,
    -- How often it was taken up: the fence that the record of an earlier attempt does not pass.
    lease      integer not null default 0,
    -- What came of each attempt, the last of them: see the engine's `Attempt`.
    attempts   jsonb not null default '[]',
    created_at timestamptz not null default esteira.now(),
    ended_at   timestamptz,
    constraint deliveries_due_while_pending check ((state = 'pending') = (due_at is not null))
) with (fillfactor = 80);
create index deliveries_due on deliveries (webhook_id, due_at) where due_at is not null;
create index deliveries_of_webhook on deliveries (webhook_id, id);

-- Leaves an event for each webhook that asks for its type; tells whether any does.
create function announce_{slug}(p_type text, p_at timestamptz, p_data jsonb) returns boolean
    language plpgsql security definer set search_path from current as $$
begin
    insert into deliveries (id, webhook_id, type, payload)
    select esteira.new_id(), w.id, p_type,
           -- Put together as text, since jsonb would sort the keys by their length.
           format('{"type":%s,"timestamp":%s,"data":%s}', to_json(p_type), to_json(esteira.rfc3339(p_at)), p_data)
    from webhooks as w where w.enabled and p_type = any (w.events);
    return found;
end $$;

-- The same for jobs that have just ended; one whose state is null goes on. The data are the job as the API shows it,
-- without its input. Each job is looked up by its primary key: a planner that knows the tables as they were when the
-- tenant was new would read the whole of them instead.
create function announce_jobs_{slug}(p_jobs uuid[], p_states text[]) returns boolean
    language plpgsql security definer set search_path from current
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_nestloop = on
    set plan_cache_mode = force_generic_plan as $$
begin
    if not exists (select from unnest(p_states) as ended (state), webhooks as w
                   where w.enabled and 'job.' || ended.state = any (w.events)) then
        return false;
    end if;
    insert into deliveries (id, webhook_id, type, payload)
    select esteira.new_id(), w.id, 'job.' || ended.state,
           format('{"type":%s,"timestamp":%s,"data":%s}', to_json('job.' || ended.state),
                  to_json(esteira.rfc3339(o.finished_at)), jsonb_build_object(
               'id', j.id, 'kind', j.kind, 'state', o.state, 'priority', j.priority, 'attempt', o.attempt,
               'max_attempts', j.max_attempts, 'timeout_seconds', j.timeout_seconds,
               'progress', (select case when a.fraction is not null and a.stage is not null and a.message is not null
                                   then jsonb_build_object('fraction', a.fraction::float8, 'stage', a.stage,
                                                           'message', a.message) end
                            from attempts as a where a.job_id = j.id order by a.lease desc limit 1),
               'output', o.output, 'error', o.error, 'metadata', j.metadata, 'batch_id', j.batch_id,
               'artifacts', coalesce((select jsonb_agg(jsonb_build_object(
                                          'name', f.name, 'media_type', f.media_type, 'bytes', f.bytes,
                                          'sha256', encode(f.sha256, 'hex'),
                                          'href', '/v1/jobs/' || j.id || '/artifacts/' || f.name) order by f.position)
                                      from artifacts as f where f.job_id = j.id), '[]'),
               'created_at', esteira.rfc3339(j.created_at), 'run_at', esteira.rfc3339(j.run_at),
               'started_at', esteira.rfc3339(o.started_at), 'finished_at', esteira.rfc3339(o.finished_at),
               'cancel_requested_at', null,
               'waited_ms', esteira.waited_ms(o.ready_at, o.head_at, o.started_at)))
    from unnest(p_jobs, p_states) as ended (job_id, state)
    join outcomes as o on o.job_id = ended.job_id
    join jobs as j on j.id = ended.job_id
    join webhooks as w on w.enabled and 'job.' || ended.state = any (w.events)
                      and (w.kinds is null or j.kind = any (w.kinds))
    where ended.state is not null and o.job_id = any (p_jobs) and j.id = any (p_jobs);
    return found;
end $$;

-- A batch of which every job is over, as the API shows it.
create function finished_batch_{slug}(p_batch uuid) returns jsonb
    language plpgsql security definer set search_path from current as $$
begin
    return (
        select jsonb_build_object(
            'id', b.id,
            'counts', '{"blocked": 0, "scheduled": 0, "queued": 0, "running": 0, "succeeded": 0, "failed": 0, "cancelled": 0}'
                || coalesce((select jsonb_object_agg(c.state, c.jobs) from (
                       select o.state, count(*) as jobs from jobs as j join outcomes as o on o.job_id = j.id
                       where j.batch_id = b.id group by 1) as c), '{}'),
            'progress', jsonb_build_object('fraction', 1.0, 'done', b.jobs, 'total', b.jobs),
            'created_at', esteira.rfc3339(b.created_at), 'finished_at', esteira.rfc3339(b.finished_at))
        from batches as b where b.id = p_batch
    );
end $$;
