package core_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/repair"
)

// states is how every migration stands, in one line.
func states(t testing.TB, path string, fsys fs.FS, o core.Options) (string, core.DatabaseStatus) {
	t.Helper()
	s, err := core.Status(t.Context(), path, fsys, o)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, m := range s.Migrations {
		list = append(list, fmt.Sprintf("%d %s", m.Version, m.State))
	}
	return strings.Join(list, ", "), s
}

// python has another tool apply a version, which knows no history.
func python(t testing.TB, path string, version int) {
	query(t, path, fmt.Sprintf("UPDATE _meta SET version = %d", version))
}

// old makes the history one that an earlier version of this package made.
func old(t testing.TB, path string) {
	query(t, path, "ALTER TABLE _meta_history DROP COLUMN previous")
	query(t, path, "ALTER TABLE _meta_history DROP COLUMN text")
}

// numbered makes migrations that each add a row.
func numberedFiles(versions ...int) fs.FS {
	var pairs []string
	for _, v := range versions {
		pairs = append(pairs, fmt.Sprintf("%04d-x.sql", v), fmt.Sprintf("CREATE TABLE t%d(x); INSERT INTO t%[1]d VALUES (%[1]d);", v))
	}
	return files(pairs...)
}

// TestStatusProves: only what the history proves is out of order, missing or
// edited, whoever migrated the database in which order.
func TestStatusProves(t *testing.T) {
	ours := func(versions ...int) func(testing.TB, string) {
		return func(t testing.TB, path string) { migrate(t, path, numberedFiles(versions...), core.Options{}) }
	}
	do := func(steps ...func(testing.TB, string)) []func(testing.TB, string) { return steps }
	other := func(version int) func(testing.TB, string) {
		return func(t testing.TB, path string) { python(t, path, version) }
	}
	for _, tt := range []struct {
		name  string
		do    []func(testing.TB, string)
		files fs.FS
		want  string
		is    error
	}{
		{"nothing was done", nil, numberedFiles(1, 2), "1 pending, 2 pending", nil},
		{"up to date", do(ours(1, 2)), numberedFiles(1, 2), "1 applied, 2 applied", nil},
		{"one is late", do(ours(1, 3)), numberedFiles(1, 2, 3, 4), "1 applied, 2 out-of-order, 3 applied, 4 pending", fault.ErrOutOfOrder},
		{"late below the first", do(ours(5)), numberedFiles(4, 5), "4 out-of-order, 5 applied", fault.ErrOutOfOrder},
		{"the other tool made all", do(other(3)), numberedFiles(1, 2, 3, 4), "1 unrecorded, 2 unrecorded, 3 unrecorded, 4 pending", nil},
		{"the other tool began", do(other(3), ours(1, 2, 3, 4)), numberedFiles(1, 2, 3, 4), "1 unrecorded, 2 unrecorded, 3 unrecorded, 4 applied", nil},
		{"the other tool between", do(ours(1), other(3), ours(1, 2, 3, 4)), numberedFiles(1, 2, 3, 4), "1 applied, 2 unrecorded, 3 unrecorded, 4 applied", nil},
		{"the other tool last", do(ours(1), other(3)), numberedFiles(1, 2, 3), "1 applied, 2 unrecorded, 3 unrecorded", nil},
		{"late after the other tool", do(other(2), ours(2, 4)), numberedFiles(2, 3, 4), "2 unrecorded, 3 out-of-order, 4 applied", fault.ErrOutOfOrder},
		{"the other tool is ahead", do(ours(1), other(3)), numberedFiles(1), "1 applied", fault.ErrAhead},
		{"without files", do(ours(1)), numberedFiles(), "1 missing", fault.ErrAhead},
		{"one is gone", do(ours(1, 2, 3)), numberedFiles(1, 3), "1 applied, 2 missing, 3 applied", fault.ErrMissing},
		{"its file is gone, which the other tool applied", do(ours(1), other(2), ours(1, 3)), numberedFiles(1, 3), "1 applied, 3 applied", nil},
		{"taken back by hand", do(ours(1, 2), other(1)), numberedFiles(1, 2), "1 applied, 2 pending", nil},
		{"taken back, and one put between", do(ours(1, 3), other(1)), numberedFiles(1, 2, 3), "1 applied, 2 pending, 3 pending", nil},
		{"runs without a history", do(ours(1), func(t testing.TB, path string) {
			migrate(t, path, numberedFiles(1, 2, 3), core.Options{NoHistory: true})
		}, ours(1, 2, 3, 4)), numberedFiles(1, 2, 3, 4), "1 applied, 2 unrecorded, 3 unrecorded, 4 applied", nil},
		{"history of an earlier version", do(ours(1, 3), old), numberedFiles(1, 2, 3), "1 applied, 2 unrecorded, 3 applied", nil},
		{"history of an earlier version, gone on with", do(ours(1, 3), old, ours(1, 3, 5)), numberedFiles(1, 2, 3, 4, 5),
			"1 applied, 2 unrecorded, 3 applied, 4 out-of-order, 5 applied", fault.ErrOutOfOrder},
		{"history of an earlier version, edited", do(ours(1, 2), old), files("0001-x.sql", "SELECT 1", "0002-x.sql", "SELECT 2"), "1 edited, 2 edited", fault.ErrEdited},
		{"no history any more", do(ours(1, 2), func(t testing.TB, path string) { query(t, path, "DROP TABLE _meta_history") }),
			numberedFiles(1, 2, 3), "1 unrecorded, 2 unrecorded, 3 pending", nil},
		{"enrolled", do(func(t testing.TB, path string) {
			query(t, path, "DROP TABLE _meta")
			dir := t.TempDir()
			if err := os.CopyFS(dir, numberedFiles(1, 3)); err != nil {
				t.Fatal(err)
			}
			if _, err := core.EnrollDB(t.Context(), path, dir, 3, core.Options{NoReplay: true}); err != nil {
				t.Fatal(err)
			}
		}), numberedFiles(1, 2, 3, 4), "1 unrecorded, 2 unrecorded, 3 applied, 4 pending", nil},
		{"resolved, after the other tool", do(ours(1), func(t testing.TB, path string) {
			query(t, path, "INSERT INTO _meta_history (version, file, sha256, state, position, started, previous) VALUES (3, '0003-x.sql', 'of a part', 'failed', 7, '', 1)")
		}, other(2), func(t testing.TB, path string) {
			if _, err := repair.Resolve(t.Context(), path, repair.Completed, core.Options{}); err != nil {
				t.Fatal(err)
			}
		}), numberedFiles(1, 2, 3, 4), "1 applied, 2 unrecorded, 3 applied, 4 pending", nil},
		{"another table of that name", do(other(1), func(t testing.TB, path string) { query(t, path, "CREATE TABLE _meta_history(mine)") }),
			numberedFiles(1, 2), "1 unrecorded, 2 pending", nil},
		{"the other tool finished what was interrupted", do(ours(1), func(t testing.TB, path string) {
			query(t, path, "INSERT INTO _meta_history (version, file, sha256, state, started) VALUES (2, '0002-x.sql', '', 'failed', '')")
		}, other(2)), numberedFiles(1, 2), "1 applied, 2 unrecorded", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := newDB(t, false)
			for _, step := range tt.do {
				step(t, path)
			}
			got, s := states(t, path, tt.files, core.Options{})
			if got != tt.want {
				t.Errorf("Status() = %s, want %s", got, tt.want)
			}
			if tt.is == nil && len(s.Problems) > 0 || tt.is != nil && !errors.Is(errors.Join(s.Problems...), tt.is) {
				t.Errorf("Problems are %v, want %v", s.Problems, tt.is)
			}
			before := query(t, path, "SELECT version FROM _meta")
			if strings.Contains(got, "pending") || !errors.Is(tt.is, fault.ErrEdited) { // which is only asked then
				_, err := core.RunMigrations(t.Context(), path, tt.files, core.Options{})
				if tt.is == nil && err != nil && !strings.Contains(err.Error(), "already exists") || tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("RunMigrations() = %v, want %v", err, tt.is)
				}
				if now := query(t, path, "SELECT version FROM _meta"); tt.is != nil && now != before {
					t.Errorf("refused, and is at %s", now)
				}
			}
		})
	}
}

