-- A year of use has shown which questions are asked; ANALYZE tells the query planner about the answers.

DROP INDEX orders_by_customer;
CREATE INDEX orders_by_customer ON orders (customer_id, placed_at DESC);
CREATE INDEX orders_by_day ON orders (date(placed_at), total_cents);
CREATE INDEX audit_log_by_entity ON audit_log (entity, entity_id, at);
CREATE INDEX customers_reachable ON customers (phone) WHERE phone IS NOT NULL;

ANALYZE;
