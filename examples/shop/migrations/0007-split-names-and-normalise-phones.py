# Letters greet people by their last name and the courier wants +49171...: more than SQL can take apart.
import re
import sqlite3
import sys

PARTICLES = {"da", "de", "den", "der", "di", "la", "le", "van", "von"}


def split_name(full_name):
    """Give the first and the last name; "Zoë van Dijk" is ("Zoë", "van Dijk")."""
    words = full_name.split()
    at = len(words) - 1
    while at > 1 and words[at - 1].lower() in PARTICLES:
        at -= 1
    return " ".join(words[:at]), " ".join(words[at:])


def international(phone, dial_code):
    """Give a number as +4917155501; a national one is dialled in the customer's country."""
    digits = re.sub(r"\(0\)|\D", "", phone)
    if phone.startswith("+"):
        return "+" + digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    return "+" + dial_code + digits.removeprefix("0")


db = sqlite3.connect(sys.argv[1], isolation_level=None)
with db:  # commits at its end, or rolls everything back
    db.execute("BEGIN IMMEDIATE")
    db.execute("ALTER TABLE customers ADD COLUMN first_name TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE customers ADD COLUMN last_name TEXT NOT NULL DEFAULT ''")

    for customer, full_name in db.execute("SELECT id, full_name FROM customers").fetchall():
        db.execute("UPDATE customers SET first_name = ?, last_name = ? WHERE id = ?",
                   (*split_name(full_name), customer))

    numbers = db.execute("""
        SELECT c.id, c.phone, dial_code
        FROM customers AS c
        JOIN addresses AS a ON a.customer_id = c.id
        JOIN countries ON code = country_code
        WHERE c.phone IS NOT NULL
        GROUP BY c.id""").fetchall()
    for customer, phone, dial_code in numbers:
        db.execute("UPDATE customers SET phone = ? WHERE id = ?", (international(phone, dial_code), customer))

    db.execute("DROP INDEX customers_by_name")
    db.execute("ALTER TABLE customers DROP COLUMN full_name")
    db.execute("CREATE INDEX customers_by_name ON customers (last_name, first_name)")
db.close()
print(f"{len(numbers)} phone numbers normalised")
