-- The list of a board's editions is asked for with each public page: it is answered by this index alone. In a row
-- the marks of a withdrawal stand behind the whole content, which would be followed page by page.
create index publication_list on publication (board, edition, published, withdrawn, reason);
