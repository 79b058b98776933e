package core_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/runner"
)

// TestProgramsFromMemory: .py and .sh work from a file system that is none, and
// find what lies beside them.
func TestProgramsFromMemory(t *testing.T) {
	path := newDB(t, false)
	migrate(t, path, files(
		"0001-a.sql", "CREATE TABLE a(x)",
		"0002-b.py", "import sqlite3, sys, os\nc = sqlite3.connect(sys.argv[1])\n"+
			"c.execute('insert into a values (?)', [open(os.path.join(os.path.dirname(__file__), 'data.txt')).read()])\nc.commit()",
		"0003-c.sh", "sqlite3 \"$1\" 'insert into a values (3)'",
		"data.txt", "two",
	), core.Options{})
	if got := query(t, path, "SELECT group_concat(x) FROM a"); got != "two,3" {
		t.Errorf("the table holds %s", got)
	}
}

// TestProgramBegunMeanwhile: while a .sql migration waits for the lock, another
// machine begins a program of the same version. The version does not tell.
func TestProgramBegunMeanwhile(t *testing.T) {
	path := newDB(t, false)
	migrate(t, path, files("0001-a.sql", "CREATE TABLE a(x)"), core.Options{})
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	o, waits := waiting(core.Options{LockTimeout: time.Minute})
	fsys := files("0001-a.sql", "CREATE TABLE a(x)", "0002-b.sql", "CREATE TABLE b(x)")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := core.RunMigrations(ctx, path, fsys, o)
		done <- err
	}()
	next := func() string {
		select {
		case why := <-waits:
			return why
		case err := <-done:
			t.Fatalf("RunMigrations() = %v, want it to wait", err)
			return ""
		}
	}
	if why := next(); !strings.Contains(why, "is locked") {
		t.Error(why)
	}
	for _, sql := range []string{
		`INSERT INTO _meta_history (version, file, sha256, state, started, host, pid, process)
			VALUES (2, '0002-c.sh', '', 'running', '2026-01-01T00:00:00.000Z', 'elsewhere', 7, 'another machine')`, "COMMIT"} {
		if err := c.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	if why := next(); !strings.Contains(why, "pid 7 on elsewhere has been running 0002-c.sh") {
		t.Error(why)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("RunMigrations() = %v, want it to wait until it is cancelled", err)
	}
	if _, err := core.RunMigrations(t.Context(), path, fsys, core.Options{LockTimeout: -1}); !errors.Is(err, core.ErrInterrupted) {
		t.Errorf("RunMigrations() = %v", err)
	}
	if got := query(t, path, "SELECT version, (SELECT count(*) FROM sqlite_master WHERE name = 'b') FROM _meta"); got != "1|0" {
		t.Errorf("left %s", got)
	}
}

// TestWaitsForProgramOfOthers: another release, with other files, runs a program. Who
// comes then waits for it, whatever it has to apply itself.
func TestWaitsForProgramOfOthers(t *testing.T) {
	for _, name := range []string{"0002-b.sql", "0002-b.sh", "0002-b.star"} {
		path := newDB(t, true)
		migrate(t, path, files("0001-a.sql", "CREATE TABLE a(x)"), core.Options{})
		query(t, path, `INSERT INTO _meta_history (version, file, sha256, state, started, host, pid, process)
			VALUES (5, '0005-c.sh', '', 'running', '2026-01-01T00:00:00.000Z', 'elsewhere', 7, 'another machine')`)
		o, waits := waiting(core.Options{LockTimeout: 300 * time.Millisecond, Runners: map[string]runner.Runner{
			"star": func(context.Context, core.Migration, []byte, *runner.Tx) error { return nil },
		}})
		_, err := core.RunMigrations(t.Context(), path, files("0001-a.sql", "CREATE TABLE a(x)", name, "", "0005-c.sh", ""), o)
		if !errors.Is(err, fault.ErrElsewhere) {
			t.Errorf("%s: RunMigrations() = %v", name, err)
		}
		select {
		case <-waits:
		default:
			t.Errorf("%s: it does not wait", name)
		}
	}
}

// waiting gives options with which the channel tells what is waited for.
func waiting(o core.Options) (core.Options, <-chan string) {
	waits := make(chan string, 100)
	o.Logger = slog.New(slog.NewTextHandler(waitsOf(waits), nil))
	return o, waits
}

// waitsOf takes the lines of a log that say so.
type waitsOf chan string

func (w waitsOf) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("waiting: ")) {
		w <- string(line)
	}
	return len(line), nil
}
