-- How large each document is with everything that was ever written to it, as of its last write.
create table extent (
    document bytea primary key,
    operations bigint not null,
    bytes bigint not null
);
-- Documents of which more is stored than fits: they are served read-only until they are repaired.
create table held (
    document bytea primary key,
    since bigint not null
);
