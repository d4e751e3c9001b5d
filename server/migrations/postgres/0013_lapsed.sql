-- Devices that lapsed when the password of their person was set anew by a link: that person may have them
-- certified again, and nobody else.
create table lapsed (
    device bytea primary key,
    person bytea not null
);
-- Whether the devices of a changed account lapse.
alter table unfinished add column lapses bigint not null default 0;
