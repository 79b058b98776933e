package starmigrate_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/fstest"

	"fastmigrate/builtins/starmigrate"
	"fastmigrate/core"
	"fastmigrate/core/runner"
)

// TestAllocationsOfARow pins what it costs to read a row, to take its text apart and to
// write it back: 13 allocations are the interpreter's own.
func TestAllocationsOfARow(t *testing.T) {
	const few, many, most = 1000, 3000, 24
	if each := (allocations(t, many) - allocations(t, few)) / (many - few); each > most {
		t.Errorf("%.1f allocations for each row, and %d are known", each, most)
	}
}

// allocations is how many a .star makes that updates that many rows one by one.
func allocations(t *testing.T, rows int) float64 {
	t.Helper()
	fsys := fstest.MapFS{"0001-people.sql": {Data: fmt.Appendf(nil, people, rows)}, "0002-split.star": {Data: []byte(split)}}
	o := core.Options{Runners: map[string]runner.Runner{"star": starmigrate.Runner(starmigrate.Options{})}}
	first := o
	first.To = 1
	dir := t.TempDir()
	var paths []string
	for i := range 2 { // AllocsPerRun warms up
		path := filepath.Join(dir, fmt.Sprint(i, ".db"))
		if _, _, err := core.CreateDB(t.Context(), path, o); err != nil {
			t.Fatal(err)
		}
		if _, err := core.RunMigrations(t.Context(), path, fsys, first); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return testing.AllocsPerRun(1, func() {
		if _, err := core.RunMigrations(t.Context(), paths[0], fsys, o); err != nil {
			t.Fatal(err)
		}
		paths = paths[1:]
	})
}
