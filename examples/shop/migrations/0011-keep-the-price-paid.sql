-- A new price must not change old orders: every item keeps the price it was sold at.

DROP VIEW product_sales; -- it reads order_items: without it ALTER TABLE would stop

CREATE TABLE order_items_new (
  order_id         INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  product_id       INTEGER NOT NULL REFERENCES products (id),
  quantity         INTEGER NOT NULL CHECK (quantity > 0),
  unit_price_cents INTEGER NOT NULL CHECK (unit_price_cents >= 0),
  PRIMARY KEY (order_id, product_id)
);

INSERT INTO order_items_new (order_id, product_id, quantity, unit_price_cents)
SELECT i.order_id, i.product_id, i.quantity, p.gross_cents
FROM order_items AS i JOIN products AS p ON p.id = i.product_id;

DROP TABLE order_items;
ALTER TABLE order_items_new RENAME TO order_items;

CREATE INDEX order_items_by_product ON order_items (product_id);

CREATE TRIGGER order_items_added AFTER INSERT ON order_items
BEGIN
  UPDATE orders SET total_cents = total_cents + NEW.quantity * NEW.unit_price_cents WHERE id = NEW.order_id;
END;

CREATE TRIGGER order_items_changed AFTER UPDATE ON order_items
BEGIN
  UPDATE orders SET total_cents = total_cents - OLD.quantity * OLD.unit_price_cents WHERE id = OLD.order_id;
  UPDATE orders SET total_cents = total_cents + NEW.quantity * NEW.unit_price_cents WHERE id = NEW.order_id;
END;

CREATE TRIGGER order_items_removed AFTER DELETE ON order_items
BEGIN
  UPDATE orders SET total_cents = total_cents - OLD.quantity * OLD.unit_price_cents WHERE id = OLD.order_id;
END;

CREATE VIEW product_sales AS
SELECT p.id, p.sku, p.name,
       sum(i.quantity) AS sold, sum(i.quantity * i.unit_price_cents) AS revenue_cents
FROM products AS p
JOIN order_items AS i ON i.product_id = p.id
JOIN orders AS o ON o.id = i.order_id AND o.status <> 'cancelled'
GROUP BY p.id;
