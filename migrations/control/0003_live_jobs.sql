-- What a tenant may see of the queue: its own jobs that are not final, by its role alone.
--
-- `current_user` is the role of the query, so the filter holds however the query is written; the
-- barrier keeps a clever condition from looking at other rows before the filter. (It is a `name`, which has a collation of
-- its own: as it stands, the index of the roles would not do, and each look would read all tenants.)
create view esteira.live_jobs with (security_barrier) as
select job_id, state, kind, priority, ready_at, attempt, max_attempts, lease, worker_id, started_at,
       cancel_requested_at
from esteira.queue
where tenant_id = (select id from esteira.tenants where role_name = current_user::text collate "default");

-- One of them. A join with the view itself would read all live jobs of the tenant, since no condition of a join gets
-- behind the barrier; and without the limit, the planner would make such a join of this.
create function esteira.live_job(p_job uuid) returns setof esteira.live_jobs
    language sql stable rows 1
begin atomic
    select * from esteira.live_jobs where job_id = p_job limit 1;
end;

-- To everybody rather than to each tenant's role: ten thousand grants would make one huge access list
-- that every query has to read.
grant usage on schema esteira to public;
grant select on esteira.live_jobs to public;
grant execute on function esteira.now() to public;
grant execute on function esteira.live_job(uuid) to public;
