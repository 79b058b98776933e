-- Support asks "who changed that, and when?", and pages that list orders were slow: log it, store the total.

CREATE TABLE audit_log (
  id        INTEGER PRIMARY KEY,
  at        TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  entity    TEXT NOT NULL,
  entity_id INTEGER NOT NULL,
  detail    TEXT NOT NULL
);

CREATE TRIGGER customers_audit AFTER UPDATE OF email, phone ON customers
WHEN OLD.email IS NOT NEW.email OR OLD.phone IS NOT NEW.phone
BEGIN
  -- what it was before; what it is now stands in the customer's own row
  INSERT INTO audit_log (entity, entity_id, detail)
  VALUES ('customer', OLD.id,
          'email was ' || coalesce(OLD.email, 'unknown') || '; phone was ' || coalesce(OLD.phone, 'unknown'));
END;

CREATE TRIGGER orders_audit AFTER UPDATE OF status ON orders
WHEN OLD.status <> NEW.status
BEGIN
  INSERT INTO audit_log (entity, entity_id, detail)
  VALUES ('order', NEW.id,
          CASE NEW.status WHEN 'cancelled' THEN 'cancelled; refund if paid'
                          ELSE OLD.status || ' -> ' || NEW.status END);
END;

UPDATE orders
SET total_cents = (SELECT coalesce(sum(i.quantity * p.gross_cents), 0)
                   FROM order_items AS i JOIN products AS p ON p.id = i.product_id
                   WHERE i.order_id = orders.id);

CREATE TRIGGER order_items_added AFTER INSERT ON order_items
BEGIN
  UPDATE orders
  SET total_cents = (SELECT sum(i.quantity * p.gross_cents)
                     FROM order_items AS i JOIN products AS p ON p.id = i.product_id
                     WHERE i.order_id = orders.id)
  WHERE id = NEW.order_id;
END;

CREATE TRIGGER order_items_changed AFTER UPDATE ON order_items
BEGIN
  UPDATE orders
  SET total_cents = (SELECT coalesce(sum(i.quantity * p.gross_cents), 0)
                     FROM order_items AS i JOIN products AS p ON p.id = i.product_id
                     WHERE i.order_id = orders.id)
  WHERE id IN (OLD.order_id, NEW.order_id); /* the item may have moved; then both change */
END;

CREATE TRIGGER order_items_removed AFTER DELETE ON order_items
BEGIN
  UPDATE orders
  SET total_cents = (SELECT coalesce(sum(i.quantity * p.gross_cents), 0)
                     FROM order_items AS i JOIN products AS p ON p.id = i.product_id
                     WHERE i.order_id = orders.id)
  WHERE id = OLD.order_id;
END;
