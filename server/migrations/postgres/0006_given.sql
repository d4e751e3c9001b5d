-- Boards that another server has given: they go on being shared with it, whoever they name.
create table given (
    peer text not null references peer (name) on delete cascade,
    board bytea not null,
    primary key (peer, board)
);
