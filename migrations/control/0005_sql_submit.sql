-- Submitting by SQL: a job that an application writes inside a transaction of its own.
--
-- Two doors in a row. `esteira.submit` runs as the engine's role: it looks whether the caller may, and whether the
-- job can be. `keep_jobs`, one in each tenant's schema, runs as the tenant's role and writes the row, so that
-- the engine's role needs no right on any tenant's tables. (SET ROLE, by which the engine becomes a tenant
-- elsewhere, is forbidden inside a SECURITY DEFINER function.)

-- The kinds that can be run, with what holds where a submit does not say. `esteira migrate` writes them.
create table esteira.kinds (
    name            text primary key,
    max_attempts    smallint not null,
    timeout_seconds integer not null
);

-- Which Postgres role may submit by SQL, for which tenant; for all of them where there is none.
create table esteira.submitters (
    -- By its number: a role that is made anew under an old name has no old right.
    role       regrole not null,
    tenant_id  integer references esteira.tenants (id) on delete cascade,
    granted_at timestamptz not null default esteira.now(),
    constraint submitters_once unique nulls not distinct (role, tenant_id)
);
create index submitters_of_tenant on esteira.submitters (tenant_id);

-- A new id: UUIDv7 (RFC 9562), 48 bits of milliseconds, the version, 12 bits of the millisecond's fraction (its
-- method 3, so that ids of one transaction sort too), and the last half of a random UUID, which brings the variant.
create function esteira.new_id() returns uuid
    language sql volatile parallel safe
begin atomic
    select encode(
        int8send(((micros / 1000) << 16) | x'7000'::bigint | ((micros % 1000) * 4096 / 1000))
            || substring(uuid_send(gen_random_uuid()) from 9),
        'hex'
    )::uuid
    from (select (extract(epoch from clock_timestamp()) * 1000000)::bigint as micros) as clock;
end;

-- Whether every reader of JSON can read it: numbers that a double can hold, and no more than 100 levels. (Postgres has
-- numbers of any size, and as many levels as fit its stack.)
create function esteira.is_readable(p_json jsonb) returns boolean
    language sql immutable parallel safe
begin atomic
    select not jsonb_path_exists(p_json, '$.**{100}')
       and not jsonb_path_exists(p_json, '$.** ? (@.type() == "number" && (@ > 1e308 || @ < -1e308))');
end;

-- Writes a job for a tenant inside the caller's transaction; gives its id.
--
-- What counts is the role in force at the call: the one of SET ROLE, else the one that logged in. The roles of
-- SECURITY DEFINER functions on the way do not, so that nobody borrows a right from them.
create function esteira.submit(
    tenant text, kind text, input jsonb,
    priority integer default 0, run_at timestamptz default null, max_attempts integer default null,
    timeout_seconds integer default null, metadata jsonb default '{}'
) returns uuid
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    v_caller name := case current_setting('role') when 'none' then session_user else current_setting('role') end;
    v_tenant record;
    v_kind record;
    v_id uuid := esteira.new_id();
    v_priority integer := coalesce(submit.priority, 0);
    v_metadata jsonb := coalesce(submit.metadata, '{}');
    v_full integer;
    v_unreadable constant text := 'must be nested at most 100 deep, and have no number beyond ±1e308';
