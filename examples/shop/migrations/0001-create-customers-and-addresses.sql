-- The shop opens: who buys, and where the parcels go.

CREATE TABLE countries (
  code      TEXT PRIMARY KEY CHECK (length(code) = 2),
  name      TEXT NOT NULL UNIQUE,
  dial_code TEXT NOT NULL
);

CREATE TABLE customers (
  id         INTEGER PRIMARY KEY,
  full_name  TEXT NOT NULL,
  email      TEXT,
  phone      TEXT,
  created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX customers_by_name ON customers (full_name);

CREATE TABLE addresses (
  id           INTEGER PRIMARY KEY,
  customer_id  INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
  street       TEXT NOT NULL,
  postcode     TEXT NOT NULL,
  city         TEXT NOT NULL,
  country_code TEXT NOT NULL REFERENCES countries (code)
);

CREATE INDEX addresses_by_customer ON addresses (customer_id);
