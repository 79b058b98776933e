package file

import (
	"path/filepath"
	"testing"
)

// TestStands: a copy stands for the database that is worked on and for the originals
// of a trial, and nothing stands for itself.
func TestStands(t *testing.T) {
	dir := t.TempDir()
	d := &DB{Path: filepath.Join(dir, "app.db"), Config: Config{Trial: &Trial{Originals: []string{filepath.Join(dir, "other.db")}}}}
	s := d.StandIns("/copy.db")
	for path, want := range map[string]string{"app.db": "/copy.db", "other.db": "/copy.db", "another.db": ""} {
		if got := s.TwinOf(filepath.Join(dir, path)); got != want {
			t.Errorf("for %s stands %q, want %q", path, got, want)
		}
	}
	if d.Config.Trial = nil; d.StandIns(d.Path) != nil {
		t.Error("the database stands for itself")
	}
}
