package core_test

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core"
)

// counted counts what is asked of a directory.
type counted struct {
	fs.FS
	lists, opens int
}

func (c *counted) ReadDir(name string) ([]fs.DirEntry, error) {
	c.lists++
	return fs.ReadDir(c.FS, name)
}

func (c *counted) Open(name string) (fs.File, error) {
	c.opens++
	return c.FS.Open(name)
}

// TestUpToDateReadsLittle: an application that starts has its files listed once and none
// opened, and for each file and record only its name is made.
func TestUpToDateReadsLittle(t *testing.T) {
	const perFile = 5 // an entry of the directory with its name, and the name in the history
	allocs := map[int]float64{}
	for _, n := range []int{10, 1000} {
		path, dir := upToDate(t, n)
		fsys := &counted{FS: dir}
		migrate(t, path, fsys, core.Options{})
		if fsys.lists != 1 || fsys.opens != 0 {
			t.Errorf("%d files: listed %d times, and %d opened; want once, and none", n, fsys.lists, fsys.opens)
		}
		allocs[n] = testing.AllocsPerRun(10, func() { migrate(t, path, dir, core.Options{}) })
	}
	if each := (allocs[1000] - allocs[10]) / 990; each > perFile {
		t.Errorf("%v allocations for each file and record, want at most %d: %v", each, perFile, allocs)
	}
	if most := 300.0; allocs[10] > most {
		t.Errorf("%v allocations for 10 files, want at most %v", allocs[10], most)
	}
}

// TestUpToDate: a database is only taken for up to date if its history has each file under
// its name, and nothing else.
func TestUpToDate(t *testing.T) {
	for _, c := range []struct{ what, change, file, want string }{
		{"as it was applied", "", "", "<nil>"},
		{"renamed, with the same text", "", "0002-two.sql", "<nil>"},
		{"gone", "", "-0002-b.sql", "but its file is gone"},
		{"pending", "", "0004-d.sql", "applied 0004-d.sql"},
		{"no record, and skipped", "DELETE FROM _meta_history WHERE version = 2; UPDATE _meta_history SET previous = 1 WHERE version = 3", "", "never applied, but the database is already at version"},
		{"no record, for an unknown reason", "DELETE FROM _meta_history WHERE version = 2", "", "<nil>"},
		{"taken back by hand", "UPDATE _meta SET version = 2", "", "applied 0003-c.sql"},
		{"ahead", "UPDATE _meta SET version = 4", "", "is at version 4, and the last migration here is 0003"},
		{"failed", "UPDATE _meta SET version = 2; UPDATE _meta_history SET state = 'failed' WHERE version = 3", "", "an earlier run applied it"},
		{"begun, and its file is gone", "INSERT INTO _meta_history SELECT 4, '0004-d.sh', sha256, 'failed', 0, started, 0, NULL, host, 1, '', 0, tool, sqlite, 3, NULL, NULL, NULL FROM _meta_history WHERE version = 3", "", "0004-d.sh"},
		{"another name in a record", "UPDATE _meta_history SET file = '0003-z.sql', sha256 = 'x' WHERE version = 3", "", "it is not the applied migration, which was 0003-z.sql"},
	} {
		path := newDB(t, false)
		dir := directory(t, "0001-a.sql", "CREATE TABLE a(x)", "0002-b.sql", "CREATE TABLE b(x)", "0003-c.sql", "CREATE TABLE IF NOT EXISTS c(x)")
		migrate(t, path, os.DirFS(dir), core.Options{})
		for sql := range strings.SplitSeq(c.change, "; ") {
			if sql != "" {
				query(t, path, sql)
			}
		}
		switch name, gone := strings.CutPrefix(c.file, "-"); {
		case gone:
			os.Remove(dir + "/" + name)
		case strings.HasPrefix(name, "0002"):
			os.Rename(dir+"/0002-b.sql", dir+"/"+name)
		case name != "":
			os.WriteFile(dir+"/"+name, []byte("CREATE TABLE d(x)"), 0o644)
		}
		var got []string
		r, err := core.RunMigrations(t.Context(), path, os.DirFS(dir), core.Options{LockTimeout: -1})
		for _, a := range r.Applied {
			got = append(got, "applied "+a.Name)
		}
		if err != nil || len(got) == 0 {
			got = append(got, fmt.Sprint(err))
		}
		if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, c.want) }) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// upToDate makes a database, and n migrations that are all applied to it.
func upToDate(tb testing.TB, n int) (path string, fsys fs.FS) {
	tb.Helper()
	var pairs []string
	for i := range n {
		pairs = append(pairs, fmt.Sprintf("%04d-step%[1]d.sql", i+1), "CREATE TABLE IF NOT EXISTS t(a)")
	}
	path, fsys = newDB(tb, false), os.DirFS(directory(tb, pairs...))
	migrate(tb, path, fsys, core.Options{To: 1})
	query(tb, path, `WITH RECURSIVE v(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM v WHERE n < ?)
		INSERT INTO _meta_history SELECT n, printf('%04d-step%d.sql', n, n), sha256, state, position, started, milliseconds, rows, host, pid, process, program, tool, sqlite, n - 1, text, cursor, machine
		FROM v, _meta_history`, n)
	query(tb, path, "UPDATE _meta SET version = ?", n)
	if r := migrate(tb, path, fsys, core.Options{}); r.From != n || len(r.Applied) > 0 {
		tb.Fatalf("%+v", r)
	}
	return path, fsys
}
