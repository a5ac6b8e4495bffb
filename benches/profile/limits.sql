-- The hot table with its indexes, and outcomes: one table, and as many as there are tenants.
create table queue (
    job_id uuid primary key, tenant_id integer not null, kind text not null, state text not null, priority smallint not null,
    seq bigint generated always as identity, ready_at timestamptz not null, attempt smallint not null default 0,
    lease integer not null default 0, worker_id uuid, started_at timestamptz
) with (fillfactor = 70);
create index on queue (kind, tenant_id, priority desc, seq) where state = 'queued';
create index on queue (tenant_id, state, kind, job_id);
create index on queue (worker_id) where state = 'running';
create table outcomes (
    job_id uuid primary key, state text not null, attempt smallint not null, lease integer not null, output jsonb,
    started_at timestamptz, finished_at timestamptz not null default now()
);
insert into queue (job_id, tenant_id, kind, state, priority, ready_at)
select gen_random_uuid(), 1, 'k', 'queued', 0, now() from generate_series(1, 60000);
select format('create table outcomes_%s (like outcomes including all)', number) from generate_series(1, :tables) as number
\gexec
create table committed (number bigint generated always as identity primary key, at timestamptz not null default now());
analyze;
