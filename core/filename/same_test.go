package filename_test

import (
	"os"
	"path/filepath"
	"testing"

	"fastmigrate/core/filename"
)

func TestSame(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link("a", "hard"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a", "soft"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"a", "./a", true}, {"a", filepath.Join(here, "a"), true}, {"a", "hard", true}, {"a", "soft", true}, {"a", "b", false},
		{"none", "./none", true}, {"none", filepath.Join(here, "none"), true}, {"none", "a", false}, {"none", "other", false}, {".", here, true},
	} {
		if got := filename.Same(test.a, test.b); got != test.want {
			t.Errorf("Same(%q, %q) = %t", test.a, test.b, got)
		}
	}
}
