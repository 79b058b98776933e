-- A shop to try things on: reference data, 200 customers and 500 orders, the same each time.

INSERT INTO countries (code, name, dial_code) VALUES
  ('AT', 'Austria', '43'), ('DE', 'Germany', '49'), ('FR', 'France', '33'),
  ('GB', 'United Kingdom', '44'), ('NL', 'Netherlands', '31');

INSERT INTO categories (id, name, parent_id) VALUES
  (1, 'Drinks', NULL), (2, 'Coffee', 1), (3, 'Tea', 1),
  (4, 'Equipment', NULL), (5, 'Brewers', 4), (6, 'Grinders', 4);

INSERT INTO products (id, category_id, sku, name, description, price_cents, tax_percent) VALUES
  (1,  2, 'COF-001', 'House Espresso',     'Dark roast; chocolate and hazelnut. 1 kg',    1890, 7),
  (2,  2, 'COF-002', 'Yirgacheffe',        'Light roast; jasmine, bergamot, lemon. 250 g', 1150, 7),
  (3,  2, 'COF-003', 'Decaf',              'Sugar-cane process; it''s really good. 250 g',  990, 7),
  (4,  3, 'TEA-001', 'Sencha',             'Green tea from Uji, Japan. 100 g',             1240, 7),
  (5,  3, 'TEA-002', 'Assam Breakfast',    'Black tea, malty -- takes milk well. 200 g',    880, 7),
  (6,  3, 'TEA-003', 'Rooibos',            'Red bush tea without caffeine. 200 g',          690, 7),
  (7,  5, 'BRW-001', 'Pour-over Cone',     'Ceramic dripper for one or two cups',          1950, 19),
  (8,  5, 'BRW-002', 'French Press',       'Glass and steel, 1 litre',                     3400, 19),
  (9,  5, 'BRW-003', 'Moka Pot',           'Espresso on the stove, six cups',              3290, 19),
  (10, 5, 'BRW-004', 'Teapot',             'Cast iron, with a sieve',                      4590, 19),
  (11, 6, 'GRI-001', 'Hand Grinder',       'Steel burrs, 20 g of beans',                   8900, 19),
  (12, 6, 'GRI-002', 'Electric Grinder',   'Flat burrs, from espresso to French press',   24900, 19);

WITH RECURSIVE
  n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199),
  first (k, name) AS (VALUES
    (0, 'Ada'), (1, 'Grace'), (2, 'Edsger'), (3, 'Barbara'), (4, 'Niklaus'), (5, 'Zoë'), (6, 'Alan'),
    (7, 'Margaret'), (8, 'Donald'), (9, 'Frances'), (10, 'Søren'), (11, 'Radia'), (12, 'Tony'),
    (13, 'Jean-Luc'), (14, 'Katherine'), (15, 'Ken'), (16, 'Łucja'), (17, 'Dennis'), (18, 'Anita'),
    (19, 'John')),
  last (k, name) AS (VALUES
    (0, 'Lovelace'), (1, 'Hopper'), (2, 'van Dijk'), (3, 'O''Neill'), (4, 'Müller'), (5, 'de la Tour'),
    (6, 'Turing'), (7, 'Hamilton'), (8, 'von Ahn'), (9, 'Smith-Jones'))
INSERT INTO customers (id, full_name, email, created_at)
SELECT i + 1,
       first.name || ' ' || last.name,
       CASE WHEN i % 25 = 24 THEN NULL -- ordered by telephone
            WHEN i % 3 = 0 THEN printf(' Shopper%d@Example.com', i + 1)
            ELSE printf('shopper%d@example.com', i + 1) END,
       datetime('2023-01-01', '+' || i || ' days')
FROM n JOIN first ON first.k = i % 20 JOIN last ON last.k = i / 20;

WITH place (k, street, postcode, city, country) AS (VALUES
  (0, 'Invalidenstraße', '10115', 'Berlin', 'DE'), (1, 'Ringstraße', '1010', 'Wien', 'AT'),
  (2, 'Oudegracht', '3511 ab', 'Utrecht', 'NL'), (3, 'rue de la République', '69001', 'Lyon', 'FR'),
  (4, 'Park Row', 'ls1 5hd', 'Leeds', 'GB'))
INSERT INTO addresses (id, customer_id, street, postcode, city, country_code)
SELECT id, id, street || ' ' || id, postcode, city, country
FROM customers JOIN place ON k = id % 5
UNION ALL -- every fourth customer typed it in again, less carefully
SELECT 200 + id / 4, id, '  ' || lower(street) || '  ' || id, upper(postcode), city || ' ', country
FROM customers JOIN place ON k = id % 5 WHERE id % 4 = 0;

UPDATE customers
SET phone = CASE id % 4
  WHEN 0 THEN printf('+%s (0)171 555-%04d', dial_code, customers.id)
  WHEN 1 THEN printf('00%s 171 / 555 %04d', dial_code, customers.id)
  WHEN 2 THEN printf('0171-555%04d', customers.id) END
FROM (SELECT DISTINCT customer_id, dial_code FROM addresses JOIN countries ON code = country_code)
WHERE customer_id = customers.id;

WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
INSERT INTO orders (id, customer_id, address_id, status, placed_at)
SELECT i,
       customer_id,
       max(addresses.id),
       CASE WHEN i % 23 = 0 THEN 'cancelled' WHEN i > 480 THEN 'pending'
            WHEN i > 450 THEN 'paid' ELSE 'shipped' END,
       datetime('2024-01-01', '+' || (i * 17) || ' hours')
FROM n JOIN addresses ON customer_id = 1 + i * 37 % 200
GROUP BY i;

WITH line (k) AS (VALUES (0), (1), (2), (3))
INSERT INTO order_items (order_id, product_id, quantity)
SELECT id, 1 + (id * 7 + k * 5) % 12, 1 + (id + k) % 3
FROM orders JOIN line ON k <= id % 4
ORDER BY id, k;

INSERT INTO payments (order_id, reference, method, amount_cents, paid_at)
SELECT o.id,
       printf('PAY-%06d', o.id),
       CASE o.id % 3 WHEN 0 THEN 'card' WHEN 1 THEN 'invoice' ELSE 'transfer' END,
       sum(i.quantity * p.gross_cents),
       datetime(o.placed_at, '+1 day')
FROM orders AS o
JOIN order_items AS i ON i.order_id = o.id
JOIN products AS p ON p.id = i.product_id
WHERE o.status IN ('paid', 'shipped')
GROUP BY o.id
ORDER BY o.id;
