package core_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
)

// TestErrorOfEachKind pins the error of each kind that a caller can tell apart.
func TestErrorOfEachKind(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	unversioned := filepath.Join(dir, "unversioned.db")
	write("unversioned.db", "")
	query(t, unversioned, "CREATE TABLE a(x)")
	odd := newDB(t, false)
	query(t, odd, "DELETE FROM _meta")
	damaged := newDB(t, false)
	query(t, damaged, "CREATE TABLE a(x)")
	content, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path string
		want error
	}{
		{filepath.Join(dir, "missing.db"), fs.ErrNotExist},
		{filepath.Join(dir, "missing", "x.db"), fs.ErrNotExist},
		{dir, fault.ErrNotDatabase},
		{write("text.db", strings.Repeat("some text\n", 100)), fault.ErrNotDatabase},
		{write("byte.db", "x"), fault.ErrNotDatabase},
		{os.DevNull, fault.ErrNotDatabase},
		{write("empty.db", ""), fault.ErrUnversioned},
		{unversioned, fault.ErrUnversioned},
		{odd, fault.ErrMeta},
		{write("cut.db", string(content[:4096])), fault.ErrCorrupt},
		{"a\x00b", nil},
		{"", nil},
	} {
		calls := map[string]func() error{
			"Version": func() error { _, err := core.Version(t.Context(), test.path, core.Options{}); return err },
			"RunMigrations": func() error {
				_, err := core.RunMigrations(t.Context(), test.path, files(), core.Options{})
				return err
			},
		}
		for name, call := range calls {
			err := call()
			var e *core.Error
			if !errors.As(err, &e) || e.Path != test.path || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%s(%q) = %v, want %v", name, test.path, err, test.want)
			}
		}
	}
	if list, _ := filepath.Glob(dir + "/missing*"); list != nil {
		t.Errorf("%v was created", list)
	}
}

// TestFailureLeavesNothing runs scripts that fail at their end, in each way that
// SQLite knows, and compares all of the database with what it was.
func TestFailureLeavesNothing(t *testing.T) {
	const good = "CREATE TABLE b(x); INSERT INTO a VALUES (2); DELETE FROM a WHERE x = 1;\n"
	for name, script := range map[string]string{
		"error":                good + "INSERT INTO nope VALUES (1);",
		"own transaction":      "BEGIN; " + good + "INSERT INTO nope VALUES (1); COMMIT;",
		"pragmas around":       "PRAGMA foreign_keys = OFF; BEGIN; " + good + "INSERT INTO nope VALUES (1); COMMIT; PRAGMA foreign_keys = ON;",
		"or rollback":          good + "INSERT INTO a VALUES (3); CREATE UNIQUE INDEX u ON a(x); INSERT OR ROLLBACK INTO a VALUES (3);",
		"raise rollback":       good + "CREATE TRIGGER r BEFORE DELETE ON a BEGIN SELECT RAISE(ROLLBACK, 'no'); END; INSERT INTO a VALUES (9); DELETE FROM a;",
		"deferred foreign key": "PRAGMA foreign_keys = ON; " + good + "CREATE TABLE c(x INTEGER PRIMARY KEY); CREATE TABLE d(x REFERENCES c DEFERRABLE INITIALLY DEFERRED); INSERT INTO d VALUES (7);",
		"check of foreign key": good + "CREATE TABLE c(x INTEGER PRIMARY KEY); CREATE TABLE d(x REFERENCES c); INSERT INTO d VALUES (7);",
		"savepoint":            good + "SAVEPOINT s; INSERT INTO a VALUES (5); RELEASE s; INSERT INTO nope VALUES (1);",
		"syntax":               good + "CREATE TABEL c(x);",
		"unfinished":           good + "CREATE TABLE c(x",
	} {
		for _, wal := range []bool{false, true} {
			path := newDB(t, wal)
			query(t, path, "CREATE TABLE a(x)")
			query(t, path, "INSERT INTO a VALUES (1)")
			state := func() string {
				return query(t, path, "SELECT version FROM _meta") + query(t, path, "SELECT * FROM sqlite_master ORDER BY name") + query(t, path, "SELECT * FROM a")
			}
			before := state()
			_, err := core.RunMigrations(t.Context(), path, files("0001-x.sql", script), core.Options{})
			var e *core.Error
			if !errors.As(err, &e) || e.File != "0001-x.sql" || e.Version != 0 {
				t.Errorf("%s: RunMigrations() = %v", name, err)
			}
			if after := state(); after != before {
				t.Errorf("%s, wal %v: %v left\n%s\nwhere there was\n%s", name, wal, err, after, before)
			}
		}
	}
}