// TestEditedNormal: what an editor or git changes by itself is no edit.
func TestEditedNormal(t *testing.T) {
	for _, tt := range []struct{ applied, now, want string }{
		{"SELECT 1;\nSELECT 2;\n", "SELECT 1;\r\nSELECT 2;\r\n", "applied"},
		{"SELECT 1;\r\nSELECT 2;\r\n", "SELECT 1;\nSELECT 2;", "applied"},
		{"SELECT 1;", "\uFEFFSELECT 1;\n\n \n", "applied"},
		{"\uFEFF", "", "applied"},
		{"SELECT 1;", "SELECT 1; -- edited", "edited"},
		{"SELECT 1;", "SELECT  1;", "edited"},
		{"SELECT 1;\nVACUUM;\r\nSELECT 2;\n", "SELECT 1;\r\nVACUUM;\nSELECT 2;", "applied"},
		{"SELECT 1;\nVACUUM;\nSELECT 2;\n", "SELECT 1;\nVACUUM;\nSELECT 2;\nSELECT 3;", "edited"},
	} {
		path := newDB(t, false)
		migrate(t, path, files("0001-a.sql", tt.applied), core.Options{})
		if got, _ := states(t, path, files("0001-a.sql", tt.now), core.Options{}); got != "1 "+tt.want {
			t.Errorf("%q after %q is %s, want %s", tt.now, tt.applied, got, tt.want)
		}
	}
}

