-- A worker that an operator drains takes no new jobs, finishes what it runs, and stays registered.
alter table esteira.workers add column draining_at timestamptz;
