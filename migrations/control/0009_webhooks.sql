-- What the control schema knows of webhooks: which tenants have any, and who has something to be sent. Addresses,
-- secrets and payloads are in the tenants' schemas.

-- Whether the tenant has a webhook. Kept in the row that each settle reads anyway, so that a tenant without webhooks
-- pays nothing for those of others.
alter table esteira.tenants add column webhooks boolean not null default false;

-- One row for each transaction that left a tenant something to send. Rows are only ever inserted and deleted: a row of
-- each tenant's own that everybody updates would make its settles wait for each other's commits, and one that is only
-- updated when it says "nothing due" could be reset by a deliverer who does not see the news yet.
create table esteira.webhook_signals (
    id         bigint generated always as identity primary key,
    tenant_id  integer not null,
    created_at timestamptz not null default esteira.now()
);

-- When a tenant is to be looked at next, for a retry or for what was told by a signal. Written by the deliverer alone.
-- The version is another one after each signal and each turn that was taken, and never one that was: whoever ends a turn
-- sets the next one only where nothing has come since. The time does not tell that, as a turn may take longer than it is
-- put off for. A turn that is taken is held, and that is renewed for as long as it sends: what is due and held is being
-- worked on. It is for whoever watches, and decides nothing.
create sequence esteira.webhook_versions;
create table esteira.webhook_turns (
    tenant_id  integer primary key references esteira.tenants (id) on delete cascade,
    due_at     timestamptz not null,
    held_until timestamptz,
    version    bigint not null default nextval('esteira.webhook_versions')
) with (fillfactor = 70);
create index webhook_turns_due on esteira.webhook_turns (due_at);

-- An instant as the API writes it.
create function esteira.rfc3339(p_at timestamptz) returns text
    language sql immutable parallel safe
    return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- Used by the tenants' doors, which run as the tenants' roles.
grant execute on function esteira.new_id() to public;
grant execute on function esteira.rfc3339(timestamptz) to public;

-- Leaves an event for the webhooks of a tenant that ask for its type, in the caller's transaction.
create function esteira.announce(p_tenant integer, p_type text, p_at timestamptz, p_data jsonb) returns void
    language plpgsql as $$
declare
    v_slug text;
    v_any boolean;
begin
    select t.slug into v_slug from esteira.tenants as t where t.id = p_tenant and t.webhooks;
    if not found then
        return;
    end if;
    execute format('select %s($1, $2, $3)', esteira.door(v_slug, 'announce')) into v_any using p_type, p_at, p_data;
    if v_any then
        insert into esteira.webhook_signals (tenant_id) values (p_tenant);
    end if;
end $$;

-- As before, and the end of a batch is announced.
create or replace function esteira.finish_batch(p_tenant integer, p_batch uuid) returns void
    language plpgsql as $$
declare
    v_tenant record;
    v_told jsonb;
begin
    select t.slug, t.webhooks into strict v_tenant from esteira.tenants as t where t.id = p_tenant;
    execute format('select %s($1)', esteira.door(v_tenant.slug, 'finish_batch')) using p_batch;
    if v_tenant.webhooks then
        execute format('select %s($1)', esteira.door(v_tenant.slug, 'finished_batch')) into v_told using p_batch;
        perform esteira.announce(p_tenant, 'batch.finished', esteira.now(), v_told);
    end if;
end $$;

revoke execute on function esteira.announce from public;
