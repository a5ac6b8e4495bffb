-- Which tenants used most lately, as each process has seen it: what metrics name tenants by. Written once a minute by each
-- process for as many tenants as may have names; gone with what it tells of.
create table esteira.tenant_seconds (
    -- One life of a process.
    process_id uuid not null,
    tenant_id  integer not null,
    -- Processing seconds in the window up to then.
    seconds    double precision not null,
    told_at    timestamptz not null default esteira.now(),
    primary key (process_id, tenant_id)
);
