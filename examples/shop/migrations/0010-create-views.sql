-- The back office reads, and adds products, without knowing how the tables hang together.

CREATE VIEW customer_value AS
SELECT c.id, c.first_name || ' ' || c.last_name AS name, c.email,
       count(o.id) AS orders, coalesce(sum(o.total_cents), 0) AS spent_cents
FROM customers AS c
LEFT JOIN orders AS o ON o.customer_id = c.id AND o.status <> 'cancelled'
GROUP BY c.id;

CREATE VIEW best_customers AS
SELECT rank() OVER (ORDER BY spent_cents DESC) AS place, name, email, orders, spent_cents
FROM customer_value
WHERE orders >= 2;

CREATE VIEW product_sales AS
SELECT p.id, p.sku, p.name,
       sum(i.quantity) AS sold, sum(i.quantity * p.gross_cents) AS revenue_cents
FROM products AS p
JOIN order_items AS i ON i.product_id = p.id
JOIN orders AS o ON o.id = i.order_id AND o.status <> 'cancelled'
GROUP BY p.id;

CREATE VIEW catalogue AS
SELECT p.sku, c.name AS category, p.name, p.description, p.price_cents, p.tax_percent, p.gross_cents
FROM products AS p JOIN categories AS c ON c.id = p.category_id;

CREATE TRIGGER catalogue_insert INSTEAD OF INSERT ON catalogue
BEGIN
  INSERT INTO categories (name) VALUES (NEW.category) ON CONFLICT (name) DO NOTHING;
  INSERT INTO products (category_id, sku, name, description, price_cents, tax_percent)
  SELECT id, NEW.sku, NEW.name, coalesce(NEW.description, ''), NEW.price_cents, coalesce(NEW.tax_percent, 19)
  FROM categories WHERE name = NEW.category;
END;
