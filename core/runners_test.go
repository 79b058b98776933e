package core_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/author"
	"fastmigrate/core/coretest"
	"fastmigrate/core/drift"
	"fastmigrate/core/fault"
	"fastmigrate/core/repair"
	"fastmigrate/core/runner"
)

// runSQL is a Runner for files that hold one statement.
func runSQL(_ context.Context, _ core.Migration, text []byte, tx *runner.Tx) error {
	_, err := tx.Exec(string(text))
	return err
}

// TestRunnerKinds: a file whose extension has a Runner is a migration for all that
// reads a directory. Such files were neither run nor listed nor warned of.
func TestRunnerKinds(t *testing.T) {
	o := core.Options{Runners: map[string]runner.Runner{"js": runSQL, "x": runSQL}}
	list := []string{"0001-a.sql", "CREATE TABLE a(x)", "0002-b.js", "CREATE TABLE b(x)", "0003-c.x", "CREATE TABLE c(x)"}
	dir := directory(t, append(list, "4-d.js", "")...)
	fsys := os.DirFS(dir)
	found, misnamed, err := o.Migrations(fsys)
	if want := []core.Migration{{Version: 1, Name: "0001-a.sql"}, {Version: 2, Name: "0002-b.js"}, {Version: 3, Name: "0003-c.x"}}; err != nil ||
		!reflect.DeepEqual(found, want) || len(misnamed) != 1 || misnamed[0].Rule != "0004-d.js" {
		t.Errorf("Migrations() = %v, %v, %v", found, misnamed, err)
	}
	path := newDB(t, false)
	if r := migrate(t, path, fsys, o); r.To != 3 || len(r.Applied) != 3 {
		t.Errorf("RunMigrations() = %+v", r)
	}
	if got, s := states(t, path, fsys, o); got != "1 applied, 2 applied, 3 applied" || len(s.Problems) > 0 {
		t.Errorf("Status() = %s, %v", got, s.Problems)
	}
	if d, err := drift.Find(t.Context(), path, fsys, o); err != nil || len(d.Differences) > 0 {
		t.Errorf("Drift() = %v, %v", d, err)
	}
	if _, err := repair.FindEdit(t.Context(), path, fsys, 2, o); err == nil || !strings.Contains(err.Error(), "it is unchanged since it was applied") {
		t.Errorf("Edited() = %v", err)
	}
	if list, err := coretest.Run(t.Context(), os.DirFS(directory(t, list...)), coretest.Options{Core: o}); err != nil || len(list) != 3 || list[1].Name != "0002-b.js" || len(list[1].Problems) > 0 {
		t.Errorf("coretest.Run() = %+v, %v", list, err)
	}

	other := newDB(t, false)
	query(t, other, "DROP TABLE _meta")
	for _, table := range []string{"a", "b", "c"} {
		query(t, other, "CREATE TABLE "+table+"(x)")
	}
	if e, err := core.EnrollDB(t.Context(), other, dir, 3, o); err != nil || e.Version != 3 {
		t.Errorf("EnrollDB() = %+v, %v", e, err)
	}
	file, err := author.Rebuild(t.Context(), path, dir, "b", "x, y", o)
	if err != nil || !strings.Contains(file, "0004-") {
		t.Errorf("NewRebuild() = %s, %v", file, err)
	}
	query(t, path, "CREATE TABLE drifted(x)")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if d, err := drift.Fix(t.Context(), path, dir, o); err != nil || !strings.Contains(d.File, "0004-drift.sql") {
		t.Errorf("FixDrift() = %v, %v", d.File, err)
	}

	late := directory(t, list...)
	if err := os.WriteFile(late+"/0002-late.js", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if r, err := author.Renumber(t.Context(), path, late, o); err != nil || len(r) != 1 || r[0].To != "0004-late.js" {
		t.Errorf("Renumber() = %v, %v", r, err)
	}

	// Without its Runner none of it is a migration.
	if found, _, err := core.Migrations(fsys); err != nil || len(found) != 2 { // 0001 and the drift
		t.Errorf("Migrations() = %v, %v", found, err)
	}
}

// TestRunnersRefused: no Runner is skipped because of its name.
func TestRunnersRefused(t *testing.T) {
	for _, name := range []string{".js", "", "a.js", "a/js", "sql", "py", "sh"} {
		path, o := newDB(t, false), core.Options{Runners: map[string]runner.Runner{name: runSQL}}
		if _, err := core.RunMigrations(t.Context(), path, files("0001-a.js", "CREATE TABLE a(x)"), o); err == nil || !strings.Contains(err.Error(), "Options.Runners") {
			t.Errorf("%q: RunMigrations() = %v", name, err)
		}
	}
	path := newDB(t, false)
	_, err := core.RunMigrations(t.Context(), path, files("0001-a.js", ""), core.Options{Runners: map[string]runner.Runner{"js": nil}})
	if !errors.Is(err, fault.ErrRefused) {
		t.Errorf("a nil Runner: RunMigrations() = %v", err)
	}
}

// TestRunnerBackfill: one that was interrupted goes on, whatever the extension.
func TestRunnerBackfill(t *testing.T) {
	o := core.Options{Runners: map[string]runner.Runner{"js": func(_ context.Context, _ core.Migration, _ []byte, tx *runner.Tx) error {
		return tx.Backfill(runner.Backfill{Table: "t", Where: "n = 0", Set: map[string]string{"n": "iif(id = 3 AND stop, abs(-9223372036854775807 - 1), n + 1)"}, Batch: 2})
	}}}
	path := newDB(t, false)
	fsys := files("0001-t.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY, n INT DEFAULT 0, stop INT DEFAULT 1); INSERT INTO t(id) VALUES (1), (2), (3), (4)", "0002-b.js", "")
	_, err := core.RunMigrations(t.Context(), path, fsys, o)
	if e := (*core.Error)(nil); !errors.As(err, &e) || e.Done != 2 || e.Version != 1 {
		t.Fatalf("RunMigrations() = %#v", err)
	}
	query(t, path, "UPDATE t SET stop = 0")
	before := query(t, path, "SELECT cursor FROM _meta_history WHERE version = 2")
	query(t, path, "UPDATE _meta_history SET cursor = NULL WHERE version = 2")
	if _, err := core.RunMigrations(t.Context(), path, fsys, o); !errors.Is(err, fault.ErrRecord) {
		t.Errorf("without its cursor: RunMigrations() = %v", err)
	}
	query(t, path, "UPDATE _meta_history SET cursor = CAST(? AS INTEGER) WHERE version = 2", before)
	migrate(t, path, fsys, o)
	if got := query(t, path, "SELECT group_concat(n) FROM t"); got != "1,1,1,1" {
		t.Errorf("updated %s times", got)
	}
}
