package standin

import (
	"os"
	"path/filepath"
	"testing"

	"fastmigrate/core/internal/files"
)

// TestWithoutOriginal: what of a variable names the original names the copy, and
// what only looks like it stays.
func TestWithoutOriginal(t *testing.T) {
	dir, err := files.Resolve(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, name := range []string{"data/app.db", "data/app.db.backup", "other/app.db", "a b,c/app.db"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("data/app.db", "link"); err != nil {
		t.Fatal(err)
	}
	if err := os.Link("data/app.db", "hard"); err != nil {
		t.Fatal(err)
	}
	var s List
	for _, original := range []string{filepath.Join(dir, "data/app.db"), "a b,c/app.db", "none/new.db"} {
		s.Add(original, "/copy.db")
	}
	for value, want := range map[string]string{
		"":                                  "",
		"data/app.db":                       "/copy.db",
		"./data/../data//app.db":            "/copy.db",
		dir + "/data/app.db":                "/copy.db",
		"link":                              "/copy.db",
		"hard":                              "/copy.db",
		"a b,c/app.db":                      "/copy.db",
		"none/new.db":                       "/copy.db",
		"sqlite:///data/app.db":             "sqlite:////copy.db",
		"sqlite:///" + dir + "/data/app.db": "sqlite:////copy.db",
		"sqlite://link":                     "sqlite:///copy.db",
		"file:data/app.db?mode=rw":          "file:/copy.db?mode=rw",
		"file://" + dir + "/data/app.db":    "file:///copy.db",
		`{"db": "data/app.db", "n": 1}`:     `{"db": "/copy.db", "n": 1}`,
		"sqlite:data/a%70p.db?x=%20":        "sqlite:/copy.db?x=%20",
		"sqlite:///data%2fapp.db":           "sqlite:////copy.db",
		"100%zz data/app%":                  "100%zz data/app%",
		"a.db:data/app.db:b.db":             "a.db:/copy.db:b.db",
		"db=link;timeout=5":                 "db=/copy.db;timeout=5",
		"data":                              "data",
		"app.db":                            "app.db",
		"data/app.db.backup":                "data/app.db.backup",
		"other/app.db":                      "other/app.db",
		"/usr/data/app.db":                  "/usr/data/app.db",
		"mydata/app.db":                     "mydata/app.db",
		"http://host/data/app.db":           "http://host/data/app.db",
		"plain text, and: more":             "plain text, and: more",
	} {
		if got := s.Substitute(value); got != want {
			t.Errorf("Substitute(%q) = %q, want %q", value, got, want)
		}
	}
}
