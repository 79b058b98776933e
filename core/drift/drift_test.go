package drift_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"fastmigrate/core"
	"fastmigrate/core/data"
	"fastmigrate/core/drift"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// byHand changes a database that the migrations made, statement by statement.
func byHand(t testing.TB, path, sql string) {
	t.Helper()
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, statement := range strings.Split(sql, "; ") {
		if err := c.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// newDB makes a versioned database and gives its path.
func newDB(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	if _, _, err := core.CreateDB(t.Context(), path, core.Options{}); err != nil {
		t.Fatal(err)
	}
	return path
}

// directory makes a migrations directory of one file.
func directory(t testing.TB, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "0001-a.sql"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func migrate(t testing.TB, path string, fsys fs.FS, o core.Options) {
	t.Helper()
	if _, err := core.RunMigrations(t.Context(), path, fsys, o); err != nil {
		t.Fatal(err)
	}
}

// row gives the values of the one row of a query, joined by "|".
func row(t testing.TB, path, sql string) string {
	t.Helper()
	r, err := data.Query(t.Context(), path, sql, nil, 2, core.Options{})
	if err != nil || len(r.Values) != 1 {
		t.Fatalf("%s: %v, %v", sql, r.Values, err)
	}
	var values []string
	for _, v := range r.Values[0] {
		if v == nil {
			v = ""
		}
		values = append(values, fmt.Sprint(v))
	}
	return strings.Join(values, "|")
}

func TestDrift(t *testing.T) {
	fsys := fstest.MapFS{
		"0001-a.sql":       {Data: []byte("CREATE TABLE a(x); CREATE TABLE c(x); CREATE VIEW v AS SELECT 1;")},
		"0002-b.sql":       {Data: []byte("ALTER TABLE a ADD COLUMN y; DROP TABLE c;")},
		"0003-i.sql":       {Data: []byte("CREATE INDEX i ON a(x)")},
		"0004-pending.sql": {Data: []byte("CREATE TABLE d(x)")},
	}
	path := newDB(t)
	byHand(t, path, "PRAGMA journal_mode = WAL")
	if r, err := drift.Find(t.Context(), path, fsys, core.Options{}); err != nil || len(r.Differences) != 0 {
		t.Fatalf("at version 0: %v, %v", r, err)
	}
	migrate(t, path, fsys, core.Options{To: 3})
	byHand(t, path, "ALTER TABLE a ADD COLUMN z; DROP INDEX i; CREATE TABLE c(x); CREATE INDEX j ON a(z)")
	want := []schema.Difference{
		{Type: "table", Name: "a", Database: "CREATE TABLE a(x, y, z)", Migrations: "CREATE TABLE a(x, y)", Changed: "0002-b.sql"},
		{Type: "table", Name: "c", Database: "CREATE TABLE c(x)", Changed: "0002-b.sql"},
		{Type: "index", Name: "j", Database: "CREATE INDEX j ON a(z)"},
		{Type: "index", Name: "i", Migrations: "CREATE INDEX i ON a(x)", Changed: "0003-i.sql"},
	}
	if r, err := drift.Find(t.Context(), path, fsys, core.Options{}); err != nil || r.Version != 3 || !reflect.DeepEqual(r.Differences, want) {
		t.Errorf("Drift() = %v, %v", r, err)
	}
	for name, o := range map[string]core.Options{
		"ahead":   {},
		"missing": {AllowMissing: true},
	} {
		if _, err := drift.Find(t.Context(), path, fstest.MapFS{"0001-a.sql": {}}, o); !errors.Is(err, fault.ErrAhead) && !errors.Is(err, fault.ErrMissing) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFixDrift: the migration makes a database of the migrations what this one
// is, and changes no row of this one.
func TestFixDrift(t *testing.T) {
	for _, tt := range []struct {
		name, migration, byHand string
		rows                    string // by which both are looked at
		here, there             string
	}{
		{"column added", "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a); INSERT INTO t VALUES (4, 'x');",
			"ALTER TABLE t ADD COLUMN b NOT NULL DEFAULT 2; UPDATE t SET b = 7", "SELECT id, a, b, (SELECT seq FROM sqlite_sequence) FROM t", "4|x|7|4", "4|x|2|4"},
		{"column removed", "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2);",
			"ALTER TABLE t DROP COLUMN b", "SELECT rowid, * FROM t", "1|1", "1|1"},
		{"generated column", "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2);",
			"ALTER TABLE t ADD COLUMN c AS (a + b); CREATE INDEX i ON t(c)", "SELECT * FROM t", "1|2|3", "1|2|3"},
		{"without rowid", "CREATE TABLE t(a, b, PRIMARY KEY (b, a)) WITHOUT ROWID; INSERT INTO t VALUES (1, 2);",
			"ALTER TABLE t ADD COLUMN c DEFAULT 'x y'; UPDATE t SET c = 'z'", "SELECT * FROM t", "1|2|z", "1|2|x y"},
		{"names", "CREATE TABLE \"order \"\"\n--\"(\"select\"); INSERT INTO \"order \"\"\n--\" VALUES (1);",
			"ALTER TABLE \"order \"\"\n--\" ADD COLUMN \"a \"\"\n--\" TEXT DEFAULT 'it''s'; UPDATE \"order \"\"\n--\" SET \"a \"\"\n--\" = 'here'", "SELECT * FROM \"order \"\"\n--\"", "1|here", "1|it's"},
		{"children", `CREATE TABLE t(id INTEGER PRIMARY KEY, up REFERENCES t ON DELETE CASCADE); CREATE TABLE child(t NOT NULL REFERENCES t ON DELETE CASCADE);
			INSERT INTO t VALUES (1, NULL), (2, 1); INSERT INTO child VALUES (2);`,
			"ALTER TABLE t ADD COLUMN b", "SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM child)", "2|1", "2|1"},
		{"view and what is about it", `CREATE TABLE t(a); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT * FROM v; INSERT INTO t VALUES (1);
			CREATE TRIGGER into_v INSTEAD OF INSERT ON v BEGIN INSERT INTO t(a) VALUES (new.a); END;`,
			"DROP VIEW v; ALTER TABLE t ADD COLUMN b; CREATE VIEW v AS SELECT a, b FROM t; CREATE TRIGGER into_v INSTEAD OF INSERT ON v BEGIN INSERT INTO t(a) SELECT new.a;END",
			"SELECT * FROM w", "1|", "1|"},
		{"view whose trigger is the same", `CREATE TABLE t(a); CREATE VIEW v AS SELECT a FROM t; CREATE TRIGGER into_v INSTEAD OF INSERT ON v BEGIN SELECT 1; END;`,
			"DROP VIEW v; CREATE VIEW v AS SELECT a AS b FROM t; CREATE TRIGGER into_v INSTEAD OF INSERT ON v BEGIN SELECT 1;END", "SELECT count(*) FROM v", "0", "0"},
		{"full text", "CREATE TABLE t(a);", "CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES ('hello')", "SELECT count(*) FROM f('hello')", "1", "0"},
		{"all sorts", "CREATE TABLE gone(a); CREATE TABLE t(a); CREATE INDEX i ON t(a); CREATE INDEX j ON t(a); CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END;",
			"DROP TABLE gone; DROP INDEX i; CREATE UNIQUE INDEX i ON t(a); DROP INDEX j; DROP TRIGGER tr; CREATE TABLE \"new\"(x); INSERT INTO \"new\" VALUES (1)",
			`SELECT count(*) FROM "new"`, "1", "0"},
		{"other case", "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2);", "ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME TO T; ALTER TABLE T RENAME COLUMN b TO B; ALTER TABLE T ADD COLUMN c",
			"SELECT * FROM t", "1|2|", "1|2|"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := directory(t, tt.migration)
			here, there := newDB(t), newDB(t)
			byHand(t, here, "PRAGMA journal_mode = WAL")
			for _, path := range []string{here, there} {
				migrate(t, path, os.DirFS(dir), core.Options{})
			}
			byHand(t, here, tt.byHand)
			before, err := os.ReadFile(here)
			if err != nil {
				t.Fatal(err)
			}
			r, err := drift.Fix(t.Context(), here, dir, core.Options{})
			if err != nil || r.File != filepath.Join(dir, "0002-drift.sql") {
				t.Fatalf("%v, %v", r, err)
			}
			if after, err := os.ReadFile(here); err != nil || string(after) != string(before) {
				t.Errorf("the database is another: %v", err)
			}
			text, _ := os.ReadFile(r.File)
			for path, want := range map[string]string{here: tt.here, there: tt.there} {
				migrate(t, path, os.DirFS(dir), core.Options{})
				if got := row(t, path, tt.rows); got != want {
					t.Errorf("%s gives %q, want %q, after\n%s", tt.rows, got, want, text)
				}
				if r, err := drift.Fix(t.Context(), path, dir, core.Options{}); err != nil || len(r.Differences) != 0 || r.File != "" {
					t.Errorf("%v, %v after\n%s", r, err, text)
				}
			}
		})
	}
}

// TestFixDriftRefuses what it cannot prove, and writes nothing.
func TestFixDriftRefuses(t *testing.T) {
	for _, tt := range []struct{ name, migration, byHand, says string }{
		{"rows without a value", "CREATE TABLE t(a); INSERT INTO t VALUES (1);", "DELETE FROM t; DROP TABLE t; CREATE TABLE t(a, b NOT NULL)", "NOT NULL"},
		{"no way to find a row", "CREATE TABLE t(a PRIMARY KEY) WITHOUT ROWID;", "DROP TABLE t; CREATE TABLE t(a, b)", "cannot find its rows again"},
		{"virtual table", "CREATE VIRTUAL TABLE f USING fts5(a);", "DROP TABLE f; CREATE VIRTUAL TABLE f USING fts5(a, b)", "virtual"},
		{"function", "CREATE TABLE t(a);", "DROP TABLE t; CREATE TABLE t(a, b, CHECK (t.a > 0))", "no such column: t.a"},
		{"table for a view", "CREATE TABLE t(a);", "DROP TABLE t; CREATE VIEW t AS SELECT 1 AS a", "DROP VIEW"},
		{"affinity", "CREATE TABLE t(a TEXT);", "INSERT INTO t VALUES ('007'); PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = 'CREATE TABLE t(a INT)' WHERE name = 't'", "rows of the table t"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, path := directory(t, tt.migration), newDB(t)
			migrate(t, path, os.DirFS(dir), core.Options{})
			byHand(t, path, tt.byHand)
			r, err := drift.Fix(t.Context(), path, dir, core.Options{})
			if !errors.Is(err, fault.ErrRefused) || !strings.Contains(err.Error(), tt.says) || r.File != "" {
				t.Errorf("%v, %v", r, err)
			}
			if list, _ := os.ReadDir(dir); len(list) != 1 {
				t.Errorf("%v", list)
			}
		})
	}
}
