-- A tenant's schedules, and what became of each of their due instants. When the next one is due stands in the control
-- schema, so that nobody walks through the tenants to find out.

create table schedules (
    id              uuid primary key,
    name            text not null,
    cron            text not null,
    timezone        text not null,
    -- The job that is submitted.
    kind            text not null,
    input           jsonb not null,
    priority        smallint not null default 0,
    max_attempts    smallint,
    timeout_seconds integer,
    metadata        jsonb not null default '{}',
    overlap         text not null
                    constraint schedules_overlap_known check (overlap in ('skip', 'queue', 'replace')),
    catch_up        text not null
                    constraint schedules_catch_up_known check (catch_up in ('none', 'latest', 'all')),
    jitter_seconds  integer not null default 0 constraint schedules_jitter_positive check (jitter_seconds >= 0),
    enabled         boolean not null default true,
    created_at      timestamptz not null default esteira.now(),
    updated_at      timestamptz not null default esteira.now()
);

create table schedule_runs (
    id          uuid primary key,
    schedule_id uuid not null,
    -- The instant by the cron text; of a run by hand, when it was asked for.
    due_at      timestamptz not null,
    -- The last instant that the same is true of, where one row stands for many.
    through     timestamptz,
    by_hand     boolean not null default false,
    state       text not null constraint schedule_runs_state_known check (state in ('fired', 'waiting', 'skipped')),
    -- Why it was skipped: a word, and where that says too little, a sentence.
    reason      text,
    message     text,
    job_id      uuid,
    decided_at  timestamptz not null default esteira.now(),
    constraint schedule_runs_job_of_fired check ((state = 'fired') = (job_id is not null)),
    constraint schedule_runs_reason_of_skipped check ((state = 'skipped') = (reason is not null))
) with (fillfactor = 90);
create index schedule_runs_of_schedule on schedule_runs (schedule_id, id);
-- Each due instant is decided about once, whoever believes to lead.
create unique index schedule_runs_once on schedule_runs (schedule_id, due_at) where not by_hand;
create index schedule_runs_waiting on schedule_runs (schedule_id, id) where state = 'waiting';

-- Some schedules, each with the run of its that waits longest.
create function schedules_of_{slug}(p_ids uuid[]) returns table (
    id uuid, name text, cron text, timezone text, kind text, input jsonb, priority smallint, max_attempts smallint,
    timeout_seconds integer, metadata jsonb, overlap text, catch_up text, jitter_seconds integer, waiting_run uuid,
    waiting_due timestamptz, waiting_by_hand boolean
)
    language plpgsql stable security definer set search_path from current set enable_seqscan = off as $$
begin
    return query
        select s.id, s.name, s.cron, s.timezone, s.kind, s.input, s.priority, s.max_attempts, s.timeout_seconds,
               s.metadata, s.overlap, s.catch_up, s.jitter_seconds, r.id, r.due_at, r.by_hand
        from schedules as s
        left join lateral (select w.id, w.due_at, w.by_hand from schedule_runs as w
                           where w.schedule_id = s.id and w.state = 'waiting' order by w.id limit 1) as r on true
        where s.id = any (p_ids) and s.enabled;
end $$;

-- Writes what became of due instants; a run that waited and is decided about now has a row already.
create function keep_schedule_runs_{slug}(
    p_ids uuid[], p_schedules uuid[], p_due_at timestamptz[], p_through timestamptz[], p_by_hand boolean[],
    p_states text[], p_reasons text[], p_messages text[], p_jobs uuid[]
) returns void
    language plpgsql security definer set search_path from current as $$
begin
    insert into schedule_runs (id, schedule_id, due_at, through, by_hand, state, reason, message, job_id)
    select id, schedule_id, due_at, through, by_hand, state, reason, message, job_id
    from unnest(p_ids, p_schedules, p_due_at, p_through, p_by_hand, p_states, p_reasons, p_messages, p_jobs)
        as new (id, schedule_id, due_at, through, by_hand, state, reason, message, job_id)
    on conflict (id) do update
    set state = excluded.state, reason = excluded.reason, message = excluded.message, job_id = excluded.job_id,
        decided_at = excluded.decided_at;
end $$;
