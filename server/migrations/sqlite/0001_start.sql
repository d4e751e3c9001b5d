-- Settings of this store: the space it holds, its epoch.
create table setting (
    name text primary key,
    value text not null
) strict;

-- Changes of documents, each under its hash: a repeat is a no-op. Never updated.
create table change (
    document blob not null,
    hash blob not null,
    bytes blob not null,
    -- Order of arrival; also the cursor of a backup.
    arrived integer primary key autoincrement,
    unique (document, hash)
) strict;

-- Whole documents, newest last. Changes that a snapshot holds are deleted only after the snapshot
-- was read back and compared.
create table snapshot (
    document blob not null,
    saved integer primary key autoincrement,
    bytes blob not null
) strict;
create index snapshot_of_document on snapshot (document);

-- People who may sign in. The password is an Argon2id hash.
create table account (
    id blob primary key,
    login text not null unique,
    name text not null,
    unit blob not null,
    role text not null,
    password text not null,
    created integer not null
) strict;

-- Signed-in browsers and programs; the token itself is never stored.
create table session (
    token_hash blob primary key,
    account blob not null references account (id),
    created integer not null,
    last_seen integer not null,
    about text not null
) strict;

-- Links that make an account once.
create table invitation (
    token_hash blob primary key,
    unit blob not null,
    role text not null,
    created integer not null,
    -- An account whose password the link sets anew, instead of making one.
    resets blob
) strict;

-- Editions of boards: fixed once written.
create table publication (
    board blob not null,
    edition integer not null,
    published integer not null,
    content text not null,
    primary key (board, edition)
) strict;
