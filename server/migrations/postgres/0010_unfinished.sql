-- Accounts that were changed or ended, whose devices are still to be certified anew or ended. The mark tells one
-- change from the next.
create table unfinished (
    person bytea primary key,
    by_person bytea,
    mark bytea not null
);
