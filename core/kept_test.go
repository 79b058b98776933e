package core_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/finding"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/session"
	"fastmigrate/core/internal/sqlite"
)

// state is all that a database holds, but for the times of its history.
func state(t *testing.T, path string) string {
	t.Helper()
	var all []string
	for _, sql := range []string{
		"SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master ORDER BY rowid",
		"SELECT version, file, sha256, state, position, rows, previous, hex(text) FROM _meta_history",
		"SELECT * FROM _meta", "SELECT * FROM seen",
	} {
		all = append(all, query(t, path, sql))
	}
	return strings.Join(all, "\n")
}

// TestEachMigrationFindsANewConnection: whatever a migration did, the next finds what it would
// find if another process ran it.
func TestEachMigrationFindsANewConnection(t *testing.T) {
	before := []string{
		"", "INSERT INTO seen VALUES ('a', 1), ('b', 2)", "UPDATE seen SET b = 3", "DELETE FROM seen", "REPLACE INTO keyed VALUES (1), (2)",
		"CREATE TABLE n (x); INSERT INTO n VALUES (7)", "DROP TABLE keyed", "CREATE INDEX i ON seen (b)", "CREATE VIEW v AS SELECT 1", "DROP VIEW old",
		"CREATE TRIGGER g AFTER INSERT ON keyed BEGIN INSERT INTO seen VALUES ('by trigger', new.k); END; INSERT INTO keyed VALUES (9)", "DROP TRIGGER t",
		"ALTER TABLE keyed RENAME TO other", "ALTER TABLE seen ADD COLUMN c DEFAULT 5", "ALTER TABLE keyed RENAME COLUMN k TO l", "ALTER TABLE seen ADD COLUMN c; ALTER TABLE seen DROP COLUMN c",
		"SAVEPOINT s; INSERT INTO seen VALUES (1, 1); ROLLBACK TO s; RELEASE s", "BEGIN; INSERT INTO seen VALUES (1, 1); COMMIT", "EXPLAIN SELECT 1",
		"ANALYZE", "INSERT INTO sqlite_stat1 VALUES ('keyed', NULL, '777')", "REINDEX", "VACUUM", "SELECT random(), changes(), last_insert_rowid()",
		"CREATE TEMP TABLE n (x)", "CREATE TEMP VIEW n AS SELECT 1", "CREATE VIRTUAL TABLE n USING fts5 (x); INSERT INTO n VALUES ('a')", "INSERT INTO found (found) VALUES ('rebuild')",
		"PRAGMA foreign_keys = ON", "PRAGMA case_sensitive_like = ON", "PRAGMA recursive_triggers = ON; INSERT INTO seen VALUES (1, 1)", "PRAGMA user_version = 7", "PRAGMA defer_foreign_keys = ON",
		"CREATE TABLE child (p REFERENCES parent); INSERT INTO child VALUES (1)", "DROP TABLE child2", "DROP TABLE parent; CREATE TABLE parent (id INTEGER PRIMARY KEY); INSERT INTO parent VALUES (1)",
		"INSERT INTO auto (x) VALUES (1)", "WITH RECURSIVE r (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r WHERE n < 3) INSERT INTO keyed SELECT n + 50 FROM r",
	}
	after := []string{
		"INSERT INTO seen VALUES ('rowid', last_insert_rowid())", "INSERT INTO seen VALUES ('changes', changes())", "INSERT INTO seen VALUES ('total', TOTAL_CHANGES())",
		"INSERT INTO seen SELECT 'temp', count(*) FROM temp.sqlite_schema", "INSERT INTO seen SELECT 'like', 'a' LIKE 'A'", "INSERT INTO seen SELECT 'keys', foreign_keys FROM pragma_foreign_keys",
		"INSERT INTO seen SELECT 'files', count(*) FROM pragma_database_list", "CREATE TABLE last (x); INSERT INTO last VALUES (1); INSERT INTO seen VALUES ('after', last_insert_rowid())",
		"DELETE FROM parent", "INSERT INTO child2 VALUES (5)", "DROP TABLE parent", "ALTER TABLE parent RENAME TO p2",
	}
	dir := t.TempDir()
	setup := `CREATE TABLE seen (a, b); CREATE TABLE keyed (k INTEGER PRIMARY KEY); INSERT INTO keyed VALUES (1), (42); CREATE VIEW old AS SELECT 1;
		CREATE TABLE auto (id INTEGER PRIMARY KEY AUTOINCREMENT, x); CREATE TRIGGER t AFTER DELETE ON auto BEGIN SELECT 1; END;
		CREATE TABLE parent (id INTEGER PRIMARY KEY); INSERT INTO parent VALUES (1); CREATE TABLE child2 (p REFERENCES parent); ANALYZE;`
	template := filepath.Join(dir, "template.db")
	for _, some := range []string{"", "CREATE VIRTUAL TABLE found USING fts5 (x)"} {
		os.Remove(template)
		if _, _, err := core.CreateDB(t.Context(), template, core.Options{}); err != nil {
			t.Fatal(err)
		}
		migrate(t, template, files("0001-setup.sql", setup+some), core.Options{})
		text, err := os.ReadFile(template)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		run := func(o core.Options, list ...fs.FS) (string, string) {
			n++
			path := filepath.Join(dir, fmt.Sprintf("%d.db", n))
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			defer os.Remove(path)
			failed := ""
			for _, m := range list {
				if _, err := core.RunMigrations(t.Context(), path, m, o); err != nil {
					failed = strings.ReplaceAll(err.Error(), path, "app.db")
				}
			}
			return state(t, path), failed
		}
		for _, a := range before {
			for _, b := range after {
				if (some != "") != strings.Contains(a, "found") {
					continue
				}
				one := files("0001-setup.sql", setup+some, "0002-first.sql", "SELECT 1", "0003-a.sql", a)
				both := files("0001-setup.sql", setup+some, "0002-first.sql", "SELECT 1", "0003-a.sql", a, "0004-b.sql", b)
				want, wantErr := run(core.Options{}, one, both)
				for _, o := range []core.Options{{}, {Observer: quiet{}}} {
					if got, gotErr := run(o, both); got != want || gotErr != wantErr {
						t.Errorf("%s\nthen %s, observed %v:\n%s %s\nwant\n%s %s", a, b, o.Observer != nil, got, gotErr, want, wantErr)
					}
				}
			}
		}
	}
}

