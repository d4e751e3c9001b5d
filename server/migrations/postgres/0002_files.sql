-- Photos and files beside entries; their contents stand in the folder of files.
create table file (
    hash bytea primary key,
    size bigint not null,
    kind text not null,
    unit bytea not null,
    person bytea not null,
    created bigint not null
);
create index file_of_unit on file (unit);