begin
    select t.id, t.slug, t.state, t.schema_version, t.kinds into v_tenant
    from esteira.tenants as t where t.slug = submit.tenant;
    -- Before anything else is told, even whether there is such a tenant.
    if not exists (select from esteira.submitters as s
                   where (s.tenant_id is null or s.tenant_id = v_tenant.id)
                     and pg_has_role(v_caller, s.role::oid, 'USAGE')) then
        raise exception 'tenant: role "%" may not submit for this tenant', v_caller using
            errcode = 'insufficient_privilege',
            hint = 'An operator grants it: esteira tenant grant-submit SLUG ROLE.';
    end if;
    if v_tenant.id is null then
        raise exception 'tenant: there is no tenant "%"', left(submit.tenant, 60) using errcode = 'undefined_object';
    end if;
    if v_tenant.state <> 'active' then
        raise exception 'tenant: the tenant is %', v_tenant.state using errcode = 'object_not_in_prerequisite_state';
    end if;
    if v_tenant.schema_version < 5 then
        raise exception 'tenant: its schema is older than submitting by SQL' using
            errcode = 'object_not_in_prerequisite_state', hint = 'esteira migrate brings it up to date.';
    end if;

    select k.max_attempts, k.timeout_seconds into v_kind from esteira.kinds as k where k.name = submit.kind;
    if not found then
        raise exception 'kind: there is no kind "%"', left(submit.kind, 60) using
            errcode = 'undefined_object', hint = 'esteira migrate makes the kinds of its version known.';
    end if;
    if submit.kind <> all (v_tenant.kinds) then
        raise exception 'kind: this tenant may not submit "%"', submit.kind using errcode = 'insufficient_privilege';
    end if;

    if submit.input is null then
        raise exception 'input: must not be null' using errcode = 'null_value_not_allowed';
    end if;
    if v_priority not between -100 and 100 then
        raise exception 'priority: must be between -100 and 100' using errcode = 'invalid_parameter_value';
    end if;
    if submit.max_attempts not between 1 and 100 then
        raise exception 'max_attempts: must be between 1 and 100' using errcode = 'invalid_parameter_value';
    end if;
    if submit.timeout_seconds not between 1 and 86400 then
        raise exception 'timeout_seconds: must be between 1 and 86400' using errcode = 'invalid_parameter_value';
    end if;
    -- `infinity` is outside of it too.
    if submit.run_at < '0001-01-01 00:00Z' or submit.run_at >= '10000-01-01 00:00Z' then
        raise exception 'run_at: must be of a year from 1 to 9999' using errcode = 'invalid_parameter_value';
    end if;
    if jsonb_typeof(v_metadata) <> 'object' then
        raise exception 'metadata: must be an object' using errcode = 'invalid_parameter_value';
    end if;
    if (select count(*) from jsonb_object_keys(v_metadata)) > 50 then
        raise exception 'metadata: must have at most 50 keys' using errcode = 'invalid_parameter_value';
    end if;
    -- As a request's body by HTTP, which has these limits too: deeper or greater, and nobody could read it.
    if octet_length(submit.input::text) > 2097152 then
        raise exception 'input: must have at most 2 MiB' using errcode = 'invalid_parameter_value';
    end if;
    if octet_length(v_metadata::text) > 65536 then
        raise exception 'metadata: must have at most 64 KiB' using errcode = 'invalid_parameter_value';
    end if;
    if not esteira.is_readable(submit.input) then
        raise exception 'input: %', v_unreadable using errcode = 'invalid_parameter_value';
    end if;
    if not esteira.is_readable(v_metadata) then
        raise exception 'metadata: %', v_unreadable using errcode = 'invalid_parameter_value';
    end if;
    v_kind.max_attempts := coalesce(submit.max_attempts, v_kind.max_attempts::integer);
    v_kind.timeout_seconds := coalesce(submit.timeout_seconds, v_kind.timeout_seconds);
    v_full := esteira.write_jobs(
        v_tenant.id, array[v_id], array[submit.kind], array[submit.input],
        array[octet_length(submit.input::text)], array[v_metadata], array[v_priority]::smallint[],
        array[v_kind.max_attempts]::smallint[], array[v_kind.timeout_seconds], array[submit.run_at],
        null, null, null, null, p_in_long => true
    );
    if v_full is not null then
        raise exception 'tenant: % jobs wait already, which is this tenant''s limit', v_full using
            errcode = 'configuration_limit_exceeded';
    end if;
    return v_id;
end $$;
revoke execute on function esteira.submit from public;

-- Gives a role the right to submit for a tenant, for all where p_tenant is null; false: there is no such role.
create function esteira.grant_submit(p_role text, p_tenant integer) returns boolean
    language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    v_role oid;
begin
    -- One at a time: Postgres refuses two changes of a function's access list at the same moment.
    lock table esteira.submitters in share row exclusive mode;
    delete from esteira.submitters as s where not exists (select from pg_roles as r where r.oid = s.role);
    select r.oid into v_role from pg_roles as r where r.rolname = p_role;
    if not found then
        return false;
    end if;
    insert into esteira.submitters (role, tenant_id) values (v_role, p_tenant) on conflict do nothing;
    execute format('grant execute on function esteira.submit to %I', p_role);
    return true;
end $$;

-- Takes one such right back; false: the role had none.
create function esteira.revoke_submit(p_role text, p_tenant integer) returns boolean
    language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    v_role oid;
begin
    lock table esteira.submitters in share row exclusive mode;
    delete from esteira.submitters as s using pg_roles as r
    where r.rolname = p_role and s.role = r.oid and s.tenant_id is not distinct from p_tenant
    returning r.oid into v_role;
    if not found then
        return false;
    end if;
    if not exists (select from esteira.submitters as s where s.role = v_role) then
        execute format('revoke execute on function esteira.submit from %I', p_role);
    end if;
    return true;
end $$;
