package core_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/author"
	"fastmigrate/core/runner"
)

// TestIdleSkeletons: what author.New writes produces a warning until it is edited,
// and before it is recorded.
func TestIdleSkeletons(t *testing.T) {
	path, dir := newDB(t, false), t.TempDir()
	var want []string
	for _, kind := range []string{"sql", "star", "py", "sh"} {
		name, err := author.New(dir, "add a phone", kind)
		if err != nil {
			t.Fatal(err)
		}
		name = filepath.Base(name)
		want = append(want, fmt.Sprintf(`WARN msg="%s does nothing: it will count as applied"`, name), "applied "+name)
	}
	for name, text := range map[string]string{"0005-a.sh": "# nothing\n", "0006-b.sql": "CREATE TABLE t (a)"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want = append(want, `WARN msg="0005-a.sh does nothing: it will count as applied"`, "applied 0005-a.sh", "applied 0006-b.sql")
	var log strings.Builder
	migrate(t, path, os.DirFS(dir), core.Options{
		Logger:    slog.New(slog.NewTextHandler(&log, nil)),
		OnApplied: func(m core.Applied) { fmt.Fprintln(&log, "level=applied", m.Name) },
		Runners:   map[string]runner.Runner{"star": func(context.Context, core.Migration, []byte, *runner.Tx) error { return nil }},
	})
	var told []string
	for line := range strings.Lines(log.String()) {
		_, line, _ = strings.Cut(line, "level=")
		told = append(told, strings.TrimSpace(line))
	}
	if got := strings.Join(told, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}
