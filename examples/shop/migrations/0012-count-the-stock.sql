-- Overselling has to stop: count what lies in each warehouse and how much of it is promised.

CREATE TABLE stock_levels (
  warehouse  TEXT NOT NULL CHECK (warehouse IN ('berlin', 'leeds')),
  product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  on_hand    INTEGER NOT NULL,
  reserved   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (warehouse, product_id),
  CHECK (reserved BETWEEN 0 AND on_hand)
) STRICT, WITHOUT ROWID;

-- Until the first stocktaking: as much as the warehouse ever sold.
INSERT INTO stock_levels (warehouse, product_id, on_hand, reserved)
SELECT CASE a.country_code WHEN 'GB' THEN 'leeds' ELSE 'berlin' END,
       i.product_id,
       sum(i.quantity),
       coalesce(sum(i.quantity) FILTER (WHERE o.status IN ('pending', 'paid')), 0)
FROM order_items AS i
JOIN orders AS o ON o.id = i.order_id
JOIN addresses AS a ON a.id = o.address_id
WHERE o.status <> 'cancelled'
GROUP BY 1, 2;

CREATE INDEX stock_levels_by_product ON stock_levels (product_id);
