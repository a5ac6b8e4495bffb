-- What a job that is not over has done so far, for its next attempt: where it lies in the object store.

-- One row for each job that has kept something. The lease in it alone may write it; the attempt after it takes it over,
-- and what the one before brings from then on is named by nobody. It goes when the job is over.
create table checkpoints (
    job_id   uuid primary key,
    lease    integer not null,
    -- The version of the kind that wrote them: another one reads none of it.
    version  text not null,
    -- The objects, in their order: [{"lease", "number", "bytes", "sha256" in hex}].
    segments jsonb not null default '[]'
) with (fillfactor = 50);