// TestOpensDoNotGrow: plain migrations share a connection, and one that is not plain ends it.
func TestOpensDoNotGrow(t *testing.T) {
	count := func(n int, o core.Options, odd ...string) int64 {
		var pairs []string
		for i := range n {
			pairs = append(pairs, fmt.Sprintf("%04d-x.sql", i+1), fmt.Sprintf("CREATE TABLE t%d (id INTEGER PRIMARY KEY, p REFERENCES t%d); INSERT INTO t%d VALUES (1, 1)", i, i, i))
		}
		for i, sql := range odd {
			pairs = append(pairs, fmt.Sprintf("%04d-odd.sql", n+i+1), sql)
		}
		path, m := newDB(t, false), files(pairs...)
		before := sqlite.Opened()
		migrate(t, path, m, o)
		return sqlite.Opened() - before
	}
	for _, o := range []core.Options{{}, {Observer: quiet{}}} {
		few, many := count(3, o), count(60, o)
		if many != few {
			t.Errorf("observed %v: %d connections for 60 migrations, %d for 3", o.Observer != nil, many, few)
		}
		if one := count(3, o, "PRAGMA user_version = 1", "SELECT 1"); one != few+1 {
			t.Errorf("observed %v: %d connections with a PRAGMA before the last, want %d", o.Observer != nil, one, few+1)
		}
	}
}

// quiet is an Observer that does nothing.
type quiet struct{}

