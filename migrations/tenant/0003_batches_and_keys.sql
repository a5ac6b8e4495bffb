-- Batches, and the answers that are given again to whoever asks again.

-- Jobs that were submitted together.
create table batches (
    id          uuid primary key,
    -- How many there are; those that are pruned by now included.
    jobs        integer not null,
    created_at  timestamptz not null default esteira.now(),
    -- When the last of them ended; null again when one is retried.
    finished_at timestamptz
);

alter table jobs add column batch_id uuid;
create index jobs_of_batch on jobs (batch_id, id) where batch_id is not null;

-- What was answered to a request that carried an idempotency key. The row is written first, and with its answer
-- committed by the transaction that did what was asked: who asks for the same at that moment waits for it.
create table idempotency_keys (
    -- SHA-256 of the key, and of the request that came with it.
    key        bytea primary key constraint idempotency_keys_key_length check (octet_length(key) = 32),
    request    bytea not null constraint idempotency_keys_request_length check (octet_length(request) = 32),
    -- Null only inside of that transaction.
    status     smallint,
    location   text,
    body       text,
    created_at timestamptz not null default esteira.now()
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- Keeps what was asked, as keep_jobs, for jobs of a batch.
create function keep_jobs_of_batch_{slug}(
    p_batch uuid, p_ids uuid[], p_kinds text[], p_inputs jsonb[], p_input_bytes integer[], p_metadata jsonb[],
    p_priorities smallint[], p_max_attempts smallint[], p_timeouts integer[], p_run_at timestamptz[],
    p_unique_keys text[], p_needs jsonb[]
) returns void
    language sql security definer
begin atomic
    insert into jobs (id, kind, input, input_bytes, metadata, priority, max_attempts, timeout_seconds, run_at,
                      unique_key, depends_on, batch_id)
    select id, kind, input, input_bytes, metadata, priority, max_attempts, timeout, coalesce(run_at, esteira.now()),
           unique_key,
           case when needs is not null then array(select value::uuid from jsonb_array_elements_text(needs)) end,
           p_batch
    from unnest(p_ids, p_kinds, p_inputs, p_input_bytes, p_metadata, p_priorities, p_max_attempts, p_timeouts,
                p_run_at, p_unique_keys, p_needs)
        as new (id, kind, input, input_bytes, metadata, priority, max_attempts, timeout, run_at, unique_key, needs);
end;

-- The end of a batch, in the transaction that ends the last of its jobs: what is to be told of it is written here.
create function finish_batch_{slug}(p_batch uuid) returns void
    language plpgsql security definer set search_path from current as $$
begin
    update batches set finished_at = esteira.now() where id = p_batch and finished_at is null;
end $$;

-- Jobs as their tenant sees them, newest first. A job has either an outcome or a row in the queue, and one snapshot sees
-- which. Planned once for a session, since to plan it takes ten times as long as to run it; each table is looked up by
-- its key, whatever the statistics of a moment say.
create function read_jobs_{slug}(p_ids uuid[])
    returns table (
        id uuid, kind text, state text, priority smallint, attempt smallint, max_attempts smallint,
        timeout_seconds integer, fraction real, stage text, message text, input jsonb, output jsonb, error jsonb,
        metadata jsonb, batch_id uuid, artifacts jsonb, created_at timestamptz, run_at timestamptz,
        started_at timestamptz, finished_at timestamptz, cancel_requested_at timestamptz, waited_ms jsonb
    )
    language plpgsql stable security definer set search_path from current
    set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
    set plan_cache_mode = force_generic_plan as $$
begin
    return query
        select j.id, j.kind, coalesce(o.state, q.state), j.priority, coalesce(o.attempt, q.attempt), j.max_attempts,
               j.timeout_seconds, a.fraction, a.stage, a.message, j.input, o.output,
               case when o.job_id is null then a.error else o.error end, j.metadata, j.batch_id,
               coalesce((select jsonb_agg(jsonb_build_object('name', f.name, 'media_type', f.media_type,
                                 'bytes', f.bytes, 'sha256', encode(f.sha256, 'hex')) order by f.position)
                         from artifacts as f where f.job_id = j.id), '[]'),
               j.created_at, coalesce(q.ready_at, j.run_at), coalesce(o.started_at, q.started_at), o.finished_at,
               q.cancel_requested_at,
               case when o.job_id is null then esteira.waited_ms(q.ready_at, q.head_at, q.started_at)
                    else esteira.waited_ms(o.ready_at, o.head_at, o.started_at) end
        from jobs as j
        left join outcomes as o on o.job_id = j.id
        left join lateral esteira.live_job(j.id) as q on true
        left join lateral (select p.fraction, p.stage, p.message, p.error from attempts as p
                           where p.job_id = j.id order by p.lease desc limit 1) as a on true
        where j.id = any (p_ids) and (o.job_id is not null or q.job_id is not null)
        order by j.id desc;
end $$;
