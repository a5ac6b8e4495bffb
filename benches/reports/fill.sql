-- A tenant's week of :jobs jobs that are over, all of them within the seven days before today (UTC), with their artifacts and what
-- the ledger says of them: an entry for each kind and quarter of an hour, as it is folded. Each has read an upload, and of each
-- document the search has its pages but for one in five.
set search_path = tenant_demo_schema;

create temporary table ended as
select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid as id,
       case when n % 10 < 5 then 'document.extract' when n % 10 < 8 then 'video.generate' else 'media.transcribe' end as kind,
       case when n % 20 = 7 then 'failed' when n % 50 = 13 then 'cancelled' else 'succeeded' end as state,
       n, at, at + make_interval(secs => 1 + n % 97) as finished_at
from (
    select n, md5(n::text) as hash,
           date_trunc('day', now(), 'UTC') - interval '7 days' + n * interval '600000 seconds' / :jobs as at
    from generate_series(1, :jobs) as n
) as moments;

insert into jobs (id, kind, input, input_bytes, metadata, priority, max_attempts, timeout_seconds, run_at, created_at)
select id, kind, jsonb_build_object('source', 'upload://' || id), 61,
       case when n % 2 = 0 then jsonb_build_object('name', 'Contrato ' || n) else '{}' end, 0, 3, 900, at, at
from ended;

insert into uploads (id, file_name, media_type, bytes, sha256, object_key, created_at)
select id, 'contrato ' || n || '.pdf', 'application/pdf', 1000 + n % 5000, decode(md5(n::text), 'hex'), 'none/u/' || id, at
from ended;

insert into outcomes (job_id, state, attempt, lease, output, error, ready_at, head_at, started_at, finished_at)
select id, state, 1, 1,
       case when state = 'succeeded' then jsonb_build_object('usage', jsonb_build_object('pages', n % 8, 'media_seconds', n % 300),
            'counts', jsonb_build_object('pages', n % 8, 'ocr_pages', n % 3), 'confidence', 0.5 + (n % 50) / 100.0) end,
       case when state = 'failed' then jsonb_build_object('code', 'code_' || n % 40, 'message', 'page ' || n % 300 || ' is torn',
            'retryable', false, 'attempt', 1) end,
       at, at, at + make_interval(secs => n % 7), finished_at
from ended;

insert into artifacts (job_id, name, position, media_type, bytes, sha256, object_key)
select id, 'document.md', 1, 'text/markdown', 1000 + n % 5000, decode(md5(n::text), 'hex'), 'none/' || id from ended
where state = 'succeeded';

insert into documents (id, job_id, lease, kind, title, language, pages, passages)
select id, id, 1, kind, 'Contrato ' || n, 'pt', n % 8, n % 8 - (n % 8 + 1) / 5 from ended
where kind = 'document.extract' and state = 'succeeded';

insert into passages (document_id, number, page, dictionary, text)
select id, page.number, page.number, 'portuguese', 'Cláusula ' || page.number || ' do contrato ' || n
from ended, generate_series(1, n % 8) as page (number)
where kind = 'document.extract' and state = 'succeeded' and page.number % 5 <> 4;

insert into usage_ledger (day, kind, succeeded, failed, cancelled, attempts, processing_seconds, cpu_seconds, bytes_stored,
                          bytes_moved, media_seconds, pages, bytes_kept)
select (date_bin('15 minutes', finished_at, 'epoch') at time zone 'UTC')::date, kind, count(*) filter (where state = 'succeeded'),
       count(*) filter (where state = 'failed'), count(*) filter (where state = 'cancelled'), count(*), sum(1 + n % 97),
       sum(n % 50), sum(1000 + n % 5000), sum(2000 + n % 5000), sum(n % 300), sum(n % 8), sum(1000 + n % 5000)
from ended group by date_bin('15 minutes', finished_at, 'epoch'), kind;

vacuum analyze jobs, outcomes, artifacts, uploads, documents, passages, usage_ledger;
