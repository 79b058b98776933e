package session

import (
	"context"
	"testing"

	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// TestPragmas: of each PRAGMA that SQLite knows it is decided whether it may be in one
// transaction with other migrations.
func TestPragmas(t *testing.T) {
	c, err := sqlite.Open(context.Background(), ":memory:", sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = c.Query(func(s *sqlite.Stmt) error {
		name := s.Text(0)
		if _, ok := restorable[name]; !ok && !plan.Stateless[name] && !hints[name] && !fixed[name] && !plan.Shared[name] && name != "foreign_keys" {
			t.Errorf("PRAGMA %s is in none of restorable, stateless, hints, fixed, shared", name)
		}
		return nil
	}, "SELECT name FROM pragma_pragma_list")
	if err != nil {
		t.Fatal(err)
	}
}
