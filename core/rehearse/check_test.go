package rehearse_test

import (
	"slices"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/rehearse"
)

// spoiled makes a database of which the index of t, and a child of it, are wrong; the table
// other is well.
func spoiled(t *testing.T) string {
	t.Helper()
	path := newDB(t)
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, sql := range []string{
		"CREATE TABLE t (id INTEGER PRIMARY KEY, x)",
		"CREATE INDEX t_x ON t (x)",
		"CREATE TABLE other (id INTEGER PRIMARY KEY, x)",
		"INSERT INTO t VALUES (1, 'a'), (2, 'b')",
		"INSERT INTO other VALUES (1, 'a')",
		"CREATE TABLE child (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t (id))",
		"INSERT INTO child VALUES (1, 7)",
		"PRAGMA writable_schema = ON", // the index does not get the next row
		"UPDATE sqlite_master SET sql = 'CREATE INDEX t_x ON t (x) WHERE x <> ''c''' WHERE name = 't_x'",
		"PRAGMA writable_schema = RESET",
		"INSERT INTO t VALUES (3, 'c')",
		"PRAGMA writable_schema = ON",
		"UPDATE sqlite_master SET sql = 'CREATE INDEX t_x ON t (x)' WHERE name = 't_x'",
		"PRAGMA writable_schema = RESET",
	} {
		if err := c.Exec(sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	return path
}

// TestProblemsBeforeAndAfter: what was wrong before is told from what a migration spoiled and
// from what it mended, whichever tables it touched, and also if others came before or after it.
func TestProblemsBeforeAndAfter(t *testing.T) {
	const (
		parentless = "foreign keys: row 1 (t = 7) of child has no parent in t"
		missing    = "integrity: row 3 missing from index t_x"
		entries    = "integrity: wrong # of entries in index t_x"
	)
	for _, test := range []struct {
		name            string
		scripts         []string
		existing, after []string
	}{
		{"the index is touched", []string{"UPDATE t SET id = id WHERE id = 1"}, []string{entries, missing, parentless}, []string{entries, missing, parentless}},
		{"the index is touched later", []string{"INSERT INTO other VALUES (2, 'b')", "UPDATE t SET id = id WHERE id = 1"}, []string{entries, missing, parentless}, []string{entries, missing, parentless}},
		{"the index is touched first", []string{"UPDATE t SET id = id WHERE id = 1", "INSERT INTO other VALUES (2, 'b')", "INSERT INTO other VALUES (3, 'b')"}, []string{entries, missing, parentless}, []string{entries, missing, parentless}},
		{"another table is touched", []string{"INSERT INTO other VALUES (2, 'b')"}, []string{parentless}, []string{parentless}},
		{"the index is made again", []string{"DROP INDEX t_x; CREATE INDEX t_x ON t (x)"}, []string{entries, missing, parentless}, []string{parentless}},
		{"the index is mended", []string{"INSERT INTO other VALUES (2, 'b')", "REINDEX t_x"}, []string{entries, missing, parentless}, []string{parentless}},
		{"the table is made again", []string{"CREATE TABLE n (id INTEGER PRIMARY KEY, x); INSERT INTO n SELECT * FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t; CREATE INDEX t_x ON t (x)"}, []string{entries, missing, parentless}, []string{parentless}},
		{"the child gets its parent", []string{"INSERT INTO t VALUES (7, 'g'); DROP INDEX t_x"}, []string{entries, missing, parentless}, nil},
		{"a child loses its parent", []string{"-- fastmigrate: no-foreign-key-check\nINSERT INTO child VALUES (2, 9)"}, []string{parentless}, []string{parentless, strings.NewReplacer("row 1", "row 2", "7", "9").Replace(parentless)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := spoiled(t)
			var pairs []string
			for i, sql := range test.scripts {
				pairs = append(pairs, "000"+string(rune('1'+i))+"-a.sql", sql)
			}
			o := rehearsing(t)
			migrate(t, path, files(pairs...), o)
			list, err := rehearse.Of(o).Report(t.Context(), core.Options{})
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			if got := list[0]; !slices.Equal(got.Existing, test.existing) || !slices.Equal(got.Problems, test.after) {
				t.Errorf("existing %q, then %q\nwant %q, then %q", got.Existing, got.Problems, test.existing, test.after)
			}
		})
	}
}
