package core_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/process"
)

// TestRestarted: a program that was running when the machine was restarted is
// known to have ended, and a command says so without a wait. The rows are those
// that another boot would have written.
func TestRestarted(t *testing.T) {
	fsys := files("0001-a.sh", "true")
	for _, test := range []struct{ name, machine string }{
		{"this machine", process.Machine()}, // "" in a container, where it is not known
		{"another machine", "0123456789abcdef"},
		{"version 0.1", ""},
	} {
		path := newDB(t, false)
		migrate(t, path, fsys, core.Options{})
		query(t, path, "UPDATE _meta SET version = 0")
		query(t, path, fmt.Sprintf(`UPDATE _meta_history SET state = 'running', pid = %d, process = 'earlier-%s', machine = nullif('%s', '')`,
			os.Getpid(), process.Text(os.Getpid()), test.machine))
		_, err := core.RunMigrations(t.Context(), path, fsys, core.Options{LockTimeout: 300 * time.Millisecond})
		unknown := test.machine == "" || test.machine != process.Machine()
		if !errors.Is(err, fault.ErrInterrupted) || strings.Contains(err.Error(), "cannot check") != unknown {
			t.Errorf("%s: %v", test.name, err)
		}
		s, err := core.Status(t.Context(), path, fsys, core.Options{})
		want := core.StateInterrupted
		if unknown {
			want = core.StateRunning
		}
		if err != nil || s.Migrations[0].State != want {
			t.Errorf("%s: %v, %v, want %v", test.name, s.Migrations, err, want)
		}
	}
}

// TestHistoryWithoutMachine: what version 0.1 made is read, and gets the column
// with the next migration.
func TestHistoryWithoutMachine(t *testing.T) {
	path := newDB(t, false)
	migrate(t, path, files("0001-a.sql", "CREATE TABLE a(x)"), core.Options{})
	query(t, path, "ALTER TABLE _meta_history DROP COLUMN machine")
	s, err := core.Status(t.Context(), path, files("0001-a.sql", "CREATE TABLE a(x)"), core.Options{})
	if err != nil || !s.Recorded || s.Migrations[0].State != core.StateApplied {
		t.Errorf("Status() = %v, %v", s, err)
	}
	migrate(t, path, files("0001-a.sql", "CREATE TABLE a(x)", "0002-b.sql", "CREATE TABLE b(x)"), core.Options{})
	if got := query(t, path, "SELECT group_concat(version || state || ifnull(machine, '-')) FROM _meta_history"); got != "1done-,2done-" {
		t.Errorf("the history holds %s", got)
	}
}
