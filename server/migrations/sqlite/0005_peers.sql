-- Other servers that hold boards of the same space. One that we connect to has a url and a token;
-- one that connects to us has an account and, from its first connection on, a key.
create table peer (
    name text primary key,
    unit blob not null,
    url text,
    token text,
    account blob,
    key blob,
    added integer not null
) strict;
