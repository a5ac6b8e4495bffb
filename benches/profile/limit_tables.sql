\set table random(1, :tables)
insert into outcomes_:table (job_id, state, attempt, lease, output, started_at)
select gen_random_uuid(), 'succeeded', 1, 1, '{}', now() from generate_series(1, 10);
