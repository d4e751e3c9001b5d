-- Who made a link: it ends with the rights of its maker.
alter table invitation add column made_by bytea;
