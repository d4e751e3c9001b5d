-- The certified device that a session is used on; none before it has said which one it is.
alter table session add column device blob;

-- What happened: each record names the hash of the one before it, and is signed by the server.
create table audit (
    seq integer primary key,
    -- What kind of record it is, to find it by.
    act text not null,
    -- The record as canonical JSON.
    record text not null,
    hash blob not null,
    signature blob not null
) strict;

-- Append-only, also for whoever holds a connection: what is to be forged must be forged from the
-- first record on, and then its signatures are missing.
create trigger audit_is_not_changed before update on audit
begin select raise(abort, 'the audit trail is append-only'); end;
create trigger audit_is_not_cut before delete on audit
begin select raise(abort, 'the audit trail is append-only'); end;