// TestResultBesideError: what was applied before the failure is told.
func TestResultBesideError(t *testing.T) {
	path := newDB(t, false)
	var told []string
	r, err := core.RunMigrations(t.Context(), path, files(
		"0001-a.sql", "CREATE TABLE a(x)",
		"0002-b.sql", "INSERT INTO a VALUES (1), (2)",
		"0003-c.sql", "INSERT INTO b VALUES (1)",
		"0004-d.sql", "CREATE TABLE d(x)",
	), core.Options{OnApplied: func(a core.Applied) { told = append(told, a.Name) }})
	var e *core.Error
	if !errors.As(err, &e) || e.File != "0003-c.sql" || e.Line != 1 || e.Column != 13 || e.Version != 2 {
		t.Fatalf("RunMigrations() = %#v", err)
	}
	if r.From != 0 || r.To != 2 || len(r.Applied) != 2 || r.Applied[1].Rows != 2 || r.Applied[1].Statements != 1 {
		t.Errorf("RunMigrations() = %+v", r)
	}
	if got := strings.Join(told, " "); got != "0001-a.sql 0002-b.sql" {
		t.Errorf("OnApplied was told of %s", got)
	}
	if v, err := core.Version(t.Context(), path, core.Options{}); v != 2 || err != nil {
		t.Errorf("Version() = %d, %v", v, err)
	}
}

// TestCancel: a context that is done ends a long statement at once, and nothing
// of it is left.
func TestCancel(t *testing.T) {
	for name, script := range map[string]string{
		"read":  "SELECT count(*) FROM (WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 1000000000) SELECT n FROM r)",
		"write": "CREATE TABLE a(x); INSERT INTO a WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 1000000000) SELECT n FROM r",
	} {
		path := newDB(t, false)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := core.RunMigrations(ctx, path, files("0001-x.sql", script), core.Options{})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: RunMigrations() = %v", name, err)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s: took %v", name, d)
		}
		if got := query(t, path, "SELECT version, (SELECT count(*) FROM sqlite_master WHERE name = 'a') FROM _meta"); got != "0|0" {
			t.Errorf("%s: left %s", name, got)
		}
	}
}

// TestCancelWait: a wait for a lock ends with the context too.
func TestCancelWait(t *testing.T) {
	path := newDB(t, false)
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := core.RunMigrations(ctx, path, files("0001-x.sql", "CREATE TABLE a(x)"), core.Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("RunMigrations() = %v", err)
	}
	if _, err := core.RunMigrations(t.Context(), path, files("0001-x.sql", "CREATE TABLE a(x)"), core.Options{LockTimeout: -1}); !errors.Is(err, fault.ErrBusy) {
		t.Errorf("RunMigrations() = %v", err)
	}
}

// TestConcurrent: many at once in one process and on one database, each
// migration is applied by one of them.
func TestConcurrent(t *testing.T) {
	const runners, migrations = 8, 20
	for _, wal := range []bool{false, true} {
		path := newDB(t, wal)
		pairs := []string{"0001-log.sql", "CREATE TABLE log(m)"}
		for i := 2; i <= migrations; i++ {
			text := fmt.Sprintf("INSERT INTO log VALUES (%d)", i)
			if i%5 == 0 {
				text += "; VACUUM; INSERT INTO log VALUES (-" + fmt.Sprint(i) + ")"
			}
			pairs = append(pairs, fmt.Sprintf("%04d-m.sql", i), text)
		}
		fsys := files(pairs...)
		results := make(chan core.Result)
		for range runners {
			go func() {
				r, err := core.RunMigrations(t.Context(), path, fsys, core.Options{})
				if err != nil {
					t.Error(err)
				}
				results <- r
			}()
		}
		applied := 0
		for range runners {
			r := <-results
			applied += len(r.Applied)
			if r.To != migrations {
				t.Errorf("a runner ended at %d", r.To)
			}
		}
		if applied < migrations-4 || applied > migrations+4*runners { // a script in steps may be shared
			t.Errorf("%d were applied", applied)
		}
		if got := query(t, path, "SELECT count(*), count(DISTINCT m) FROM log"); got != "23|23" {
			t.Errorf("the log holds %s rows", got)
		}
	}
}
