package file

import (
	"path/filepath"
	"testing"
)

// TestStands: a copy stands for the database that is worked on and for the originals
// of a trial, and nothing stands for itself.
func TestStands(t *testing.T) {
	dir := t.TempDir()
	d := &DB{Path: filepath.Join(dir, "app.db"), Cfg: Config{Trial: &Trial{Originals: []string{filepath.Join(dir, "other.db")}}}}
	s := d.Stands("/copy.db")
	for path, want := range map[string]string{"app.db": "/copy.db", "other.db": "/copy.db", "another.db": ""} {
		if got := s.Replacing(filepath.Join(dir, path)); got != want {
			t.Errorf("for %s stands %q, want %q", path, got, want)
		}
	}
	if d.Cfg.Trial = nil; d.Stands(d.Path) != nil {
		t.Error("the database stands for itself")
	}
}
