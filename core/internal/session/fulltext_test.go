package session

import (
	"bytes"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"fastmigrate/core/fault"
	"fastmigrate/core/finding"
	"fastmigrate/core/internal/directive"
	"fastmigrate/core/internal/file"
	"fastmigrate/core/internal/plan"
	"fastmigrate/core/internal/sqlite"
)

// TestStaleTextIsAccepted: a script that says so may leave a full-text table that does not
// fit, with a warning for each, and is not charged for what it did not do.
func TestStaleTextIsAccepted(t *testing.T) {
	for _, accepted := range []bool{false, true} {
		var said bytes.Buffer
		d := &file.DB{Name: "app.db", Path: filepath.Join(t.TempDir(), "app.db"), Config: file.Config{Logger: slog.New(slog.NewTextHandler(&said, nil))}}
		c, err := sqlite.Open(t.Context(), d.Path, sqlite.ReadWrite|sqlite.Create, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, sql := range []string{"CREATE TABLE doc(body)", "INSERT INTO doc VALUES ('one'), ('two')", "DELETE FROM doc WHERE body = 'one'",
			"CREATE VIRTUAL TABLE f USING fts5(body, content='doc')", "INSERT INTO f(f) VALUES ('rebuild')",
			"CREATE VIRTUAL TABLE g USING fts5(body, content='doc')", "INSERT INTO g(g) VALUES ('rebuild')"} {
			if err := c.Exec(sql); err != nil {
				t.Fatal(err)
			}
		}
		s, err := plan.Parse("0001-x.sql", []byte("CREATE TABLE n AS SELECT * FROM doc; DROP TABLE doc; ALTER TABLE n RENAME TO doc"), 0)
		if err != nil {
			t.Fatal(err)
		}
		if accepted {
			s.Says.Accepts = []directive.Accept{{Code: finding.FTS, Statement: -1}}
		}
		x := New(d, Config{}, c, s, false)
		defer x.Close()
		err = x.Transact(func() error { return x.RunInside(s.Steps[0]) })
		warned := strings.Count(said.String(), "level=WARN")
		if accepted && (err != nil || warned != 2) || !accepted && (!errors.Is(err, fault.ErrStaleText) || warned != 0) {
			t.Errorf("accepted = %v: Transact() = %v, said %s", accepted, err, said.String())
		}
	}
}