// TestUpToDateReadsNames: at the start of an application that is up to date, no
// file is read.
func TestUpToDateReadsNames(t *testing.T) {
	path := newDB(t, false)
	migrate(t, path, numberedFiles(1, 2), core.Options{})
	dir := directory(t, "0001-x.sql", "", "0002-x.sql", "")
	if _, err := core.RunMigrations(t.Context(), path, namesOnly{os.DirFS(dir)}, core.Options{}); err != nil {
		t.Error(err)
	}
	// But one by another name is, as it may be another's.
	migrate(t, path, files("0001-x.sql", "", "0002-renamed.sql", "CREATE TABLE t2(x); INSERT INTO t2 VALUES (2);"), core.Options{})
	_, err := core.RunMigrations(t.Context(), path, files("0001-x.sql", "", "0002-theirs.sql", ""), core.Options{})
	if !errors.Is(err, fault.ErrEdited) {
		t.Errorf("RunMigrations() = %v, want ErrEdited", err)
	}
}

type namesOnly struct{ fs.FS }

func (n namesOnly) Open(name string) (fs.File, error) {
	if name != "." {
		return nil, errors.New("read " + name)
	}
	return n.FS.Open(name)
}

// TestOutOfOrder: a late migration is applied once, in one transaction with its
// record, and the version stays.
func TestOutOfOrder(t *testing.T) {
	for _, atomic := range []bool{false, true} {
		path := newDB(t, false)
		migrate(t, path, numberedFiles(1, 4), core.Options{})
		o := core.Options{AllowOutOfOrder: true, Atomic: atomic}
		_, err := core.RunMigrations(t.Context(), path, files("0001-x.sql", "CREATE TABLE t1(x); INSERT INTO t1 VALUES (1);",
			"0002-x.sql", "CREATE TABLE t2(x); INSERT INTO nope VALUES (1);", "0004-x.sql", "CREATE TABLE t4(x); INSERT INTO t4 VALUES (4);"), o)
		if err == nil {
			t.Error("a late migration that fails is no failure")
		}
		if got := query(t, path, "SELECT (SELECT version FROM _meta), (SELECT count(*) FROM _meta_history), count(*) FROM sqlite_master WHERE name = 't2'"); got != "4|2|0" {
			t.Errorf("left %s", got)
		}
		r := migrate(t, path, numberedFiles(1, 2, 3, 4, 5), o)
		if len(r.Applied) != 3 || r.Applied[0].Version != 2 || r.From != 4 || r.To != 5 {
			t.Errorf("RunMigrations() = %+v", r)
		}
		if got, _ := states(t, path, numberedFiles(1, 2, 3, 4, 5), core.Options{}); got != "1 applied, 2 applied, 3 applied, 4 applied, 5 applied" {
			t.Errorf("Status() = %s", got)
		}
		migrate(t, path, numberedFiles(1, 2, 3, 4, 5), core.Options{})
	}
	for name, text := range map[string]string{"0002-x.sql": "VACUUM;", "0002-x.sh": "exit 0"} {
		path := newDB(t, false)
		migrate(t, path, numberedFiles(1, 3), core.Options{})
		fsys := files("0001-x.sql", "CREATE TABLE t1(x); INSERT INTO t1 VALUES (1);", name, text, "0003-x.sql", "CREATE TABLE t3(x); INSERT INTO t3 VALUES (3);")
		if _, err := core.RunMigrations(t.Context(), path, fsys, core.Options{AllowOutOfOrder: true}); !errors.Is(err, fault.ErrRefused) {
			t.Errorf("%s: RunMigrations() = %v, want ErrRefused", name, err)
		}
		if _, err := core.RunMigrations(t.Context(), path, fsys, core.Options{AllowOutOfOrder: true, NoHistory: true}); !errors.Is(err, fault.ErrRefused) {
			t.Errorf("%s: RunMigrations() = %v, want ErrRefused", name, err)
		}
	}
}

