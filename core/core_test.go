package core_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/internal/sqlite"
)

// TestMain is also the program that some tests run and kill: with CHILD set, the
// test binary migrates the database that it names, or restores BACKUP into it, and
// ends.
func TestMain(m *testing.M) {
	if path := os.Getenv("CHILD"); path != "" {
		signal.Ignore(syscall.Signal(25)) // SIGXFSZ
		var err error
		if backup := os.Getenv("BACKUP"); backup != "" {
			_, err = core.RestoreDB(context.Background(), backup, path, core.Options{})
		} else {
			_, err = core.RunMigrations(context.Background(), path, os.DirFS(os.Getenv("MIGRATIONS")), core.Options{Runners: backfills})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if os.Getenv("PEAK") != "" {
			status, _ := os.ReadFile("/proc/self/status")
			os.Stdout.Write(status)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child prepares a process that migrates path with the files of dir.
func child(path, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CHILD="+path, "MIGRATIONS="+dir)
	return cmd
}

// failed reports whether a child failed by itself. One that is killed has the status
// -1, on Windows 1.
func failed(cmd *exec.Cmd) bool { return cmd.ProcessState.ExitCode() > 1 }

// files makes a migrations directory in memory of pairs of name and text.
func files(pairs ...string) fs.FS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1]), Mode: 0o644}
	}
	return fsys
}

// directory writes the same to disk.
func directory(t testing.TB, pairs ...string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, files(pairs...)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// newDB makes a versioned database, in WAL mode if wal, and gives its path.
func newDB(t testing.TB, wal bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	if _, created, err := core.CreateDB(t.Context(), path, core.Options{}); err != nil || !created {
		t.Fatalf("CreateDB() = %v, %v", created, err)
	}
	if wal {
		query(t, path, "PRAGMA journal_mode = WAL")
	}
	return path
}

// query runs one statement and gives its rows, columns joined by "|".
func query(t testing.TB, path, sql string, args ...any) string {
	t.Helper()
	c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var rows []string
	err = c.Query(func(s *sqlite.Stmt) error {
		var row []string
		for i := range s.Columns() {
			row = append(row, s.Text(i))
		}
		rows = append(rows, strings.Join(row, "|"))
		return nil
	}, sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return strings.Join(rows, "\n")
}

func migrate(t testing.TB, path string, fsys fs.FS, o core.Options) core.Result {
	t.Helper()
	r, err := core.RunMigrations(t.Context(), path, fsys, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
