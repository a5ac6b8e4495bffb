-- What a request need not do: look its caller up each time, plan how a job is read, read all live jobs for a page.

-- Tells every process that keys, state or limits of a tenant are not what they were, in the transaction that changes
-- them: what a process remembers of its callers is worth nothing then. (Elsewhere hints are sent after the commit, since
-- transactions that notify commit one after the other; these are few.) The dash is no process's number: all hear it.
create function esteira.tell_access() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_notify('esteira', '- a:' || coalesce(to_jsonb(old) ->> tg_argv[0], ''));
    return null;
end $$;
create trigger tell_access after update or delete on esteira.tenants
    for each row execute function esteira.tell_access('id');
create trigger tell_access after update or delete on esteira.api_keys
    for each row execute function esteira.tell_access('tenant_id');

-- Jobs of a tenant as it sees them, in one statement and by a plan that the session keeps; see the tenant's function.
create function esteira.read_jobs(p_tenant integer, p_ids uuid[])
    returns table (
        id uuid, kind text, state text, priority smallint, attempt smallint, max_attempts smallint,
        timeout_seconds integer, fraction real, stage text, message text, input jsonb, output jsonb, error jsonb,
        metadata jsonb, batch_id uuid, artifacts jsonb, created_at timestamptz, run_at timestamptz,
        started_at timestamptz, finished_at timestamptz, cancel_requested_at timestamptz, waited_ms jsonb
    )
    language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    v_slug text;
begin
    select t.slug into v_slug from esteira.tenants as t where t.id = p_tenant;
    if found then
        return query execute format('select * from %s($1)', esteira.door(v_slug, 'read_jobs')) using p_ids;
    end if;
end $$;

-- The newest live jobs in a state of the tenant whose role is set, of one kind or of any, with ids below p_below. `esteira.live_jobs` could not give them in order: nothing of a query gets behind its barrier but
-- conditions. Each kind that there is has a range of the index `queue_of_tenant`; the few of them are merged. (A range of
-- the key: with `q.kind = of_kind.kind`, the primary key would have the same order, and the planner might walk along it.)
--
-- SET ROLE lets a session become only what it may be, so the setting is as good as `current_user`, which in here is the
-- owner of this function.
create function esteira.live_ids(p_state text, p_kind text, p_below uuid, p_limit integer)
    returns setof uuid
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
declare
    v_tenant integer;
    v_kind text := '';
    v_kinds text[] := '{}';
begin
    select t.id into v_tenant from esteira.tenants as t where t.role_name = current_setting('role');
    if p_kind is not null then
        v_kinds := array[p_kind];
    else
        loop
            select q.kind into v_kind from esteira.queue as q
            where q.tenant_id = v_tenant and q.state = p_state and q.kind > v_kind order by q.kind limit 1;
            exit when not found;
            v_kinds := v_kinds || v_kind;
        end loop;
    end if;
    return query
        select newest.job_id from unnest(v_kinds) as of_kind (kind)
        cross join lateral (
            select q.job_id from esteira.queue as q
            where q.tenant_id = v_tenant and q.state = p_state
              and q.kind >= of_kind.kind and (q.kind, q.job_id) < (of_kind.kind, p_below)
            order by q.kind desc, q.job_id desc limit p_limit
        ) as newest
        order by newest.job_id desc limit p_limit;
end $$;

-- Some of the jobs with these metadata, in no order, of the tenant whose search path is set: all of them where they are
-- fewer than p_most. By their index, whatever the planner guesses; it knows nothing of what is rare.
create function esteira.ids_by_metadata(p_metadata jsonb, p_most integer) returns setof uuid
    language plpgsql stable set enable_seqscan = off set enable_indexscan = off as $$
begin
    return query select j.id from jobs as j where j.metadata @> p_metadata and j.metadata <> '{}' limit p_most;
end $$;

revoke execute on function esteira.tell_access, esteira.read_jobs, esteira.live_ids, esteira.ids_by_metadata from public;
grant execute on function esteira.live_ids, esteira.ids_by_metadata to public;
