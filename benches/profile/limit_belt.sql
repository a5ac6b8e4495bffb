with next as (
    select job_id from queue where kind = 'k' and tenant_id = 1 and state = 'queued'
    order by priority desc, seq limit 100 for update skip locked
)
update queue as q set state = 'running', attempt = q.attempt + 1, lease = q.lease + 1, started_at = now(),
    worker_id = '00000000-0000-0000-0000-000000000001'
from next where q.job_id = next.job_id;
with mine as (
    select job_id from queue where worker_id = '00000000-0000-0000-0000-000000000001' limit 100 for update skip locked
), gone as (
    delete from queue as q using mine where q.job_id = mine.job_id returning q.*
)
insert into outcomes (job_id, state, attempt, lease, output, started_at)
select job_id, 'succeeded', attempt, lease, '{}', started_at from gone;
