-- Checkout: an order owns its items, but a customer with orders cannot be deleted.

CREATE TABLE orders (
  id          INTEGER PRIMARY KEY AUTOINCREMENT, -- printed on invoices: never used again
  customer_id INTEGER NOT NULL REFERENCES customers (id),
  address_id  INTEGER NOT NULL REFERENCES addresses (id),
  status      TEXT NOT NULL DEFAULT 'pending'
                CHECK (status IN ('pending', 'paid', 'shipped', 'cancelled')),
  total_cents INTEGER NOT NULL DEFAULT 0,
  placed_at   TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX orders_by_customer ON orders (customer_id);
CREATE INDEX orders_by_address ON orders (address_id);
CREATE INDEX orders_to_ship ON orders (placed_at) WHERE status IN ('pending', 'paid');

CREATE TABLE order_items (
  order_id   INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  product_id INTEGER NOT NULL REFERENCES products (id),
  quantity   INTEGER NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, product_id)
);

CREATE INDEX order_items_by_product ON order_items (product_id);

CREATE TABLE payments (
  id           INTEGER PRIMARY KEY,
  order_id     INTEGER NOT NULL REFERENCES orders (id),
  reference    TEXT NOT NULL UNIQUE,
  method       TEXT NOT NULL CHECK (method IN ('card', 'invoice', 'transfer')),
  amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
  paid_at      TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX payments_by_order ON payments (order_id);
