-- What an attempt tells while it runs: its log grows with it, and its newest progress has a place among its sentences, so
-- that whoever follows the job learns of each once and in order.

alter table attempts
    -- The number of the newest progress among all that the attempt reported, sentences included; theirs are in the log:
    -- [{"number", "after_ms", "level", "message"}].
    add column report integer,
    -- How long after the beginning of the attempt it came.
    add column report_ms bigint;

-- As before; a telling says besides which report its progress was: {…, "report", "report_ms"}. What an attempt has told
-- while it ran stays where its end has nothing to tell, as that of a worker that is gone.
create or replace function keep_ends(
    p_jobs uuid[], p_states text[], p_attempts smallint[], p_leases integer[], p_outputs jsonb[],
    p_output_bytes integer[], p_errors jsonb[], p_ready_at timestamptz[], p_head_at timestamptz[],
    p_started_at timestamptz[], p_tellings jsonb[], p_artifacts jsonb[]
) returns void
    language plpgsql security definer set search_path from current
    -- What is read here is read by keys.
    set enable_seqscan = off as $$
begin
    insert into outcomes (job_id, state, attempt, lease, output, output_bytes, error, ready_at, head_at, started_at)
    select job_id, state, attempt, lease,
           case when state = 'succeeded' then output end,
           case when state = 'succeeded' then coalesce(output_bytes, 0) else 0 end,
           case when state <> 'succeeded' then error end,
           ready_at, head_at, started_at
    from unnest(p_jobs, p_states, p_attempts, p_leases, p_outputs, p_output_bytes, p_errors, p_ready_at, p_head_at,
                p_started_at)
        as ended (job_id, state, attempt, lease, output, output_bytes, error, ready_at, head_at, started_at)
    where state is not null;
    if p_tellings is not null then
        insert into attempts as known (job_id, lease, attempt, ended_as, error, cpu_seconds, peak_bytes, started_at,
                                       log, fraction, stage, message, report, report_ms, finished_at)
        select ended.job_id, ended.lease, ended.attempt, told.ended_as, ended.error, told.cpu_seconds,
               told.peak_bytes, ended.started_at, told.log, told.fraction, told.stage, told.message, told.report,
               told.report_ms, esteira.now()
        from unnest(p_jobs, p_leases, p_attempts, p_errors, p_started_at, p_tellings)
            as ended (job_id, lease, attempt, error, started_at, telling),
            jsonb_to_record(ended.telling) as told (ended_as text, cpu_seconds real, peak_bytes bigint, log jsonb,
                                                    fraction real, stage text, message text, report integer,
                                                    report_ms bigint)
        where ended.telling is not null
        on conflict (job_id, lease) do update
        set ended_as = excluded.ended_as, error = excluded.error, cpu_seconds = excluded.cpu_seconds,
            peak_bytes = excluded.peak_bytes, started_at = excluded.started_at, finished_at = excluded.finished_at,
            log = case when excluded.log = '[]' then known.log else excluded.log end,
            fraction = coalesce(excluded.fraction, known.fraction),
            stage = coalesce(excluded.stage, known.stage),
            message = coalesce(excluded.message, known.message),
            report = coalesce(excluded.report, known.report),
            report_ms = coalesce(excluded.report_ms, known.report_ms);
    end if;
    if p_artifacts is not null then
        insert into artifacts (job_id, position, name, media_type, bytes, sha256, object_key)
        select ended.job_id, file.position, file.name, file.media_type, file.bytes, decode(file.sha256, 'hex'),
               file.object_key
        from unnest(p_jobs, p_states, p_artifacts) as ended (job_id, state, artifacts),
            rows from (
                jsonb_to_recordset(ended.artifacts) as (name text, media_type text, bytes bigint, sha256 text,
                                                        object_key text)
            ) with ordinality as file (name, media_type, bytes, sha256, object_key, position)
        where ended.state = 'succeeded' and ended.artifacts is not null;
    end if;
    -- What a kind counted is taken as it is, if it can be.
    insert into usage_ledger (kind, succeeded, failed, cancelled, attempts, processing_seconds, cpu_seconds,
                              bytes_stored, bytes_moved, media_seconds, pages, bytes_kept)
    select used.kind, count(*) filter (where used.state = 'succeeded'), count(*) filter (where used.state = 'failed'),
           count(*) filter (where used.state = 'cancelled'), count(used.started_at),
           coalesce(sum(greatest(extract(epoch from esteira.now() - used.started_at), 0)), 0),
           coalesce(sum(used.cpu_seconds::numeric), 0), coalesce(sum(used.made), 0),
           coalesce(sum(used.made), 0) + coalesce(sum(used.fetched), 0),
           coalesce(sum(least(greatest((used.counted ->> 'media_seconds')::numeric, 0), 1e9))
                    filter (where jsonb_typeof(used.counted -> 'media_seconds') = 'number'), 0),
           coalesce(sum(trunc(least(greatest((used.counted ->> 'pages')::numeric, 0), 1e9))::bigint)
                    filter (where jsonb_typeof(used.counted -> 'pages') = 'number'), 0),
           coalesce(sum(used.made), 0)
    from (
        select j.kind, ended.state, ended.started_at, (ended.telling ->> 'cpu_seconds')::real as cpu_seconds,
               case when ended.telling is not null
                    then (select a.staged_bytes from attempts as a
                          where a.job_id = ended.job_id and a.lease = ended.lease) end as fetched,
               case when ended.state = 'succeeded' and ended.artifacts is not null
                    then (select sum((file.value ->> 'bytes')::bigint)
                          from jsonb_array_elements(ended.artifacts) as file) end as made,
               case when ended.state = 'succeeded' then ended.output -> 'usage' end as counted
        from unnest(p_jobs, p_states, p_leases, p_outputs, p_started_at, p_tellings, p_artifacts)
            as ended (job_id, state, lease, output, started_at, telling, artifacts)
        -- The limit keeps it a look-up for each.
        cross join lateral (select jobs.kind from jobs where jobs.id = ended.job_id limit 1) as j
    ) as used
    group by used.kind;
    if random() < 0.002 then
        perform fold_usage();
    end if;
end $$;
