package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
)

// TestRedirect pins that ATTACH and VACUUM INTO open what they are given in place of what
// they name, with its journal, and that nothing else is asked for.
func TestRedirect(t *testing.T) {
	for name, test := range map[string]struct {
		sql   string
		names []string // that are asked for
		made  []string // in the private directory
	}{
		"a name":        {"ATTACH 'a.db' AS a; CREATE TABLE a.t (x)", []string{"a.db"}, []string{"a.db"}},
		"an expression": {"ATTACH 'a' || '.db' AS a; CREATE TABLE a.t (x)", []string{"a.db"}, []string{"a.db"}},
		"a word":        {"ATTACH a AS a; CREATE TABLE a.t (x)", []string{"a"}, []string{"a"}},
		"an URI":        {"ATTACH 'file:a.db?mode=ro' AS a; CREATE TABLE a.t (x)", []string{"file:a.db?mode=ro"}, []string{"file:a.db?mode=ro"}},
		"WAL":           {"ATTACH 'a.db' AS a; PRAGMA a.journal_mode = WAL; CREATE TABLE a.t (x)", []string{"a.db"}, []string{"a.db", "a.db-shm", "a.db-wal"}},
		"VACUUM INTO":   {"VACUUM INTO 'a.db'", []string{"a.db"}, []string{"a.db"}},
		"in memory":     {"ATTACH ':memory:' AS a; CREATE TABLE a.t (x)", nil, nil},
		"temporary":     {"ATTACH '' AS a; CREATE TABLE a.t (x); CREATE TEMP TABLE u (x)", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			private := filepath.Join(dir, "private")
			if err := os.Mkdir(private, 0o700); err != nil {
				t.Fatal(err)
			}
			c := open(t, filepath.Join(dir, "main.db"))
			var names []string
			c.Redirect(func(_ context.Context, name, path string) (string, error) {
				if !filepath.IsAbs(path) {
					t.Errorf("path of %s = %s", name, path)
				}
				names = append(names, name)
				return filepath.Join(private, filepath.Base(path)), nil
			})
			for _, sql := range strings.Split("CREATE TABLE m (x); "+test.sql, "; ") {
				if err := c.Exec(sql); err != nil {
					t.Fatal(err)
				}
			}
			same(t, "names", names, test.names)
			same(t, "made", list(t, private), test.made)
			same(t, "beside main.db", list(t, dir), []string{"main.db", "private"})
		})
	}
}

// TestRedirectFails pins that an error of the function is that of the statement, and that
// the connection can be used afterwards.
func TestRedirectFails(t *testing.T) {
	other := errors.New("it cannot be copied")
	for name, test := range map[string]struct{ is, want error }{
		"of the system": {&os.PathError{Op: "stat", Path: "a.db", Err: syscall.ENOENT}, &Error{Code: CantOpen, Msg: "unable to open database: a.db", Offset: -1, Errno: int(syscall.ENOENT)}},
		"another":       {other, other},
	} {
		for _, sql := range []string{"ATTACH 'a.db' AS a", "VACUUM INTO 'a.db'"} {
			c := open(t, filepath.Join(t.TempDir(), "main.db"))
			c.Redirect(func(context.Context, string, string) (string, error) { return "", test.is })
			err := c.Exec(sql)
			if got, ok := err.(*Error); ok {
				same(t, name, *got, *test.want.(*Error))
			} else if err != test.want {
				t.Errorf("%s: %s = %v, want %v", name, sql, err, test.want)
			}
			if err := c.Exec("CREATE TABLE t (x)"); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestRedirectOwn pins that each connection has its own function, and others none.
func TestRedirectOwn(t *testing.T) {
	dir := t.TempDir()
	paths := []string{"a.db", "b.db", "c.db"}
	for i, to := range paths {
		c := open(t, filepath.Join(dir, "main"+to))
		if i < 2 {
			c.Redirect(func(context.Context, string, string) (string, error) { return filepath.Join(dir, to), nil })
		} else {
			to = "named.db"
		}
		if err := c.Exec("ATTACH ? AS x", filepath.Join(dir, "named.db")); err != nil {
			t.Fatal(err)
		}
		defer func() { same(t, "Filename()", filepath.Base(c.Filename("x")), to) }()
	}
}

func list(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}
