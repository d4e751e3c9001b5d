-- Photos and files beside entries; their contents stand in the folder of files. One row for each
-- unit that has sent the content: who only knows its hash has nothing.
create table file (
    hash bytea not null,
    size bigint not null,
    kind text not null,
    unit bytea not null,
    person bytea not null,
    created bigint not null,
    primary key (unit, hash)
);
