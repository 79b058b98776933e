INSERT INTO accounts (id, name, plan, seats, created_at, updated_at) VALUES
  (1, 'Acme', 'free', 1, '2024-01-05 09:12:44', '2024-01-05 09:12:44'), (2, 'Globex', 'pro', 12, '2024-02-11 16:40:02', '2024-02-11 16:40:02'),
  (3, 'Initech', 'free', 1, '2024-03-19 11:05:30', '2024-03-19 11:05:30'), (5, 'Umbrella', 'team', 40, '2024-04-02 08:00:12', '2025-06-30 10:11:12'),
  (8, 'Hooli', 'free', 1, '2024-05-23 19:55:01', '2024-05-23 19:55:01'), (9, 'Stark', 'free', 1, '2024-07-14 12:30:45', '2025-01-09 07:45:00');
WITH RECURSIVE first AS (SELECT key, value FROM json_each('["Ada","Grace","Linus","Margaret","Alan","Barbara","Dennis","Radia","Ken","Frances","Bjarne","Hedy"]')),
  last AS (SELECT key, value FROM json_each('["Lovelace","Hopper","Torvalds","Hamilton","Turing","Liskov","Ritchie","Perlman","Thompson","Allen","Stroustrup","Lamarr"]')),
  n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24)
INSERT INTO users SELECT i * 3 - i % 2, '[1, 2, 3, 5, 8, 9]' ->> (i % 6), lower(f.value) || i || '@example.com', f.value, l.value,
  CASE WHEN i % 3 THEN printf('0%d', 1712345000 + i * 17) END, printf('%05d', 1067 + i * 373), i IN (1, 14), CASE i % 8 WHEN 0 THEN 'de' ELSE 'en' END,
  json_object('theme', iif(i % 2, 'dark', 'light'), 'beta', i % 5, 'address', json_object('city', 'City ' || i)), CASE WHEN i > 3 THEN 2 END,
  datetime('2024-01-10 08:00:00', (i * 9) || ' days', (i * 37) || ' minutes')
FROM n JOIN first f ON f.key = i % 12 JOIN last l ON l.key = (i * 5 + i / 12) % 12;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
INSERT INTO products SELECT i, printf('%04d', i * 7), 'Product ' || char(64 + i), 995 + i * 250, i * 0.35 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 36)
INSERT INTO orders SELECT i, (i % 24 + 1) * 3 - (i + 1) % 2, CASE i % 4 WHEN 0 THEN 'open' WHEN 1 THEN 'shipped' ELSE 'paid' END, 1999 + i * 131,
  CASE WHEN i % 5 = 0 THEN 'gift ' || i END, datetime('2025-02-01 10:00:00', i || ' days', (i * 11) || ' minutes') FROM n;
INSERT INTO order_items SELECT o.id, p.value, 1 + (o.id + p.value) % 10, 1 + (o.id % 4) / 3, 995 + ((o.id + p.value) % 10) * 250 FROM orders o, json_each('[1, 2]') p;
INSERT INTO sessions SELECT printf('%016x', id * 7919), id, '10.0.0.' || id, 'Mozilla/5.0 (' || first_name || ')', 1767225600 + id * 3600 FROM users WHERE id % 4;
WITH RECURSIVE n(i) AS (SELECT 101 UNION ALL SELECT i + 1 FROM n WHERE i < 130)
INSERT INTO posts SELECT i, (i % 24 + 1) * 3 - (i + 1) % 2, 'post-' || i, 'Post number ' || i, 'Body of ' || i || ' at length.',
  CASE WHEN i % 4 THEN datetime('2025-03-01 12:34:56', i || ' days') END, CASE WHEN i % 5 = 0 THEN i * 13 ELSE 0 END FROM n;
INSERT INTO tags VALUES (1, 'go'), (2, 'sqlite'), (3, 'ops'), (4, 'news'), (5, 'Release');
INSERT INTO post_tags SELECT p.id, t.id FROM posts p JOIN tags t ON (p.id + t.id) % 3 = 0;
INSERT INTO follows SELECT a.id, b.id FROM users a JOIN users b ON b.id <> a.id AND (a.id * 3 + b.id) % 11 = 0;
INSERT INTO settings VALUES ('title', 'Shop', '2025-01-01'), ('currency', 'EUR', '2025-01-02'), ('tax', '0.19', NULL), ('mail.from', 'shop@example.com', '2025-03-04');
INSERT INTO events SELECT user_id, CASE id % 3 WHEN 0 THEN 'login' ELSE 'order' END, json_object('order', id), placed_at FROM orders;
INSERT INTO events VALUES (2, 'login', NULL, '2025-05-05 05:05:05'), (2, 'login', NULL, '2025-05-05 05:05:05');
