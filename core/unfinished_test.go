package core_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/author"
	"fastmigrate/core/data"
	"fastmigrate/core/drift"
	"fastmigrate/core/fault"
	"fastmigrate/core/repair"
	"fastmigrate/core/runner"
)

// lost migrates a database to version 2 and gives it the -journal back that the last
// transaction removed, as after a loss of power in which the directory was not
// written: SQLite undoes what the run said was done.
func lost(t *testing.T, dir string) string {
	t.Helper()
	path := newDB(t, false)
	keep := path + ".keep"
	o := core.Options{Runners: map[string]runner.Runner{"star": func(_ context.Context, _ core.Migration, _ []byte, tx *runner.Tx) error {
		_, err := tx.Exec("CREATE TABLE b(x)")
		return errors.Join(err, os.Link(path+"-journal", keep))
	}}}
	if r := migrate(t, path, os.DirFS(dir), o); r.To != 2 {
		t.Fatalf("to %d", r.To)
	}
	if err := os.Rename(keep, path+"-journal"); err != nil {
		t.Fatal(err)
	}
	return path
}

// fileState is what is in each file of a directory, and when it was written.
func fileState(t testing.TB, dir string) string {
	t.Helper()
	var b strings.Builder
	for _, name := range names(t, dir) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		info, e := os.Stat(filepath.Join(dir, name))
		if err = errors.Join(err, e); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, name, info.ModTime(), string(text))
	}
	return b.String()
}

// TestUnlinkLost: whatever may write brings the database back to a version whose
// schema it has, and goes on; what only reads says what there is, and changes nothing.
func TestUnlinkLost(t *testing.T) {
	pairs := []string{"0001-a.sql", "CREATE TABLE a(x)", "0002-b.star", ""}
	none := core.Options{}
	for name, do := range map[string]func(path, dir string) error{
		"create": func(path, _ string) error {
			v, created, err := core.CreateDB(t.Context(), path, none)
			if v != 1 || created {
				err = errors.Join(err, fmt.Errorf("version %d, created %v", v, created))
			}
			return err
		},
		"accept": func(path, dir string) error {
			if err := os.WriteFile(filepath.Join(dir, "0001-a.sql"), []byte("CREATE TABLE a(x) -- edited"), 0o600); err != nil {
				return err
			}
			e, err := repair.FindEdit(t.Context(), path, os.DirFS(dir), 1, none)
			return errors.Join(err, repair.Accept(t.Context(), path, e, none))
		},
		"renumber": func(path, dir string) error {
			_, err := author.Renumber(t.Context(), path, dir, none)
			return err
		},
		"fix": func(path, dir string) error {
			if err := os.Remove(filepath.Join(dir, "0002-b.star")); err != nil {
				return err
			}
			_, err := drift.Fix(t.Context(), path, dir, none)
			return err
		},
		"backup": func(path, _ string) error { _, err := core.BackupDB(t.Context(), path, none); return err },
		"execute": func(path, _ string) error {
			_, err := data.Execute(t.Context(), path, "SELECT 1", nil, none)
			return err
		},
		"restore": func(path, _ string) error {
			_, err := core.RestoreDB(t.Context(), newDB(t, false), path, none)
			return errors.Join(err, data.Transact(t.Context(), path, func(tx *runner.Tx) error {
				_, err := tx.Exec("CREATE TABLE a(x)")
				return err
			}, none))
		},
	} {
		dir := directory(t, pairs...)
		path := lost(t, dir)
		if err := do(path, dir); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := query(t, path, "SELECT count(*) FROM sqlite_master WHERE name IN ('a', 'b')"); got != "1" {
			t.Errorf("%s: %s tables", name, got)
		}
		if _, err := os.Stat(path + "-journal"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the journal stays: %v", name, err)
		}
	}

	dir := directory(t, pairs...)
	path := lost(t, dir)
	before := fileState(t, filepath.Dir(path))
	for name, do := range map[string]func() error{
		"version":  func() error { _, err := core.Version(t.Context(), path, none); return err },
		"status":   func() error { _, err := core.Status(t.Context(), path, os.DirFS(dir), none); return err },
		"drift":    func() error { _, err := drift.Find(t.Context(), path, os.DirFS(dir), none); return err },
		"schema":   func() error { _, err := core.Schema(t.Context(), path, none); return err },
		"query":    func() error { _, err := data.Query(t.Context(), path, "SELECT 1", nil, 0, none); return err },
		"renumber": func() error { _, err := author.PlanRenumber(t.Context(), path, dir, none); return err },
	} {
		if err := do(); !errors.Is(err, fault.ErrUnfinished) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if now := fileState(t, filepath.Dir(path)); now != before {
		t.Errorf("%s\nbecame\n%s", before, now)
	}
}

// TestCommitsAreDurable: what a script commits is durable in each schema, attached ones
// too, unless the script says otherwise, and then until its end.
func TestCommitsAreDurable(t *testing.T) {
	path := newDB(t, false)
	query(t, path, "CREATE TABLE s(main, other, third)")
	other, third := filepath.Join(t.TempDir(), "other.db"), filepath.Join(t.TempDir(), "third.db")
	now := "INSERT INTO s SELECT m.synchronous, o.synchronous, t.synchronous FROM pragma_synchronous('main') m, pragma_synchronous('o.t') o, pragma_synchronous('third') t;\n"
	attach := func(path, name string) string { return fmt.Sprintf("ATTACH '%s' AS \"%s\";\n", path, name) }
	dir := directory(t,
		"0001-none.sql", "INSERT INTO s(main) SELECT synchronous FROM pragma_synchronous;",
		"0002-own.sql", "PRAGMA synchronous = NORMAL; INSERT INTO s(main) SELECT synchronous FROM pragma_synchronous;",
		"0003-after.sql", "INSERT INTO s(main) SELECT synchronous FROM pragma_synchronous;",
		"0004-steps.sql", attach(other, "o.t")+attach(third, "third")+now,
		"0005-attached.sql", attach(other, "o.t")+"PRAGMA \"o.t\".synchronous = OFF;\nPRAGMA synchronous = FULL;\n"+attach(third, "third")+now+
			"DETACH \"o.t\";\n"+attach(other, "o.t")+now,
		"0006-again.star", "",
	)
	o := core.Options{Runners: map[string]runner.Runner{"star": func(_ context.Context, _ core.Migration, _ []byte, tx *runner.Tx) error {
		_, err := tx.Exec("INSERT INTO s(main) SELECT synchronous FROM pragma_synchronous")
		return err
	}}}
	migrate(t, path, os.DirFS(dir), o)
	const want = "3||\n1||\n3||\n3|3|3\n2|0|3\n2|3|3\n3||"
	if got := query(t, path, "SELECT * FROM s"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
