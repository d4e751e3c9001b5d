-- Several processes may write one document. A snapshot holds what every snapshot up to `covers` holds;
-- one that another process wrote meanwhile stands beside it until both are taken together.
alter table snapshot add column covers integer not null default 0;
update snapshot set covers = saved - 1;
