package core_test

import (
	"errors"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/fault"
)

// TestFailedCommitOfStep: what a COMMIT that failed would have stored is not
// taken for stored.
func TestFailedCommitOfStep(t *testing.T) {
	path := newDB(t, false)
	fsys := files("0001-x.sql", "PRAGMA foreign_keys = ON; CREATE TABLE p(id INTEGER PRIMARY KEY);\nCREATE TABLE c(pid REFERENCES p DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (7);\nVACUUM; CREATE TABLE d(x);")
	_, err := core.RunMigrations(t.Context(), path, fsys, core.Options{NoForeignKeyCheck: true})
	var e *core.Error
	if !errors.As(err, &e) || e.Kept != 0 || !errors.Is(err, fault.ErrForeignKey) {
		t.Errorf("RunMigrations() = %v", err)
	}
	if got := query(t, path, "SELECT count(*) FROM sqlite_master WHERE name IN ('p', 'c', 'd', '_meta_history')"); got != "0" {
		t.Errorf("left %s", got)
	}
}
