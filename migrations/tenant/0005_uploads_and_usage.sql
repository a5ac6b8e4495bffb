-- Uploads that are announced before they are brought, and the ledger of what the tenant used.

-- One row per upload whose parts go to the object store by presigned links, until it is completed (and has a row of
-- `uploads`) or its time is over.
create table unfinished_uploads (
    id           uuid primary key,
    file_name    text not null,
    media_type   text not null,
    bytes        bigint not null constraint unfinished_uploads_bytes_positive check (bytes > 0),
    -- As it was announced, if it was.
    sha256       bytea constraint unfinished_uploads_sha256_length check (octet_length(sha256) = 32),
    part_bytes   bigint not null constraint unfinished_uploads_part_positive check (part_bytes > 0),
    object_key   text not null,
    -- What the object store calls it; null until it has answered, and then no part has been brought.
    multipart_id text,
    created_at   timestamptz not null default esteira.now(),
    expires_at   timestamptz not null,
    -- Set before the object store is told to forget the parts: from then on nobody completes it.
    given_up     boolean not null default false
);
create index unfinished_uploads_expiry on unfinished_uploads (expires_at);

-- What an attempt fetched before it began; the worker notes it when the files are there.
alter table attempts add column staged_bytes bigint not null default 0;

-- The ledger: what was used, by day (UTC) and kind, in entries of which each adds to the others. The transaction that ends
-- an attempt or a job, takes such an end back, brings a file or lets some go leaves an entry, so that the ledger equals
-- the jobs at any moment; and since no entry is ever changed, none of them waits for another. Seconds are numeric, so
-- that a sum does not depend on its order. Uploads are of no kind: the empty text. What an entry does not name it does not
-- add to; without a default for each column, a session is done sooner with the first entry of each tenant that it meets.
create table usage_ledger (
    day                date not null default (esteira.now() at time zone 'UTC')::date,
    kind               text not null,
    succeeded          bigint,
    failed             bigint,
    cancelled          bigint,
    attempts           bigint,
    processing_seconds numeric,
    cpu_seconds        numeric,
    bytes_stored       bigint,
    bytes_moved        bigint,
    media_seconds      numeric,
    pages              bigint,
    -- How many bytes more are kept from then on, or fewer: what is kept now is the sum of all.
    bytes_kept         bigint
);

-- Makes one entry of those of a day and kind, as far as nobody else is doing so, in one statement: whoever reads the
-- ledger sees either them or it. Of some thousand entries at most, since it is called for every few hundred.
create function fold_usage_{slug}() returns void
    language plpgsql security definer set search_path from current as $$
begin
    with several as (
        select l.day, l.kind from usage_ledger as l group by l.day, l.kind having count(*) > 1
    ), free as (
        select l.ctid as at from usage_ledger as l join several as s on s.day = l.day and s.kind = l.kind
        for update of l skip locked
    ), folded as (
        delete from usage_ledger as l where l.ctid = any (array(select free.at from free)) returning l.*
    )
    insert into usage_ledger (day, kind, succeeded, failed, cancelled, attempts, processing_seconds, cpu_seconds,
                              bytes_stored, bytes_moved, media_seconds, pages, bytes_kept)
    select f.day, f.kind, sum(f.succeeded), sum(f.failed), sum(f.cancelled), sum(f.attempts),
           sum(f.processing_seconds), sum(f.cpu_seconds), sum(f.bytes_stored), sum(f.bytes_moved),
           sum(f.media_seconds), sum(f.pages), sum(f.bytes_kept)
    from folded as f group by f.day, f.kind;
end $$;

-- Keeps how attempts of jobs of a kind ended, and enters into the ledger what they add up to. A state is that of a job that
-- ended with its attempt, null for one that goes on.
--
-- Sums are the caller's, and what few have to keep has a door of its own: each statement costs a session that meets the
-- tenant for the first time more than its rows do.
create function keep_ends_{slug}(
    p_jobs uuid[], p_states text[], p_attempts smallint[], p_leases integer[], p_outputs jsonb[],
    p_output_bytes integer[], p_errors jsonb[], p_ready_at timestamptz[], p_head_at timestamptz[],
    p_started_at timestamptz[], p_kind text, p_succeeded bigint, p_failed bigint, p_cancelled bigint, p_started bigint,
    p_seconds numeric
) returns void
    language sql security definer
begin atomic
    insert into outcomes (job_id, state, attempt, lease, output, output_bytes, error, ready_at, head_at, started_at)
    select job_id, state, attempt, lease,
           case when state = 'succeeded' then output end,
           case when state = 'succeeded' then coalesce(output_bytes, 0) else 0 end,
           case when state <> 'succeeded' then error end,
           ready_at, head_at, started_at
    from unnest(p_jobs, p_states, p_attempts, p_leases, p_outputs, p_output_bytes, p_errors, p_ready_at, p_head_at,
                p_started_at)
        as ended (job_id, state, attempt, lease, output, output_bytes, error, ready_at, head_at, started_at)
    where state is not null;
    insert into usage_ledger (kind, succeeded, failed, cancelled, attempts, processing_seconds)
    values (p_kind, p_succeeded, p_failed, p_cancelled, p_started, p_seconds);
end;
