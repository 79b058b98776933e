package discover

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"fastmigrate/starlark"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(filepath.Join(deep, starlark.Name), 0o755); err != nil { // a directory of that name is none
		t.Fatal(err)
	}
	if path, err := Find(deep); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Find = %s, %v, want %v", path, err, fs.ErrNotExist)
	}
	if err := os.WriteFile(filepath.Join(dir, starlark.Name), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(deep)
	for _, from := range []string{".", deep, filepath.Join(dir, "a"), "..", "../.."} {
		path, err := Find(from)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := os.Stat(path)
		if want, _ := os.Stat(filepath.Join(dir, starlark.Name)); !os.SameFile(got, want) {
			t.Errorf("Find(%s) = %s", from, path)
		}
	}
}
