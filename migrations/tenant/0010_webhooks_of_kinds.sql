-- A webhook may ask for jobs of some kinds alone: e-mail about every job is read by nobody.

-- Null: of every kind. Of batches it is told in any case.
alter table webhooks add column kinds text[] constraint webhooks_kinds_some check (cardinality(kinds) > 0);

-- As before, but for the kinds.
create or replace function announce_jobs_{slug}(p_jobs uuid[], p_states text[]) returns boolean
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
    join webhooks as w on w.enabled and 'job.' || ended.state = any (w.events) and (w.kinds is null or j.kind = any (w.kinds))
    where ended.state is not null and o.job_id = any (p_jobs) and j.id = any (p_jobs);
    return found;
end $$;
