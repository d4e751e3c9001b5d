-- How large each document is with everything that was ever written to it, as of its last write.
create table extent (
    document blob primary key,
    operations integer not null,
    bytes integer not null
) strict;
-- Documents of which more is stored than fits: they are served read-only until they are repaired.
create table held (
    document blob primary key,
    since integer not null
) strict;
