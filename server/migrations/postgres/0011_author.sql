-- The last number of each author of a document, so that no two processes take different changes under one. Without
-- a row nothing was written since this table is there: what is older every process has read when it opened
-- the document. It outlives the changes that a snapshot takes the place of.
create table author (
    document bytea not null,
    actor bytea not null,
    number bigint not null,
    primary key (document, actor)
);
