-- Something to sell; money is in cents, and the price with tax is never typed in twice.

CREATE TABLE categories (
  id        INTEGER PRIMARY KEY,
  name      TEXT NOT NULL UNIQUE,
  parent_id INTEGER REFERENCES categories (id),
  CHECK (parent_id <> id)
) STRICT;

CREATE TABLE products (
  id          INTEGER PRIMARY KEY,
  category_id INTEGER NOT NULL REFERENCES categories (id),
  sku         TEXT NOT NULL UNIQUE CHECK (sku GLOB '[A-Z][A-Z][A-Z]-[0-9][0-9][0-9]'),
  name        TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  price_cents INTEGER NOT NULL CHECK (price_cents > 0),
  tax_percent INTEGER NOT NULL DEFAULT 19 CHECK (tax_percent BETWEEN 0 AND 100),
  gross_cents INTEGER NOT NULL GENERATED ALWAYS AS
                (price_cents + (price_cents * tax_percent + 50) / 100) STORED
) STRICT;

CREATE INDEX products_by_category ON products (category_id);
