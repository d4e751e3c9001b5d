-- Ways to sign in beside the password. What a person can be known by is forgotten with the account,
-- and with a password set anew.
create table code (
    account blob primary key,
    secret blob not null,
    -- 0 until the first code was shown; then the number of the last 30 seconds whose code was used.
    used integer not null
) strict;
create table passkey (
    id blob primary key,
    account blob not null,
    name text not null,
    fixed blob not null,
    state blob not null,
    created integer not null,
    used integer not null
) strict;
create index passkey_of on passkey (account);
-- A passkey being made or used; lasts for minutes.
create table ceremony (
    challenge blob primary key,
    state blob not null,
    account blob,
    created integer not null
) strict;
create index ceremony_since on ceremony (created);
