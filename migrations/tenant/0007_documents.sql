-- What a tenant can search: documents that its jobs read, and what they say, a page or some seconds a row.

-- One row for each lease that brought a document. The worker writes it before the settle, however long the document is;
-- it is there for its tenant once the job has succeeded by that very lease, which the settle alone decides (see the
-- view below). What a lost lease has brought is never seen, and goes with the next attempt or with the job.
create table documents (
    id         uuid primary key,
    job_id     uuid not null,
    lease      integer not null,
    kind       text not null,
    title      text not null,
    -- A tag of BCP 47; null when nobody knows.
    language   text,
    metadata   jsonb not null default '{}' constraint documents_metadata_object check (jsonb_typeof(metadata) = 'object'),
    -- The file that it was made of, as the job's input names it.
    source     text,
    pages      integer constraint documents_pages_counted check (pages >= 0),
    seconds    double precision constraint documents_seconds_counted check (seconds >= 0),
    -- How many rows of passages it has, its title not counted; and whether it had more than are kept.
    passages   integer not null default 0,
    truncated  boolean not null default false,
    created_at timestamptz not null default esteira.now(),
    constraint documents_once_a_lease unique (job_id, lease)
);

-- The title is the passage of number 0: whoever looks for its words finds the document.
create table passages (
    document_id uuid not null,
    number      integer not null,
    page        integer,
    from_second double precision,
    to_second   double precision,
    dictionary  text not null
                constraint passages_dictionary_known check (dictionary in ('portuguese', 'english', 'simple')),
    text        text not null,
    words       tsvector generated always as (
                    setweight(esteira.words(dictionary, text), case number when 0 then 'A'::"char" else 'D'::"char" end)
                ) stored,
    primary key (document_id, number)
);
-- Without a list of what is still to be sorted in: each search would read the whole of it, and thousands of tenants that
-- write little would never be vacuumed because of it.
create index passages_words on passages using gin (words) with (fastupdate = off);

-- The documents that are there for their tenant.
create view settled_documents as
select d.* from documents as d
where exists (select from outcomes as o where o.job_id = d.job_id and o.lease = d.lease and o.state = 'succeeded');
