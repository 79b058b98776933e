CREATE TABLE loans (
    id INTEGER PRIMARY KEY,
    book INTEGER NOT NULL REFERENCES books,
    reader TEXT NOT NULL,
    due TEXT NOT NULL,
    returned TEXT
) STRICT;
CREATE INDEX loans_by_book ON loans (book) WHERE returned IS NULL;
