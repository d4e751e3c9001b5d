-- What a file is, is asked of its content when it is given.
alter table file drop column kind;
