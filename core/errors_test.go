package core_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/data"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/repair"
	"fastmigrate/core/runner"
)

// TestErrorVersion: where nobody has read the version after a failure, it is not 0.
func TestErrorVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	if _, _, err := core.CreateDB(t.Context(), path, core.Options{}); err != nil {
		t.Fatal(err)
	}
	c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	o := core.Options{LockTimeout: -1}
	for name, do := range map[string]func() error{
		"Execute":  func() error { _, err := data.Execute(t.Context(), path, "CREATE TABLE a(x)", nil, o); return err },
		"Transact": func() error { return data.Transact(t.Context(), path, func(*runner.Tx) error { return nil }, o) },
		"Resolve":  func() error { _, err := repair.Resolve(t.Context(), path, repair.RolledBack, o); return err },
		"Accept":   func() error { return repair.Accept(t.Context(), path, repair.Edit{}, o) },
		"EnrollDB": func() error { _, err := core.EnrollDB(t.Context(), path, t.TempDir(), 0, o); return err },
	} {
		var e *fault.Error
		if err := do(); !errors.As(err, &e) || e.Version != -1 {
			t.Errorf("%s() = %v, which says that the version is %d", name, err, e.Version)
		}
	}
}
