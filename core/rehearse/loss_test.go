package rehearse_test

import (
	"slices"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/rehearse"
)

// TestLosses: warnings tell what is lost, and only that.
func TestLosses(t *testing.T) {
	const first = `CREATE TABLE p (id INTEGER PRIMARY KEY, v, w TEXT);
		INSERT INTO p VALUES (1, 'a', 'x'), (2, NULL, 'y'), (3, 3, 'z');
		CREATE TABLE c (p REFERENCES p ON DELETE CASCADE, n);
		INSERT INTO c VALUES (1, 1), (2, 2);
		CREATE TABLE k (p PRIMARY KEY REFERENCES p ON DELETE CASCADE) WITHOUT ROWID;
		INSERT INTO k VALUES (1), (2);
		CREATE INDEX p_v ON p(v);
		CREATE VIRTUAL TABLE f USING fts5(x);
		INSERT INTO f VALUES ('text')`
	for _, test := range []struct {
		name, sql string
		want      []string
	}{
		{"nothing", "INSERT INTO p VALUES (9, 9, 9); CREATE TABLE t (x); DROP TABLE t; UPDATE p SET v = 'A' WHERE id = 1", nil},
		{"renamed", "ALTER TABLE p RENAME TO q; ALTER TABLE q RENAME COLUMN v TO u; ALTER TABLE q RENAME COLUMN u TO t", nil},
		{"renamed there and back", "ALTER TABLE p RENAME TO q; ALTER TABLE q RENAME TO p", nil},
		{"a virtual table renamed", "ALTER TABLE f RENAME TO g", nil},
		{"a virtual table", "DROP TABLE f", []string{"table f is dropped with its 1 row"}},
		{"swapped", "ALTER TABLE c RENAME TO x; ALTER TABLE k RENAME TO c; ALTER TABLE x RENAME TO k", nil},
		{"dropped and created again", "DROP TABLE c; CREATE TABLE c (p REFERENCES p, n)", []string{"table c is rebuilt with 0 of its 2 rows", "table c: no longer: REFERENCES p ON DELETE CASCADE"}},
		{"the old one renamed first", "ALTER TABLE c RENAME TO old; CREATE TABLE c (p, n INTEGER); INSERT INTO c SELECT * FROM old; DROP TABLE old", []string{"table c: no longer: REFERENCES p ON DELETE CASCADE"}},
		{"the old one kept", "ALTER TABLE c RENAME TO old; CREATE TABLE c (p, n)", nil},
		{"a column left out", "CREATE TABLE t (p, n); INSERT INTO t(p) SELECT p FROM c; DROP TABLE c; ALTER TABLE t RENAME TO c",
			[]string{"column c.n: 2 of 2 values became NULL", "table c: no longer: REFERENCES p ON DELETE CASCADE"}},
		{"a column with another name", "CREATE TABLE t (p, m); INSERT INTO t SELECT * FROM c; DROP TABLE c; ALTER TABLE t RENAME TO c",
			[]string{"table c: no longer: REFERENCES p ON DELETE CASCADE"}},
		{"stored as text", "CREATE TABLE t (p, n TEXT); INSERT INTO t SELECT * FROM c; DROP TABLE c; ALTER TABLE t RENAME TO c",
			[]string{"column c.n is stored as something else by the rebuild: 2 integer -> 2 text", "table c: no longer: REFERENCES p ON DELETE CASCADE"}},
		{"filled in", "CREATE TABLE t (id INTEGER PRIMARY KEY, v NOT NULL, w TEXT); INSERT INTO t SELECT id, ifnull(v, 0), w FROM p; DROP TABLE p; ALTER TABLE t RENAME TO p; CREATE INDEX p_v ON p(v)",
			[]string{"column p.v is NOT NULL now, and was NULL in 1 row: changed or left out"}},
		{"dropped in place of another", "ALTER TABLE p DROP COLUMN w; ALTER TABLE p ADD COLUMN e TEXT DEFAULT 'x'", []string{"column p.w is dropped with its 3 values"}},
		{"by a cascade, also without rowid", "PRAGMA foreign_keys = ON; DELETE FROM p WHERE id = 1",
			[]string{"table c loses 1 of its 2 rows", "table k loses 1 of its 2 rows", "table p loses 1 of its 3 rows"}},
		{"a column and its index", `CREATE TABLE t (id INTEGER PRIMARY KEY, w TEXT); INSERT INTO t SELECT id, w FROM p; DROP TABLE p; ALTER TABLE t RENAME TO p`,
			[]string{"column p.v is dropped with its 2 values"}},
		{"a column with another name, and its index", `CREATE TABLE t (id INTEGER PRIMARY KEY, u, w TEXT); INSERT INTO t SELECT * FROM p; DROP TABLE p; ALTER TABLE t RENAME TO p`,
			[]string{"index p_v is gone since table p was rebuilt"}},
		{"a column with another name, and other values", `UPDATE c SET n = 1; CREATE TABLE t (p REFERENCES p ON DELETE CASCADE, m); INSERT INTO t SELECT * FROM c; DROP TABLE c; ALTER TABLE t RENAME TO c`,
			[]string{"column c.n is dropped with its 2 values, unless they are in m now"}},
		{"an index with another name", `CREATE TABLE t (id INTEGER PRIMARY KEY, v, w TEXT); INSERT INTO t SELECT * FROM p; DROP TABLE p; ALTER TABLE t RENAME TO p; CREATE INDEX by_v ON p (v)`, nil},
		{"values replaced", "UPDATE p SET w = 'w'; UPDATE c SET n = NULL", []string{"column c.n: 2 of 2 values became NULL", "column p.w: all 3 values replaced by its own name"}},
		{"rows put back", "CREATE TEMP TABLE b AS SELECT * FROM c; DELETE FROM c; INSERT INTO c SELECT * FROM b; DROP TABLE b", nil},
		{"rows put back but for one", "CREATE TEMP TABLE b AS SELECT * FROM p; DELETE FROM p; INSERT INTO p SELECT * FROM b WHERE id < 3; DROP TABLE b", []string{"table p loses 1 of its 3 rows"}},
		{"replaced in place", "REPLACE INTO p VALUES (1, 'new', 'x')", nil},
		{"all rows", "DELETE FROM c", []string{"table c loses 2 of its 2 rows"}},
	} {
		for _, atomic := range []bool{false, true} {
			path := newDB(t)
			migrations := files("0001-a.sql", first, "0002-b.sql", test.sql)
			migrate(t, path, migrations, core.Options{To: 1})
			o := rehearsing(t)
			o.Atomic = atomic && !strings.Contains(test.sql, "PRAGMA")
			migrate(t, path, migrations, o)
			list, err := rehearse.Of(o).Report(t.Context(), o)
			if err != nil || len(list) != 1 || len(list[0].Applied) != 1 {
				t.Fatalf("%s: Report() = %v, %v", test.name, list, err)
			}
			if got := list[0].Applied[0].Warnings; !slices.Equal(got, test.want) {
				t.Errorf("%s:\n%s\nwant\n%s", test.name, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		}
	}
}