func (quiet) Run(context.Context, file.Target) (func(), error)               { return func() {}, nil }
func (quiet) Continue(context.Context, file.Target) error                    { return nil }
func (quiet) Applied(context.Context, file.Target, apply.Done) error         { return nil }
func (quiet) Script(*sqlite.Conn, file.Target, *plan.Script) session.Witness { return quiet{} }
func (quiet) Begin(int)                                                      {}
func (quiet) Found(finding.Finding)                                          {}
func (quiet) Attached(string, string) error                                  { return nil }
func (quiet) Touch(string, string, int)                                      {}
func (quiet) Row(int, string, string)                                        {}
func (quiet) After()                                                         {}
func (quiet) BeforeCommit() error                                            { return nil }
func (quiet) End() error                                                     { return nil }

// TestKeptConnectionSeesOthers: what another process does between two migrations is seen, also
// if it puts another file in the place of the database.
func TestKeptConnectionSeesOthers(t *testing.T) {
	for name, between := range map[string]struct {
		do   func(t *testing.T, path string)
		want string
	}{
		"rows":        {func(t *testing.T, path string) { query(t, path, "INSERT INTO a VALUES ('theirs')") }, "theirs"},
		"a table":     {func(t *testing.T, path string) { query(t, path, "CREATE TABLE b (x)") }, "already exists"},
		"the version": {func(t *testing.T, path string) { query(t, path, "UPDATE _meta SET version = 2") }, ""},
		"a trigger": {func(t *testing.T, path string) {
			query(t, path, "CREATE TRIGGER t AFTER UPDATE ON _meta BEGIN UPDATE _meta SET version = 0; END")
		}, "trigger t on _meta"},
		"another file": {func(t *testing.T, path string) {
			c, err := sqlite.Open(t.Context(), path+".new", sqlite.ReadWrite|sqlite.Create, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, sql := range []string{"ATTACH '" + path + "' AS old", "CREATE TABLE _meta (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL DEFAULT 0)", "INSERT INTO _meta VALUES (1, 1)", "CREATE TABLE a (x)", "INSERT INTO a VALUES ('new')"} {
				if err := c.Exec(sql); err != nil {
					t.Fatal(err)
				}
			}
			c.Close()
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		}, "new"},
	} {
		path := newDB(t, false)
		o := core.Options{OnApplied: func(a core.Applied) {
			if a.Version == 1 {
				between.do(t, path)
			}
		}}
		_, err := core.RunMigrations(t.Context(), path, files("0001-a.sql", "CREATE TABLE a (x)", "0002-b.sql", "CREATE TABLE b AS SELECT * FROM a"), o)
		got := fmt.Sprint(err)
		if err == nil && name != "the version" {
			got = query(t, path, "SELECT * FROM b")
		}
		if name == "the version" && (err != nil || query(t, path, "SELECT count(*) FROM sqlite_master WHERE name = 'b'") != "0") || !strings.Contains(got, between.want) {
			t.Errorf("%s: %s, want %s", name, got, between.want)
		}
	}
}

// TestKeptConnectionsOfSeveral: several runs at once apply each migration once.
func TestKeptConnectionsOfSeveral(t *testing.T) {
	for _, wal := range []bool{false, true} {
		var pairs []string
		for i := range 40 {
			pairs = append(pairs, fmt.Sprintf("%04d-x.sql", i+1), fmt.Sprintf("CREATE TABLE IF NOT EXISTS a (n); INSERT INTO a VALUES (%d)", i+1))
		}
		path, m := newDB(t, wal), files(pairs...)
		var all sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			all.Go(func() { _, errs[i] = core.RunMigrations(t.Context(), path, m, core.Options{}) })
		}
		all.Wait()
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		if got := query(t, path, "SELECT count(*), count(DISTINCT n), max(n), (SELECT version FROM _meta), (SELECT count(*) FROM _meta_history) FROM a"); got != "40|40|40|40|40" {
			t.Errorf("WAL %v: %s", wal, got)
		}
	}
}
