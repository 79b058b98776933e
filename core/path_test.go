package core_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/fault"
)

// TestLinkMeanwhile: a link that takes the place of the file, or of a directory above
// it, between two migrations is not followed to another database.
func TestLinkMeanwhile(t *testing.T) {
	pairs := files("0001-a.sql", "CREATE TABLE a(x)", "0002-b.sql", "CREATE TABLE b(x)")
	for name, replaced := range map[string]func(path string) string{
		"file":      func(path string) string { return path },
		"directory": filepath.Dir,
	} {
		path, other := newDB(t, false), newDB(t, false)
		place := replaced(path)
		o := core.Options{OnApplied: func(core.Applied) {
			if err := errors.Join(os.Rename(place, place+".gone"), os.Symlink(replaced(other), place)); err != nil {
				t.Error(err)
			}
		}}
		if _, err := core.RunMigrations(t.Context(), path, pairs, o); !errors.Is(err, fault.ErrRefused) {
			t.Errorf("%s: RunMigrations() = %v", name, err)
		}
		if got := query(t, other, "SELECT version FROM _meta"); got != "0" {
			t.Errorf("%s: the other one is at version %s", name, got)
		}
		if v, err := core.Version(t.Context(), path, core.Options{}); v != 0 || err != nil { // it is what the link leads to now
			t.Errorf("%s: Version() = %d, %v", name, v, err)
		}
	}
}
