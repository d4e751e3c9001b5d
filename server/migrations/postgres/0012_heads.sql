-- The heads of a snapshot, one behind the other, and the transaction that wrote it: a process that had not fetched the
-- changes which it takes the place of hears of these.
alter table snapshot add column heads bytea;
alter table snapshot add column tx bigint;
alter table snapshot alter column tx set default (pg_current_xact_id()::text::bigint);
create index snapshot_by_transaction on snapshot (tx);
