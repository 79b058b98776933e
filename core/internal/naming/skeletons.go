// What a new migration begins with.

package naming

// Skeletons are the texts of new migrations by their kinds, with DESCRIPTION in place of
// what they do.
var Skeletons = map[string]string{
	"sql": `-- DESCRIPTION
--
-- This file is applied completely, together with its version, or not at all:
-- it needs no BEGIN and COMMIT.

`,
	"star": `# DESCRIPTION

def migrate(db):
    # This is applied completely, together with its version, or not at all.
    # for row in db.query("SELECT id, name FROM users"):
    #     db.execute("UPDATE users SET name = ? WHERE id = ?", [row.name.strip(), row.id])
    pass
`,
	"py": `# DESCRIPTION
#
# Called with the path of the database. Exits with 0 on success; on failure it must
# leave the database unchanged.
# Remove the two dashes to run on a private copy, which replaces the content of the
# database only on success:
# -- fastmigrate: isolated

import sqlite3
import sys

db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
db.execute("BEGIN IMMEDIATE")
# db.execute("UPDATE ...")
db.execute("COMMIT")
`,
	"sh": `# DESCRIPTION
#
# Called with the path of the database. Exits with 0 on success; on failure it must
# leave the database unchanged.
# Remove the two dashes to run on a private copy, which replaces the content of the
# database only on success:
# -- fastmigrate: isolated
set -eu

sqlite3 -bail -cmd '.timeout 30000' "$1" <<'SQL'
BEGIN IMMEDIATE;
-- UPDATE ...
COMMIT;
SQL
`,
}
