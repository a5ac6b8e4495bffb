-- A tenant's doors: what the engine's role does in this schema without becoming the tenant's. Each runs as the tenant's
-- role, which owns it, on the tables of this schema; nobody but the engine's role may call it. A version of the
-- schema brings the doors that fit its tables, so the engine need not know which version a tenant has.
--
-- `{slug}` is the tenant's: to resolve the name of a function, Postgres reads all functions of that name in all schemas,
-- so that with one name for the doors of all tenants every call would cost more with each tenant that there is.
--
-- Those that most jobs go through are in SQL and not in PL/pgSQL. A session that meets a tenant for the first time has less
-- than half to do, and keeps no plan of it; for that it plans their few statements at each call, which is a tenth of a
-- millisecond. They are in the standard's form, whose names are resolved once, when the function is made. So
-- what such a function names must be there before it, and cannot be dropped before it is replaced.
--
-- What a session learns of thousands of tenants' tables would stay in its memory: the engine replaces its connections
-- after some number of tenants.

-- Keeps what was asked.
create function keep_jobs_{slug}(
    p_ids uuid[], p_kinds text[], p_inputs jsonb[], p_input_bytes integer[], p_metadata jsonb[],
    p_priorities smallint[], p_max_attempts smallint[], p_timeouts integer[], p_run_at timestamptz[],
    p_unique_keys text[], p_needs jsonb[]
) returns void
    language sql security definer
begin atomic
    insert into jobs (id, kind, input, input_bytes, metadata, priority, max_attempts, timeout_seconds, run_at,
                      unique_key, depends_on)
    select id, kind, input, input_bytes, metadata, priority, max_attempts, timeout, coalesce(run_at, esteira.now()),
           unique_key,
           -- Arrays of arrays are not a thing of Postgres: the few jobs with needs bring theirs as JSON.
           case when needs is not null then array(select value::uuid from jsonb_array_elements_text(needs)) end
    from unnest(p_ids, p_kinds, p_inputs, p_input_bytes, p_metadata, p_priorities, p_max_attempts, p_timeouts,
                p_run_at, p_unique_keys, p_needs)
        as new (id, kind, input, input_bytes, metadata, priority, max_attempts, timeout, run_at, unique_key, needs);
end;

-- Keeps what attempts have to tell, made and used besides. A telling is {"ended_as", "cpu_seconds", "peak_bytes", "log",
-- "fraction", "stage", "message", "report", "report_ms"} (the columns of reports come with the sixth migration); what an
-- attempt has told while it ran stays where its end has nothing to tell, as that of a worker that is gone. A list of
-- artifacts is [{"name", "media_type", "bytes", "sha256" in hex, "object_key"}].
create function keep_findings_{slug}(
    p_jobs uuid[], p_states text[], p_attempts smallint[], p_leases integer[], p_outputs jsonb[], p_errors jsonb[],
    p_started_at timestamptz[], p_tellings jsonb[], p_artifacts jsonb[], p_kind text
) returns void
    language plpgsql security definer set search_path from current
    -- What is read here is read by keys.
    set enable_seqscan = off as $$
begin
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
    -- An entry beside the one of the ends. What a kind counted is taken as it is, if it can be.
    insert into usage_ledger (kind, cpu_seconds, bytes_stored, bytes_moved, media_seconds, pages, bytes_kept)
    select p_kind, sum(used.cpu_seconds::numeric), sum(used.made),
           coalesce(sum(used.made), 0) + coalesce(sum(used.fetched), 0),
           sum(least(greatest((used.counted ->> 'media_seconds')::numeric, 0), 1e9))
               filter (where jsonb_typeof(used.counted -> 'media_seconds') = 'number'),
           sum(trunc(least(greatest((used.counted ->> 'pages')::numeric, 0), 1e9))::bigint)
               filter (where jsonb_typeof(used.counted -> 'pages') = 'number'),
           sum(used.made)
    from (
        select (ended.telling ->> 'cpu_seconds')::real as cpu_seconds,
               case when ended.telling is not null
                    then (select a.staged_bytes from attempts as a
                          where a.job_id = ended.job_id and a.lease = ended.lease) end as fetched,
               case when ended.state = 'succeeded' and ended.artifacts is not null
                    then (select sum((file.value ->> 'bytes')::bigint)
                          from jsonb_array_elements(ended.artifacts) as file) end as made,
               case when ended.state = 'succeeded' then ended.output -> 'usage' end as counted
        from unnest(p_jobs, p_states, p_leases, p_outputs, p_tellings, p_artifacts)
            as ended (job_id, state, lease, output, telling, artifacts)
    ) as used;
end $$;

-- The inputs of jobs, of each that is not larger than p_most_bytes.
create function inputs_of_{slug}(p_jobs uuid[], p_most_bytes integer) returns table (job_id uuid, input jsonb)
    language sql stable security definer
begin atomic
    select jobs.id, jobs.input from jobs where jobs.id = any (p_jobs) and jobs.input_bytes <= p_most_bytes;
end;
