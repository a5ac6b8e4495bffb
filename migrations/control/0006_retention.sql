-- How long a tenant's things are kept, who looks after that, and what is due next.

-- Days, or `forever`; null: as the operator's settings say.
alter table esteira.tenants
    add column retention_days text
        constraint tenants_retention_days_known check (retention_days ~ '^([1-9][0-9]{0,4}|forever)$'),
    add column upload_retention_days text
        constraint tenants_upload_retention_days_known
        check (upload_retention_days ~ '^([1-9][0-9]{0,4}|forever)$');

-- Who does what only one process may do at a time. Whoever finds the lease run out takes the row over, and the
-- term grows: what was begun in an earlier term can tell.
create table esteira.leaders (
    name        text primary key,
    holder      uuid not null,
    term        bigint not null,
    lease_until timestamptz not null
) with (fillfactor = 20);

-- When a tenant is to be pruned next; one row each, so that nobody walks through the schemas to find out.
create table esteira.prunes (
    tenant_id integer primary key references esteira.tenants (id) on delete cascade,
    due_at    timestamptz not null default esteira.now()
) with (fillfactor = 70);
create index prunes_due on esteira.prunes (due_at);
insert into esteira.prunes (tenant_id) select id from esteira.tenants;

-- How far the search for objects that no row names has come, and when the next one begins.
create table esteira.sweeps (
    prefix    text primary key,
    after_key text not null default '',
    due_at    timestamptz not null default esteira.now()
);
insert into esteira.sweeps (prefix) values ('tenants/');
