-- Who published an edition, the server's signature over its content, and since when (seconds since
-- 1970) and why it is withdrawn. The content itself is never changed.
alter table publication add column by_person blob;
alter table publication add column signature blob;
alter table publication add column withdrawn integer;
alter table publication add column reason text;
