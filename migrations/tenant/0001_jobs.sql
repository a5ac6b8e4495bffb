-- A tenant's schema: what was asked, what came of it, and the files. Applied with the tenant's role
-- and search_path set, so that names stay short and every object belongs to the tenant.
--
-- No foreign keys: each would look its job up, and lock it, for every row of every settle, and the one
-- statement that deletes jobs deletes what belongs to them as well.

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
    depends_on      uuid[],
    unique_key      text,
    created_at      timestamptz not null default esteira.now()
);
create index jobs_of_kind on jobs (kind, id);
create index jobs_metadata on jobs using gin (metadata jsonb_path_ops) where metadata <> '{}';

-- One row per final job. Never updated; a retry takes it out again.
create table outcomes (
    job_id      uuid primary key,
    state       text not null
                constraint outcomes_state_final check (state in ('succeeded', 'failed', 'cancelled')),
    attempt     smallint not null,
    -- The lease that settled it, so that a settle whose answer was lost can be told from a late one.
    lease       integer not null default 0,
    output      jsonb,
    -- As jobs.input_bytes.
    output_bytes integer not null default 0,
    error       jsonb,
    -- Ready, first in its lane, started, over: what it waited for, and how long.
    ready_at    timestamptz,
    head_at     timestamptz,
    started_at  timestamptz,
    finished_at timestamptz not null default esteira.now()
);
-- Most jobs succeed: whoever lists those finds them along the primary key, and each success has one index less.
create index outcomes_other_than_success on outcomes (state, job_id) where state <> 'succeeded';

-- One row per lease that did something worth telling: progress while it runs, its end afterwards. A success
-- without process, log and progress has told everything in its outcome.
create table attempts (
    job_id      uuid not null,
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
    job_id     uuid not null,
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
