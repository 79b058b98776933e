package fulltext_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fastmigrate/core/internal/fulltext"
	"fastmigrate/core/internal/plan"
)

// TestBreaks blames the statement that took away what a full-text table reads, and none of
// one that could not be read before.
func TestBreaks(t *testing.T) {
	const before = `CREATE TABLE t(a, b); CREATE VIRTUAL TABLE f USING fts5(a, content='T'); CREATE VIEW v AS SELECT a, 1 AS c FROM t; CREATE VIRTUAL TABLE g USING fts5(c, content=v, content_rowid=c); ` +
		`CREATE VIRTUAL TABLE lost USING fts5(a, content=nothing); CREATE VIRTUAL TABLE few USING fts5(z, content=t)`
	for _, c := range []struct {
		tables, script string // which table each statement changes; "t!" if that is gone
		want           string
	}{
		{"", "", ""},
		{"t", "ALTER TABLE t ADD COLUMN z2", ""},
		{"t", "ALTER TABLE t ADD COLUMN z", ""},
		{"t t", "ALTER TABLE t RENAME a TO a2; ALTER TABLE t ADD COLUMN x", "f: its content T has no column a @0"},
		{"t t!", "ALTER TABLE t RENAME b TO b2; ALTER TABLE t RENAME TO u", "f: its content T does not exist @1, few: its content t does not exist @1"},
		{"v!", "DROP VIEW v", "g: its content v does not exist @0"},
		{"t!", "DROP TABLE t", "f: its content T does not exist @0, g: its content v reads t, which does not exist @0, few: its content t does not exist @0"},
		{"v!", "DROP VIEW v; CREATE VIEW v AS SELECT 1 AS a", "g: its content v has no column c @0"},
		{"T!", "DROP TABLE T; DROP TABLE f; DROP TABLE g; DROP TABLE few", ""},
	} {
		db := open(t, before)
		run(t, db, c.script)
		s, changes := &plan.Script{Name: "x.sql", Text: []byte(c.script)}, fulltext.Changes{}
		for i, at := 0, 0; i < len(strings.Fields(c.tables)); i++ {
			table, gone := strings.CutSuffix(strings.Fields(c.tables)[i], "!")
			st := s.StatementAt(at, len(s.Text))
			changes.Changed(table, fulltext.Loss{Script: s, At: st.Start}, gone)
			at = st.End
		}
		breaks, err := changes.Breaks(db)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range breaks {
			got = append(got, fmt.Sprintf("%s: %s @%d", b.Of.Name, b.Lacks(), strings.Count(c.script[:b.By.At], ";")))
			run(t, db, "SAVEPOINT s")
			if err := b.Of.Check(db); !errors.As(err, new(*fulltext.Broken)) {
				t.Errorf("%s: Check() = %v", c.script, err)
			}
		}
		if got := strings.Join(got, ", "); got != c.want {
			t.Errorf("%s: %q, want %q", c.script, got, c.want)
		}
	}
}
