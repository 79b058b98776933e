package project

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestMakeLeavesNothingOnFailure: neither the files that were made before nor the
// directories above them stay.
func TestMakeLeavesNothingOnFailure(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("file", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if made, err := Make("app.db", filepath.Join("file", "migrations")); err == nil || made != nil {
		t.Errorf("Make = %q, %v, want an error", made, err)
	}
	if err := os.Symlink("nowhere", "Fastmigratefile"); err != nil {
		t.Fatal(err)
	}
	if made, err := Make("app.db", "a/migrations"); err == nil || made != nil {
		t.Errorf("Make = %q, %v, want an error", made, err)
	}
	left, err := filepath.Glob("*")
	if err != nil || !slices.Equal(left, []string{"Fastmigratefile", "file"}) {
		t.Errorf("it left %q, %v", left, err)
	}
	if _, err := os.Lstat(Config); err == nil {
		t.Errorf("it left %s", Config)
	}
}

func TestAbove(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"app/migrations", "app/src/deep", "app/own/.git", "app/own/src", "app/begun/sub", "set/src", "empty/migrations", "empty/src"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{".git", "app/migrations/0001-a.sql", "app/begun/Fastmigratefile", "set/.fastmigrate"} {
		if err := os.WriteFile(filepath.Join(root, file), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(dir string) bool {
		list, _ := fs.Glob(os.DirFS(dir), "0*")
		return len(list) > 0
	}
	for here, want := range map[string]string{
		".": "", "app": "", "app/src": "../migrations", "app/src/deep": "../../migrations", "app/own/src": "", "app/begun": "",
		"app/begun/sub": "../../migrations", "set": "", "set/src": "../.fastmigrate", "empty/src": "",
	} {
		t.Chdir(filepath.Join(root, here))
		if got := filepath.ToSlash(Above("migrations", holds)); got != want {
			t.Errorf("in %s: %q, want %q", here, got, want)
		}
	}
}
