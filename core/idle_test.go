package core_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"fastmigrate/core"
	"fastmigrate/core/author"
	"fastmigrate/core/internal/apply"
	"fastmigrate/core/internal/naming"
)

// TestIdleSkeletons: what NewMigration writes is warned of as long as nobody
// wrote it on, and before it is recorded.
func TestIdleSkeletons(t *testing.T) {
	t.Chdir(t.TempDir())
	for kind := range naming.Skeletons {
		path, err := author.New("m-"+kind, "add a phone", kind)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil || !apply.Idle(kind, text) {
			t.Errorf("%v: %s", err, text)
		}
	}
	db := filepath.Join(t.TempDir(), "a.db")
	if _, _, err := core.CreateDB(t.Context(), db, core.Options{}); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	o := core.Options{Logger: slog.New(slog.NewTextHandler(&log, nil)), OnApplied: func(m core.Applied) { fmt.Fprintln(&log, "applied", m.Name) }}
	fsys := fstest.MapFS{"0001-a.sql": {Data: []byte(naming.Skeletons["sql"])}, "0002-b.sh": {Data: []byte("# nothing\n")}, "0003-c.sql": {Data: []byte("CREATE TABLE t (a)")}}
	if _, err := core.RunMigrations(t.Context(), db, fsys, o); err != nil {
		t.Fatal(err)
	}
	var told []string
	for line := range strings.Lines(log.String()) {
		_, line, _ = strings.Cut(line, "level=")
		if line = strings.TrimSpace(line); line != "" {
			told = append(told, line)
		}
	}
	want := `WARN msg="0001-a.sql does nothing: it will count as applied", WARN msg="0002-b.sh does nothing: it will count as applied"`
	if got := strings.Join(told, ", "); got != want || strings.Index(log.String(), "applied 0001-a.sql") < strings.Index(log.String(), "0001-a.sql does") {
		t.Errorf("%s\nwant %s", log.String(), want)
	}
}
