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

-- What pruned jobs and uploads had used, by day (UTC) and kind. Jobs and uploads that are still there tell it
-- themselves (the view below), and the transaction that prunes them adds it here: the two together are exact at any
-- moment, and no settle writes a counter. Uploads are of no kind: the empty text.
create table usage_days (
    day                date not null,
    kind               text not null,
    succeeded          bigint not null,
    failed             bigint not null,
    cancelled          bigint not null,
    attempts           bigint not null,
    processing_seconds numeric not null,
    cpu_seconds        numeric not null,
    bytes_stored       bigint not null,
    bytes_moved        bigint not null,
    media_seconds      numeric not null,
    pages              bigint not null,
    primary key (day, kind)
) with (fillfactor = 50);

-- What each job and upload adds to the ledger, at its end. Seconds are numeric, so that a sum does not depend on its
-- order. `at` is a column of a table and not the day, which is computed: of a column, the planner knows how much of the
-- table a range is.
create view usage_entries as
-- A job that is over. A success without an attempt's row is told by its outcome alone.
select o.job_id as id, o.finished_at as at, j.kind,
       (o.state = 'succeeded')::integer as succeeded, (o.state = 'failed')::integer as failed,
       (o.state = 'cancelled')::integer as cancelled,
       (o.started_at is not null and a.job_id is null)::integer as attempts,
       case when o.started_at is not null and a.job_id is null
            then greatest(extract(epoch from o.finished_at - o.started_at), 0) else 0 end as processing_seconds,
       0::numeric as cpu_seconds, 0::bigint as bytes_stored, 0::bigint as bytes_moved,
       -- What the kind counted, if that can be.
       case when jsonb_typeof(o.output #> '{usage,media_seconds}') = 'number'
            then least(greatest((o.output #>> '{usage,media_seconds}')::numeric, 0), 1e9) else 0 end as media_seconds,
       case when jsonb_typeof(o.output #> '{usage,pages}') = 'number'
            then trunc(least(greatest((o.output #>> '{usage,pages}')::numeric, 0), 1e9))::bigint else 0 end as pages
from outcomes as o
join jobs as j on j.id = o.job_id
left join attempts as a on a.job_id = o.job_id and a.lease = o.lease and a.ended_as is not null
union all
-- An attempt that is over, whether its job is or not.
select a.job_id, a.finished_at, j.kind, 0, 0, 0,
       (a.started_at is not null)::integer,
       coalesce(greatest(extract(epoch from a.finished_at - a.started_at), 0), 0),
       coalesce(a.cpu_seconds, 0)::numeric, 0, a.staged_bytes, 0, 0
from attempts as a
join jobs as j on j.id = a.job_id
where a.ended_as is not null
union all
-- A file that a job made.
select f.job_id, o.finished_at, j.kind, 0, 0, 0, 0, 0, 0, f.bytes, f.bytes, 0, 0
from artifacts as f
join outcomes as o on o.job_id = f.job_id
join jobs as j on j.id = f.job_id
union all
-- A file that was brought.
select u.id, u.created_at, '', 0, 0, 0, 0, 0, 0, u.bytes, u.bytes, 0, 0
from uploads as u;
