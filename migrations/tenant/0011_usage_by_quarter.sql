-- The ledger tells the quarter of an hour: clocks of all zones differ from UTC by whole quarters, so that days of any zone can be
-- added up of them.

-- An instant of its quarter, of the same day (UTC); what has none, or one of another day, counts as of noon.
alter table usage_ledger add column at timestamptz;
alter table usage_ledger alter column at set default esteira.now();

-- As before, but entries of the last 35 days are folded by quarters: the edges of a report are seldom older.
create or replace function fold_usage_{slug}() returns void
    language plpgsql security definer set search_path from current as $$
declare
    v_since date := (esteira.now() at time zone 'UTC')::date - 35;
    v_bin interval := interval '15 minutes';
    v_origin timestamptz := timestamptz '2000-01-01 00:00Z';
begin
    with entries as materialized (
        select l.ctid as place, l.day, l.kind,
               case when l.day >= v_since then coalesce(date_bin(v_bin, l.at, v_origin), '-infinity')
                    else '-infinity' end as quarter
        from usage_ledger as l
    ), several as (
        select e.day, e.kind, e.quarter from entries as e group by e.day, e.kind, e.quarter having count(*) > 1
    ), chosen as materialized (
        select e.place from entries as e
        join several as s on s.day = e.day and s.kind = e.kind and s.quarter = e.quarter
    ), free as (
        select l.ctid as place from usage_ledger as l where l.ctid = any (array(select place from chosen))
        for update of l skip locked
    ), folded as (
        delete from usage_ledger as l where l.ctid = any (array(select place from free)) returning l.*
    )
    insert into usage_ledger (day, kind, at, succeeded, failed, cancelled, attempts, processing_seconds, cpu_seconds,
                              bytes_stored, bytes_moved, media_seconds, pages, bytes_kept)
    select f.day, f.kind, case when f.day >= v_since then date_bin(v_bin, f.at, v_origin) end,
           sum(f.succeeded), sum(f.failed), sum(f.cancelled), sum(f.attempts), sum(f.processing_seconds),
           sum(f.cpu_seconds), sum(f.bytes_stored), sum(f.bytes_moved), sum(f.media_seconds), sum(f.pages),
           sum(f.bytes_kept)
    from folded as f group by 1, 2, 3;
end $$;
