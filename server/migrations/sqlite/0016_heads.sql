-- The heads of a snapshot, one behind the other, and the last change that had arrived when it was made: a process
-- that had not fetched the changes which it takes the place of hears of these.
alter table snapshot add column heads blob;
alter table snapshot add column behind integer;
