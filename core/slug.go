package core

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// slugify makes "Add users' phone numbers!" add-users-phone-numbers.
func slugify(description string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(strings.ReplaceAll(strings.ToLower(description), "'", ""), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}) {
		if b.Len() > 0 && b.Len()+len(word) > 80 {
			break
		}
		for len(word) > 80 {
			_, n := utf8.DecodeLastRuneInString(word)
			word = word[:len(word)-n]
		}
		if b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteString(word)
	}
	return b.String()
}

var skeletons = map[string]string{
	"sql": `-- DESCRIPTION
--
-- All of this file happens, together with the change of the version, or nothing:
-- it needs no BEGIN and COMMIT.

`,
	"star": `# DESCRIPTION

def migrate(db):
    # All of it happens, together with the change of the version, or nothing.
    # for row in db.query("SELECT id, name FROM users"):
    #     db.execute("UPDATE users SET name = ? WHERE id = ?", [row.name.strip(), row.id])
    pass
`,
	"py": `# DESCRIPTION
#
# Called with the path of the database. Exit status 0 says that it succeeded, any
# other that it failed; it should then leave the database as it was.
# Remove the two dashes to run on a private copy, which replaces the database's
# content only if this succeeds:
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
# Called with the path of the database. Exit status 0 says that it succeeded, any
# other that it failed; it should then leave the database as it was.
# Remove the two dashes to run on a private copy, which replaces the database's
# content only if this succeeds:
# -- fastmigrate: isolated
set -eu

sqlite3 -bail -cmd '.timeout 30000' "$1" <<'SQL'
BEGIN IMMEDIATE;
-- UPDATE ...
COMMIT;
SQL
`,
}
