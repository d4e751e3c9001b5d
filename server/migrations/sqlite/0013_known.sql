-- Browsers in which a person signed in before this moment, in milliseconds since 1970, are not known any more.
alter table account add column known_since integer not null default 0;
-- What a sign-in began with is kept by the browser; here is only what has come to its good end.
drop table ceremony;
create table spent (
    challenge blob primary key,
    until integer not null
) strict;
create index spent_until on spent (until);