// TestOutOfOrderAtOnce: of several processes one applies a late migration, which
// does not change the version by which they tell others.
func TestOutOfOrderAtOnce(t *testing.T) {
	for _, name := range []string{"0002-x.sql", "0002-x.sh"} {
		path := newDB(t, false)
		migrate(t, path, files("0001-x.sql", "CREATE TABLE n(x)", "0003-x.sql", ""), core.Options{})
		text := "INSERT INTO n VALUES (2)"
		if name == "0002-x.sh" {
			text = `sqlite3 "$1" 'INSERT INTO n VALUES (2)'`
		}
		late := files("0001-x.sql", "CREATE TABLE n(x)", name, text, "0003-x.sql", "")
		done := make(chan error)
		for range 6 {
			go func() {
				_, err := core.RunMigrations(t.Context(), path, late, core.Options{AllowOutOfOrder: true, Isolated: true})
				done <- err
			}()
		}
		for range 6 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if got := query(t, path, "SELECT (SELECT count(*) FROM n), version FROM _meta"); got != "1|3" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestAccept: what was accepted is what was shown, and a history without texts
// is extended.
func TestAccept(t *testing.T) {
	for _, earlier := range []bool{false, true} {
		path := newDB(t, false)
		migrate(t, path, files("0001-x.sql", "SELECT 1;\n"), core.Options{})
		if earlier {
			old(t, path)
		}
		now := files("0001-x.sql", "SELECT 2;\r\n")
		e, err := repair.FindEdit(t.Context(), path, now, 1, core.Options{})
		if err != nil || e.Kept == earlier || !earlier && e.Before != "SELECT 1;\n" || e.Now != "SELECT 2;\n" {
			t.Fatalf("Edited() = %+v, %v", e, err)
		}
		if err := repair.Accept(t.Context(), path, e, core.Options{}); err != nil {
			t.Fatal(err)
		}
		if err := repair.Accept(t.Context(), path, e, core.Options{}); !errors.Is(err, fault.ErrEdited) {
			t.Errorf("Accept() of what is accepted = %v", err)
		}
		if _, err := repair.FindEdit(t.Context(), path, now, 1, core.Options{}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Edited() of what is accepted = %v", err)
		}
		if e, err := repair.FindEdit(t.Context(), path, files("0001-x.sql", "SELECT 3;"), 1, core.Options{}); err != nil || e.Before != "SELECT 2;\n" {
			t.Errorf("Edited() = %+v, %v", e, err)
		}
	}
	path := newDB(t, false)
	migrate(t, path, files("0001-x.sql", "SELECT 1;"+strings.Repeat("\n", 1<<20)), core.Options{})
	if e, err := repair.FindEdit(t.Context(), path, files("0001-x.sql", ""), 1, core.Options{}); err != nil || e.Kept {
		t.Errorf("Edited() of a huge one = %+v, %v", e, err)
	}
}
