package core_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fastmigrate/core"
)

// TestPythonsDatabase pins what the two tools share: the table that the Python
// package makes, its queries on a database of ours, and ours on one of its.
func TestPythonsDatabase(t *testing.T) {
	const ddl = "CREATE TABLE _meta (\n                            id INTEGER PRIMARY KEY CHECK (id = 1),\n" +
		"                            version INTEGER NOT NULL DEFAULT 0\n                        )"
	ours := newDB(t, false)
	if got := query(t, ours, "SELECT sql FROM sqlite_master"); got != ddl {
		t.Errorf("our table is\n%s\nnot\n%s", got, ddl)
	}
	script := `
import sqlite3, sys
path, step = sys.argv[1:]
conn = sqlite3.connect(path)
if step == "create":
    with conn:
        conn.execute("""
                        CREATE TABLE _meta (
                            id INTEGER PRIMARY KEY CHECK (id = 1),
                            version INTEGER NOT NULL DEFAULT 0
                        )
                        """)
        conn.execute("INSERT INTO _meta (id, version) VALUES (1, 0)")
elif step == "set":
    with conn: conn.execute("INSERT OR REPLACE INTO _meta (id, version) VALUES (1, ?)", (2,))
print(conn.execute("SELECT version FROM _meta WHERE id = 1").fetchone()[0])
`
	python := func(path, step string) string {
		t.Helper()
		out, err := exec.Command("python3", "-c", script, path, step).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	theirs := filepath.Join(t.TempDir(), "theirs.db")
	python(theirs, "create")
	if a, b := query(t, theirs, "SELECT * FROM sqlite_master"), query(t, ours, "SELECT * FROM sqlite_master"); a != b {
		t.Errorf("the databases differ: %s and %s", a, b)
	}
	fsys := files("0001-a.sql", "CREATE TABLE a(x)", "0002-b.sql", "CREATE TABLE b(x)", "0003-c.sql", "CREATE TABLE c(x)")
	for _, path := range []string{ours, theirs} { // by turns: one we apply, one they, one we
		migrate(t, path, fsys, core.Options{To: 1})
		if got := python(path, "get"); got != "1" {
			t.Errorf("Python reads version %s", got)
		}
		query(t, path, "CREATE TABLE b(x)")
		python(path, "set")
		if r := migrate(t, path, fsys, core.Options{}); r.From != 2 || r.To != 3 || len(r.Applied) != 1 {
			t.Errorf("RunMigrations() = %+v", r)
		}
		if got := python(path, "get"); got != "3" {
			t.Errorf("Python reads version %s", got)
		}
	}
}
