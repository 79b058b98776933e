package core_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/check"
	"fastmigrate/core/fault"
)

// TestForeignKeysOfOthers: what violated a foreign key before a migration does not
// matter as long as it is the same row that does; another with the same value is a
// new violation.
func TestForeignKeysOfOthers(t *testing.T) {
	const p = "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE q(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (5);"
	for _, test := range []struct {
		before, script string
		good           bool
	}{
		// another table, or another row, gets the value
		{"CREATE TABLE a(x REFERENCES p); CREATE TABLE b(x REFERENCES p); INSERT INTO a VALUES (99)", "DELETE FROM a; INSERT INTO b VALUES (99)", false},
		{"CREATE TABLE a(x REFERENCES p); CREATE TABLE b(x REFERENCES p); INSERT INTO a VALUES (99)", "INSERT INTO b VALUES (99)", false},
		{"CREATE TABLE a(x REFERENCES p); INSERT INTO a VALUES (99)", "CREATE TABLE b(x REFERENCES p); INSERT INTO b SELECT x FROM a; DELETE FROM a", false},
		{"CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES (1, 99)", "DELETE FROM c; INSERT INTO c VALUES (2, 99)", false},
		{"CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES (1, 99)", "UPDATE c SET p = 98", false},
		{"CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES (1, 99)", "UPDATE c SET p = NULL; INSERT INTO c VALUES (2, 1), (3, 99)", false},
		{"CREATE TABLE c(id TEXT PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES ('a', 99)", "DELETE FROM c; INSERT INTO c VALUES ('b', 99)", false},
		{"CREATE TABLE c(name, p REFERENCES p); INSERT INTO c VALUES ('a', 99)", "DELETE FROM c; INSERT INTO c VALUES ('b', 99)", false},
		{"CREATE TABLE c(name, p REFERENCES p); INSERT INTO c VALUES ('a', 99)", "DELETE FROM c WHERE true; INSERT INTO c VALUES ('b', 99)", false},
		{"CREATE TABLE w(id PRIMARY KEY, p REFERENCES p) WITHOUT ROWID; INSERT INTO w VALUES (1, 99)", "DELETE FROM w; INSERT INTO w VALUES (2, 99)", false},
		{"CREATE TABLE w(id PRIMARY KEY, p REFERENCES p) WITHOUT ROWID; INSERT INTO w VALUES (1, 99)", "DELETE FROM w; INSERT INTO w VALUES ('1', 99)", false},
		{"CREATE TABLE w(a, b, p REFERENCES p, PRIMARY KEY (a, b)) WITHOUT ROWID; INSERT INTO w VALUES (1, 2, 99)", "UPDATE w SET b = 3", false},
		{"CREATE TABLE r(rowid, oid, _rowid_, p REFERENCES p); INSERT INTO r VALUES (1, 2, 3, 99)", "DELETE FROM r; INSERT INTO r VALUES (1, 2, 4, 99)", false},
		{"CREATE TABLE r(rowid, p REFERENCES p); INSERT INTO r VALUES ('a', 8)", "INSERT INTO r VALUES ('b', 9); DELETE FROM r WHERE p = 8", false},

		// the value is of another type, of another key or of another column
		{"CREATE TABLE c(p REFERENCES p); INSERT INTO c VALUES ('99')", "DELETE FROM c; INSERT INTO c VALUES (99)", false},
		{"CREATE TABLE c(p REFERENCES p); INSERT INTO c VALUES (x'3939')", "DELETE FROM c; INSERT INTO c VALUES ('99')", false},
		{"CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES (1, 99)", "UPDATE c SET p = '99'", false},
		{"CREATE TABLE c(id INTEGER PRIMARY KEY, a REFERENCES p, b REFERENCES p); INSERT INTO c VALUES (1, 99, NULL)", "UPDATE c SET a = NULL, b = 99", false},
		{"CREATE TABLE c(id INTEGER PRIMARY KEY, a REFERENCES p REFERENCES q); INSERT INTO c VALUES (1, 5)", "INSERT INTO q VALUES (5); DELETE FROM p WHERE id = 5", false},
		{"CREATE TABLE c(a, b, FOREIGN KEY (a, b) REFERENCES two); CREATE TABLE two(a, b, PRIMARY KEY (a, b)); INSERT INTO c VALUES ('a', 'bc')", "DELETE FROM c; INSERT INTO c VALUES ('ab', 'c')", false},

		// the same under a rebuild or another name
		{"CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES (1, 99)", "CREATE TABLE c2(id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c2 SELECT id + 1, p FROM c; DROP TABLE c; ALTER TABLE c2 RENAME TO c", false},
		{"CREATE TABLE c(name, p REFERENCES p); INSERT INTO c VALUES ('a', 99)", "CREATE TABLE c2(name, p REFERENCES p, more); INSERT INTO c2 VALUES ('b', 99, 1); DROP TABLE c; ALTER TABLE c2 RENAME TO c", false},
		{"CREATE TABLE a(x REFERENCES p); CREATE TABLE b(x REFERENCES p); INSERT INTO a VALUES (99)", "ALTER TABLE a RENAME TO t; ALTER TABLE b RENAME TO a; ALTER TABLE t RENAME TO b; DELETE FROM b; INSERT INTO a VALUES (99)", false},
		{"CREATE TABLE c(p REFERENCES p); INSERT INTO c VALUES (99)", "ALTER TABLE c RENAME TO old; CREATE TABLE c(p REFERENCES p); INSERT INTO c SELECT p FROM old", false},

		// the same row
		{"CREATE TABLE c(id INTEGER PRIMARY KEY, n, p REFERENCES p); INSERT INTO c VALUES (1, 'a', 99)", "UPDATE c SET n = 'b'; INSERT INTO c VALUES (2, 'c', 1)", true},
		{"CREATE TABLE c(n, p REFERENCES p); INSERT INTO c VALUES ('a', 99)", "UPDATE c SET n = 'b'; INSERT INTO c VALUES ('c', 1)", true},
		{"CREATE TABLE c(id TEXT PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES ('a', 99)", "UPDATE c SET id = 'b'", true},
		{"CREATE TABLE r(rowid, oid, _rowid_, p REFERENCES p); INSERT INTO r VALUES (1, 2, 3, 99)", "INSERT INTO r VALUES (1, 2, 4, 5)", true},
		{"CREATE TABLE w(id PRIMARY KEY, n, p REFERENCES p) WITHOUT ROWID; INSERT INTO w VALUES (1, 2, 99)", "UPDATE w SET n = 3", true},
		{"CREATE TABLE w(id PRIMARY KEY, p REFERENCES p) WITHOUT ROWID; INSERT INTO w VALUES (1, 99)", "ALTER TABLE w RENAME COLUMN id TO key; ALTER TABLE w RENAME COLUMN p TO parent; ALTER TABLE w ADD COLUMN n; UPDATE w SET n = 1", true},
		{"CREATE TABLE c(p REFERENCES p); INSERT INTO c VALUES (99), (99)", "ALTER TABLE c ADD COLUMN q DEFAULT 1 REFERENCES q; INSERT INTO q VALUES (1)", true},
		{"CREATE TABLE c(p TEXT REFERENCES p, n); INSERT INTO c VALUES ('99', 1)", "CREATE TABLE c2(n INTEGER, p INTEGER REFERENCES p); INSERT INTO c2 SELECT n, p FROM c; DROP TABLE c; ALTER TABLE c2 RENAME TO c", true},
		{"CREATE TABLE c(p REFERENCES p); INSERT INTO c VALUES (99)", "CREATE TABLE kids(id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO kids(p) SELECT p FROM c; DROP TABLE c", true},
		{"CREATE TABLE c(p REFERENCES p); INSERT INTO c VALUES (99)", "ALTER TABLE c RENAME TO old; CREATE TABLE c(p REFERENCES p); INSERT INTO c SELECT p FROM old; DROP TABLE old", true},
		{"CREATE TABLE a(x REFERENCES p); CREATE TABLE b(x REFERENCES p); INSERT INTO a VALUES (99)", "ALTER TABLE a RENAME TO t; ALTER TABLE b RENAME TO a; ALTER TABLE t RENAME TO b", true},
		{"CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES (1, 99)", "CREATE TABLE c2(id INTEGER PRIMARY KEY, p REFERENCES q); INSERT INTO c2 SELECT * FROM c; DROP TABLE c; ALTER TABLE c2 RENAME TO c", true},
		{"CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES (1, 99)", "BEGIN; UPDATE c SET p = NULL; COMMIT; BEGIN; INSERT INTO c VALUES (2, 1); COMMIT", true},
		{"CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES (1, 99)", "BEGIN; UPDATE c SET p = NULL; COMMIT; BEGIN; UPDATE c SET p = 99; COMMIT", false},
		{"CREATE TABLE c(p REFERENCES p); INSERT INTO c VALUES (99)", "SAVEPOINT s; DROP TABLE c; ROLLBACK TO s; RELEASE s; INSERT INTO c VALUES (5)", true},

		// a foreign key to what is not unique
		{"CREATE TABLE u(n); CREATE TABLE c(x REFERENCES u(n)); INSERT INTO c VALUES (1)", "INSERT INTO c VALUES (2); INSERT INTO u VALUES (3)", true},
		{"CREATE TABLE u(n); CREATE TABLE c(x REFERENCES u(n)); INSERT INTO c VALUES (1)", "ALTER TABLE c RENAME TO d; ALTER TABLE u RENAME TO v", true},
		{"CREATE TABLE u(n)", "CREATE TABLE c(x REFERENCES u(n))", false},
		{"CREATE TABLE u(n)", "CREATE TABLE c(x, y, FOREIGN KEY (x, y) REFERENCES p)", false},
		{"CREATE TABLE u(n)", "CREATE TABLE c(x REFERENCES u)", false},
		{"CREATE TABLE u(n COLLATE NOCASE); CREATE UNIQUE INDEX i ON u(n COLLATE BINARY)", "CREATE TABLE c(x REFERENCES u(n))", false},
		{"CREATE TABLE c(x REFERENCES u(n))", "CREATE TABLE u(n)", false},
		{"CREATE TABLE u(n, UNIQUE (n)); CREATE TABLE c(x REFERENCES u(n))", "DROP TABLE u; CREATE TABLE u(n)", false},
		{"CREATE TABLE u(n); CREATE TABLE c(x REFERENCES u(n), y REFERENCES p); INSERT INTO c VALUES (1, 1)", "INSERT INTO c VALUES (1, 99)", false},
		{"CREATE TABLE u(n); CREATE UNIQUE INDEX i ON p(id); CREATE TABLE c(x REFERENCES u(n), y REFERENCES v(n)); CREATE TABLE v(n UNIQUE)", "DROP TABLE v; CREATE TABLE v(n)", false},
		{"CREATE TABLE u(n); CREATE TABLE c(x REFERENCES u(n))", "CREATE TABLE d(x REFERENCES u(n))", false},
		{"CREATE VIEW v AS SELECT 1 AS n", "CREATE TABLE c(x REFERENCES v(n))", false},
	} {
		for _, atomic := range []bool{false, true} {
			if atomic && strings.Contains(test.script, "BEGIN") {
				continue
			}
			path := newDB(t, false)
			for _, sql := range strings.Split(p+test.before, ";") {
				query(t, path, sql)
			}
			dump := "SELECT group_concat(sql, char(10)) FROM sqlite_schema WHERE name NOT LIKE '\\_meta%' ESCAPE '\\'"
			before := query(t, path, dump)
			_, err := core.RunMigrations(t.Context(), path, files("0001-x.sql", test.script, "0002-y.sql", "ALTER TABLE q RENAME TO qq"), core.Options{Atomic: atomic})
			if test.good && err != nil || !test.good && !errors.Is(err, fault.ErrForeignKey) {
				t.Errorf("%s\n%s: RunMigrations() = %v", test.before, test.script, err)
			}
			if after := query(t, path, dump); err != nil && after != before {
				t.Errorf("%s\n%s left %s", test.before, test.script, after)
			}
		}
	}
}

