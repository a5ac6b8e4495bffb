-- What a tenant may see of the queue: its own jobs that are not final, by its role alone.
--
-- `current_user` is the role of the query, so the filter holds however the query is written; the
-- barrier keeps a clever condition from looking at other rows before the filter. (It is a `name`, which has a collation of
-- its own: as it stands, the index of the roles would not do, and each look would read all tenants.)
create view esteira.live_jobs with (security_barrier) as
select job_id, state, kind, priority, ready_at, attempt, max_attempts, lease, worker_id, started_at, head_at,
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

-- How long an attempt waited, in milliseconds: behind its own tenant's work, and after that for a slot only. Null as long
-- as it has not begun. (Never less than nothing: a claim whose transaction is older than the submit's has the earlier time.)
create function esteira.waited_ms(p_ready_at timestamptz, p_head_at timestamptz, p_started_at timestamptz) returns jsonb
    language sql stable parallel safe
    return case when p_ready_at is not null and p_head_at is not null and p_started_at is not null then
        jsonb_build_object(
            'own_work', floor(greatest(extract(epoch from p_head_at - p_ready_at), 0) * 1000)::bigint,
            'slot', floor(greatest(extract(epoch from p_started_at - p_head_at), 0) * 1000)::bigint)
    end;

-- To everybody rather than to each tenant's role: ten thousand grants would make one huge access list
-- that every query has to read.
grant usage on schema esteira to public;
grant select on esteira.live_jobs to public;
grant execute on function esteira.now() to public;
grant execute on function esteira.live_job(uuid), esteira.waited_ms(timestamptz, timestamptz, timestamptz) to public;
