-- Who somebody is at the provider of unified sign-in: bound by the person, forgotten with the account
-- and with a password set anew.
create table bound (
    issuer text not null,
    subject text not null,
    account bytea not null,
    created bigint not null,
    primary key (issuer, subject)
);
create unique index bound_of on bound (account, issuer);
