-- Ways to sign in beside the password. What a person can be known by is forgotten with the account,
-- and with a password set anew.
create table code (
    account bytea primary key,
    secret bytea not null,
    -- 0 until the first code was shown; then the number of the last 30 seconds whose code was used.
    used bigint not null
);
create table passkey (
    id bytea primary key,
    account bytea not null,
    name text not null,
    fixed bytea not null,
    state bytea not null,
    created bigint not null,
    used bigint not null
);
create index passkey_of on passkey (account);
-- A passkey being made or used; lasts for minutes.
create table ceremony (
    challenge bytea primary key,
    state bytea not null,
    account bytea,
    created bigint not null
);
create index ceremony_since on ceremony (created);
