CREATE TABLE people (
  id        INTEGER PRIMARY KEY,
  full_name TEXT NOT NULL,
  email     TEXT
);
