-- In which trace a job was submitted, of those that are traced: what happens to it later is a part of that trace. A table of
-- its own, since few jobs are: the others pay nothing. It is kept for as long as a webhook may be told of the job.
create table esteira.job_traces (
    job_id      uuid primary key,
    traceparent text not null constraint job_traces_form check (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$'),
    kept_at     timestamptz not null default esteira.now()
);
create index job_traces_old on esteira.job_traces (kept_at);
