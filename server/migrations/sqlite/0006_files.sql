-- Photos and files beside entries; their contents stand in the folder of files.
create table file (
    hash blob primary key not null,
    size integer not null,
    kind text not null,
    unit blob not null,
    person blob not null,
    created integer not null
) strict, without rowid;
create index file_of_unit on file (unit);