// TestViolationsAreThoseOfSQLite: the rows without a parent are those that SQLite finds.
func TestViolationsAreThoseOfSQLite(t *testing.T) {
	types := []string{"", "INTEGER", "TEXT", "BLOB", "REAL", "NUMERIC", "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM"}
	values := "(1), ('1'), (1.0), ('1.0'), (x'31'), ('a'), ('A'), ('a '), (NULL), (2), ('0x1'), (9007199254740993), ('9007199254740993'), (9007199254740992.0), ('')"
	for _, parent := range append(types, "INTEGER PRIMARY KEY") {
		for _, child := range types {
			path := newDB(t, false)
			unique := " UNIQUE"
			if strings.Contains(parent, "KEY") {
				unique = ""
			}
			for _, sql := range []string{
				"CREATE TABLE p(k " + parent + unique + ")", "INSERT OR IGNORE INTO p VALUES (1), ('a'), ('1.0'), (9007199254740993)",
				"CREATE TABLE c(x " + child + " REFERENCES p(k))", "INSERT INTO c VALUES " + values,
				"CREATE TABLE w(x " + child + " REFERENCES p(k), id INTEGER PRIMARY KEY) WITHOUT ROWID", "INSERT INTO w SELECT x, rowid FROM c",
			} {
				if strings.Contains(parent, "KEY") {
					sql = strings.Replace(sql, "(1), ('a'), ('1.0'), ", "(1), ", 1)
				}
				query(t, path, sql)
			}
			want := query(t, path, "SELECT group_concat(rowid) FROM pragma_foreign_key_check('c')")
			number := query(t, path, "SELECT count(*) FROM pragma_foreign_key_check")
			r, err := check.DB(t.Context(), path, core.Options{})
			var got []string
			for _, problem := range r.Problems {
				var n int
				if _, err := fmt.Sscanf(problem.Text, "row %d ", &n); err == nil {
					got = append(got, fmt.Sprint(n))
				}
			}
			if strings.Join(got, ",") != want || fmt.Sprint(len(r.Problems)) != number || err != nil {
				t.Errorf("%s REFERENCES %s: %v, want rows %s, %s in all; %v", child, parent, r.Problems, want, number, err)
			}
		}
	}
}
