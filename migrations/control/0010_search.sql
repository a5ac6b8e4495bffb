-- What full text search needs of the control schema: how the words of each language are read, in every tenant's schema
-- the same, and what a search server outside of this database is to be told.

-- Words without their accents. The extension comes with Postgres (Debian: postgresql-contrib, part of postgresql-15) and
-- with RDS and Aurora, and it is "trusted": whoever may create in this database, as for the schema esteira, may create
-- it. Where an operator has it already, in whatever schema, that one serves.
create extension if not exists unaccent with schema esteira;

-- The usual configurations, with the accents taken off before the stem is looked for.
do $$
declare
    v_unaccent text;
    v_made record;
begin
    select format('%I.unaccent', n.nspname) into strict v_unaccent
    from pg_extension as e join pg_namespace as n on n.oid = e.extnamespace where e.extname = 'unaccent';
    for v_made in
        select * from (values ('portuguese', 'portuguese_stem'), ('english', 'english_stem'), ('simple', 'simple'))
            as made (name, stem)
    loop
        execute format('create text search configuration esteira.%I (copy = pg_catalog.%I)', v_made.name, v_made.name);
        execute format('alter text search configuration esteira.%I alter mapping for hword, hword_part, word
                        with %s, pg_catalog.%I', v_made.name, v_unaccent, v_made.stem);
    end loop;
end $$;

-- The words of a passage. Portuguese is read twice: without accents, for whoever types none, and with them, since the
-- stemmer knows `informações` to be more than one `informação` by its accents alone.
create function esteira.words(p_dictionary text, p_text text) returns tsvector
    language sql immutable parallel safe
    return case p_dictionary
        when 'portuguese' then to_tsvector('esteira.portuguese', p_text)
                               || to_tsvector('pg_catalog.portuguese', p_text)
        when 'english' then to_tsvector('esteira.english', p_text)
        else to_tsvector('esteira.simple', p_text)
    end;

-- Portuguese that was typed without accents, with those that the stemmer looks for.
create function esteira.with_accents(p_text text) returns text
    language sql immutable parallel safe
    return regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(p_text,
        'cao\M', 'ção', 'gi'), 'coes\M', 'ções', 'gi'), 'encia(s?)\M', 'ência\1', 'gi'),
        'ancia(s?)\M', 'ância\1', 'gi'), 'avel\M', 'ável', 'gi'), 'ivel\M', 'ível', 'gi');

-- What is asked for, in the words of a dictionary: quotes, `or` and `-`, as websearch_to_tsquery has them.
create function esteira.asked(p_dictionary text, p_query text) returns tsquery
    language sql immutable parallel safe
    return case p_dictionary
        when 'portuguese' then websearch_to_tsquery('esteira.portuguese', p_query)
                               || websearch_to_tsquery('pg_catalog.portuguese', p_query)
                               || websearch_to_tsquery('pg_catalog.portuguese', esteira.with_accents(p_query))
        when 'english' then websearch_to_tsquery('esteira.english', p_query)
        else websearch_to_tsquery('esteira.simple', p_query)
    end;

-- Where a passage says what is asked for, between the characters 2 and 3, which no passage holds.
create function esteira.snippet(p_dictionary text, p_text text, p_query tsquery) returns text
    language plpgsql immutable parallel safe as $$
declare
    v_options text := 'StartSel="' || chr(2) || '", StopSel="' || chr(3) || '", MaxWords=30, MinWords=12, '
        'MaxFragments=2, FragmentDelimiter=" … "';
    v_snippet text;
begin
    if p_dictionary = 'english' then
        return ts_headline('esteira.english', p_text, p_query, v_options);
    elsif p_dictionary <> 'portuguese' then
        return ts_headline('esteira.simple', p_text, p_query, v_options);
    end if;
    v_snippet := ts_headline('esteira.portuguese', p_text, p_query, v_options);
    if strpos(v_snippet, chr(2)) = 0 then
        v_snippet := ts_headline('pg_catalog.portuguese', p_text, p_query, v_options);
    end if;
    return v_snippet;
end $$;

grant execute on function esteira.words, esteira.with_accents, esteira.asked, esteira.snippet to public;

-- That there is a search server outside, and since when. Without this row nobody notes anything for one.
create table esteira.search_sinks (
    since    timestamptz not null default esteira.now(),
    only_one boolean primary key default true constraint search_sinks_one_row check (only_one)
);

-- Documents that the search server is to be made to agree with. Written before a document can be seen, and with the
-- rows that go: whoever takes it up looks what is there by then, so that neither order nor repetition matters.
create table esteira.search_changes (
    id          bigint generated always as identity primary key,
    tenant_id   integer not null,
    -- Null: the tenant itself is gone, and this was its name.
    document_id uuid,
    gone_slug   text,
    due_at      timestamptz not null default esteira.now(),
    tries       integer not null default 0,
    constraint search_changes_of_something check ((document_id is null) = (gone_slug is not null))
) with (fillfactor = 70);
create index search_changes_due on esteira.search_changes (due_at, id);

-- Tenants whose index there is to be built anew.
create table esteira.search_rebuilds (
    tenant_id integer primary key references esteira.tenants (id) on delete cascade,
    asked_at  timestamptz not null default esteira.now(),
    due_at    timestamptz not null default esteira.now(),
    tries     integer not null default 0,
    -- What stood in the way the last time.
    failure   text
);
