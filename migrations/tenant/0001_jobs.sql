-- A tenant's schema: what was asked, what came of it, and the files. Applied with the tenant's role
-- and search_path set, so that names stay short and every object belongs to the tenant.

create table jobs (
    id              uuid primary key,
    kind            text not null,
    input           jsonb not null,
    -- Of the input as text, so that a page of jobs can be kept small without reading them.
    input_bytes     integer not null,
    metadata        jsonb not null default '{}',
    priority        smallint not null,
    max_attempts    smallint not null,
    timeout_seconds integer not null,
    run_at          timestamptz not null,
    created_at      timestamptz not null default esteira.now()
);
create index jobs_of_kind on jobs (kind, id);
create index jobs_metadata on jobs using gin (metadata jsonb_path_ops) where metadata <> '{}';

-- One row per final job. Never updated; a retry takes it out again.
create table outcomes (
    job_id      uuid primary key references jobs (id) on delete cascade,
    state       text not null
                constraint outcomes_state_final check (state in ('succeeded', 'failed', 'cancelled')),
    attempt     smallint not null,
    output      jsonb,
    -- As jobs.input_bytes.
    output_bytes integer not null default 0,
    error       jsonb,
    started_at  timestamptz,
    finished_at timestamptz not null default esteira.now()
);
create index outcomes_of_state on outcomes (state, job_id);

-- One row per lease that did something worth telling: progress while it runs, its end afterwards.
create table attempts (
    job_id      uuid not null references jobs (id) on delete cascade,
    lease       integer not null,
    attempt     smallint not null,
    fraction    real,
    stage       text,
    message     text,
    ended_as    text,
    error       jsonb,
    -- What the kind had to say: [{"level", "message"}], the first of them.
    log         jsonb not null default '[]',
    cpu_seconds real,
    peak_bytes  bigint,
    started_at  timestamptz,
    finished_at timestamptz,
    primary key (job_id, lease)
) with (fillfactor = 60);

create table artifacts (
    job_id     uuid not null references jobs (id) on delete cascade,
    name       text not null,
    position   integer not null,
    media_type text not null,
    bytes      bigint not null,
    sha256     bytea not null,
    object_key text not null,
    primary key (job_id, name)
);

create table uploads (
    id         uuid primary key,
    file_name  text not null,
    media_type text not null,
    bytes      bigint not null,
    sha256     bytea not null,
    object_key text not null,
    created_at timestamptz not null default esteira.now()
);
