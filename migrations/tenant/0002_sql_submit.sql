-- The tenant's half of submitting by SQL: writes a job's row as the tenant's role. `esteira.submit` calls it,
-- after it has looked at everything; nobody but the engine's role may.
--
-- In SQL rather than PL/pgSQL, of which a connection would keep the compiled function of every tenant.
create function submit_job(
    id uuid, kind text, input jsonb, metadata jsonb, priority smallint, max_attempts smallint,
    timeout_seconds integer, run_at timestamptz
) returns void
    language sql security definer set search_path from current as $$
    insert into jobs (id, kind, input, input_bytes, metadata, priority, max_attempts, timeout_seconds, run_at)
    values ($1, $2, $3, octet_length($3::text), $4, $5, $6, $7, coalesce($8, esteira.now()));
$$;
revoke execute on function submit_job from public;
-- Whoever logged in to migrate is the engine.
grant execute on function submit_job to session_user;
do $$ begin execute format('grant usage on schema %I to %I', current_schema, session_user); end $$;
