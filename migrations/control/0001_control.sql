-- The control schema: who the tenants are, which jobs are not final yet, and whose turn it is.
-- Ids and scheduling facts only; payloads live in the tenants' own schemas.

-- The one clock of the queue. Tests replace this function to move time.
create function esteira.now() returns timestamptz
    language sql stable parallel safe
    return pg_catalog.now();

create table esteira.tenants (
    id                  integer generated always as identity primary key,
    slug                text not null
                        constraint tenants_slug_unique unique
                        constraint tenants_slug_shape check (slug ~ '^[a-z][a-z0-9_]{1,39}$'),
    role_name           text not null constraint tenants_role_unique unique,
    state               text not null default 'active'
                        constraint tenants_state_known
                        check (state in ('active', 'suspended', 'deleting')),
    schema_version      integer not null default 0,
    weight              real not null default 1 constraint tenants_weight_positive check (weight > 0),
    max_running         integer constraint tenants_max_running_positive check (max_running >= 0),
    max_queued          integer constraint tenants_max_queued_positive check (max_queued >= 0),
    max_storage_bytes   bigint constraint tenants_max_storage_positive check (max_storage_bytes >= 0),
    requests_per_minute integer constraint tenants_requests_positive check (requests_per_minute >= 0),
    kinds               text[],
    s3_buckets          text[] not null default '{}',
    created_at          timestamptz not null default esteira.now()
);

create table esteira.api_keys (
    id         uuid primary key,
    tenant_id  integer references esteira.tenants (id) on delete cascade,
    name       text not null,
    sha256     bytea not null
               constraint api_keys_sha256_unique unique
               constraint api_keys_sha256_length check (octet_length(sha256) = 32),
    scopes     text[] not null,
    created_at timestamptz not null default esteira.now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
create index api_keys_of_tenant on esteira.api_keys (tenant_id);

-- One row per life of a worker process. All its leases end when lease_until passes.
create table esteira.workers (
    id          uuid primary key,
    host        text not null,
    pid         integer not null,
    version     text not null,
    slots       jsonb not null,
    started_at  timestamptz not null default esteira.now(),
    lease_until timestamptz not null,
    -- Set by whoever rescues its jobs; from then on this life can neither claim nor renew.
    lost_at     timestamptz
) with (fillfactor = 50);

-- One row per job that is not final. Deleted when the job ends.
create table esteira.queue (
    job_id              uuid primary key,
    tenant_id           integer not null,
    kind                text not null,
    state               text not null
                        constraint queue_state_known
                        check (state in ('blocked', 'scheduled', 'queued', 'running')),
    priority            smallint not null
                        constraint queue_priority_range check (priority between -100 and 100),
    seq                 bigint generated always as identity,
    ready_at            timestamptz not null,
    -- Attempts that count; a release takes its attempt back.
    attempt             smallint not null default 0,
    max_attempts        smallint not null constraint queue_max_attempts_positive check (max_attempts > 0),
    crashes             smallint not null default 0,
    timeout_seconds     integer not null constraint queue_timeout_positive check (timeout_seconds > 0),
    -- How often the job was claimed: the fence that a late settle does not pass.
    lease               integer not null default 0,
    worker_id           uuid,
    started_at          timestamptz,
    -- From when on it waited for a slot only: up to then, its own tenant's work was before it.
    head_at             timestamptz,
    -- Jobs that have to succeed before; it is blocked while there are any.
    blockers            smallint not null default 0,
    -- SHA-256 of the submitter's unique key.
    unique_key          bytea,
    -- Processing seconds that the lane was charged with so far, before the true cost is known; null when what is
    -- charged is all there will be, since nobody else had work when it was claimed.
    charged             real,
    cancel_requested_at timestamptz,
    constraint queue_running_has_worker check ((state = 'running') = (worker_id is not null))
) with (fillfactor = 70);
-- A lane's next jobs: priority, then first in, first out.
create index queue_next on esteira.queue (kind, tenant_id, priority desc, seq) where state = 'queued';
create index queue_due on esteira.queue (ready_at) where state = 'scheduled';
-- A tenant's jobs in a state, and those of a kind among them, the newest last. (No row is left out: the condition makes
-- the index unfit for statements that name jobs and no tenant. After an autovacuum that finds next to no live rows, the
-- planner takes every index for one page, and would look for ids of jobs in all of this one.)
create index queue_of_tenant on esteira.queue (tenant_id, state, kind, job_id) where tenant_id is not null;
create index queue_of_worker on esteira.queue (worker_id) where state = 'running';
create unique index queue_unique_key on esteira.queue (tenant_id, unique_key) where unique_key is not null;

-- Which job waits for which other. Gone as soon as the other has ended.
create table esteira.dependencies (
    needs  uuid not null,
    job_id uuid not null,
    primary key (needs, job_id)
);
create index dependencies_of_job on esteira.dependencies (job_id);

-- One row per tenant and kind: whose turn it is. `served` is the lane's virtual time, in processing
-- seconds divided by the tenant's weight; the active lane with the least is next.
create table esteira.lanes (
    tenant_id integer not null,
    kind      text not null,
    served    double precision not null default 0,
    active    boolean not null default false,
    -- Not active although it may have queued jobs: they may not be claimed for now (`esteira.set_aside`).
    aside     boolean not null default false,
    -- Up to here the lane's first job waited for its own tenant's work: the last claim, or the end of a job where
    -- the tenant's max_running stood in the way.
    own_until timestamptz not null default '-infinity',
    -- No queued job of the lane has a lower seq: claims need not look at what lies before, which is dead.
    first_seq bigint not null default 0
) with (fillfactor = 50);
-- Not unique: for a unique index, each new version of a lane would be compared with all dead ones that a transaction
-- which is held open keeps. The one place where lanes are made takes care (`esteira.wake_lane`).
create index lanes_of_tenant on esteira.lanes (tenant_id, kind);
create index lanes_turn on esteira.lanes (kind, active, served);
create index lanes_aside on esteira.lanes (tenant_id, kind) where aside;

-- The virtual time of a kind: the greatest `served` at which a lane was given a turn. It only grows. A lane
-- that wakes starts here, with neither credit for its sleep nor debts older than the busy period.
--
-- Should a kind ever have two rows, the one that reached further counts.
create table esteira.virtual_times (
    kind       text not null,
    reached    double precision not null,
    -- No active lane was served less than that when it was last looked for, as a rule: claims begin their look here.
    least      double precision not null default '-infinity',
    -- What had been reached then: the next `least` is not higher, so that a lane which woke meanwhile is not missed.
    least_next double precision not null default '-infinity',
    looked_at  timestamptz not null default '-infinity'
) with (fillfactor = 50);
create index virtual_times_newest on esteira.virtual_times (kind, reached);

-- What is claimed by nobody for now: a kind, a tenant, a tenant's jobs of a kind, or (both null) everything.
create table esteira.pauses (
    id        integer generated always as identity primary key,
    tenant_id integer references esteira.tenants (id) on delete cascade,
    kind      text,
    paused_at timestamptz not null default esteira.now(),
    constraint pauses_once unique nulls not distinct (tenant_id, kind)
);
