-- Customers log in by e-mail from now on. A column cannot become NOT NULL UNIQUE in place, so rebuild the table.
-- The steps are those of https://sqlite.org/lang_altertable.html#otheralter

PRAGMA foreign_keys = OFF; -- or DROP TABLE, like DELETE, would reach for addresses and orders

BEGIN;

CREATE TABLE customers_new (
  id         INTEGER PRIMARY KEY,
  full_name  TEXT NOT NULL,
  email      TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (email LIKE '%_@_%'),
  phone      TEXT,
  created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

INSERT INTO customers_new (id, full_name, email, phone, created_at)
SELECT id, full_name,
       CASE WHEN trim(email) LIKE '%_@_%' AND row_number() OVER (PARTITION BY lower(trim(email)) ORDER BY id) = 1 THEN trim(email)
            ELSE 'customer-' || id || '@unknown.invalid' END, -- none, not one, or somebody else's already
       phone, created_at
FROM customers;

DROP TABLE customers;

ALTER TABLE customers_new RENAME TO customers;

-- The index and the trigger went with the old table.
CREATE INDEX customers_by_name ON customers (full_name);

CREATE TRIGGER customers_audit AFTER UPDATE OF email, phone ON customers
WHEN OLD.email IS NOT NEW.email OR OLD.phone IS NOT NEW.phone
BEGIN
  -- what it was before; what it is now stands in the customer's own row
  INSERT INTO audit_log (entity, entity_id, detail)
  VALUES ('customer', OLD.id, 'email was ' || OLD.email || '; phone was ' || coalesce(OLD.phone, 'unknown'));
END;

PRAGMA foreign_key_check;

COMMIT;

PRAGMA foreign_keys = ON;
