-- Which Esteira this database is. The marker object in its bucket names the same id, so that no other database takes
-- the objects there for its own and deletes them.
create table esteira.identity (
    id       uuid not null default gen_random_uuid(),
    only_one boolean primary key default true constraint identity_has_one_row check (only_one)
);
insert into esteira.identity default values;
