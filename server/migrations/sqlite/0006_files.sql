-- Photos and files beside entries; their contents stand in the folder of files. One row for each
-- unit that has sent the content: who only knows its hash has nothing.
create table file (
    hash blob not null,
    size integer not null,
    kind text not null,
    unit blob not null,
    person blob not null,
    created integer not null,
    primary key (unit, hash)
) strict, without rowid;
