package loss_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/loss"
	"fastmigrate/core/internal/split"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/schema"
)

// TestCompareFindsEachLoss with somebody who watches and without: what both see is
// in want, what only one does in seen or unseen.
func TestCompareFindsEachLoss(t *testing.T) {
	const before = `PRAGMA synchronous = OFF; CREATE TABLE p (id INTEGER PRIMARY KEY, v, w TEXT);
		INSERT INTO p VALUES (1, 'a', 'x'), (2, NULL, 'y'), (3, 3, 'z');
		CREATE TABLE c (p, n);
		INSERT INTO c VALUES (1, 1), (2, 2);
		CREATE TABLE empty (x);
		CREATE TABLE k (x PRIMARY KEY) WITHOUT ROWID;
		INSERT INTO k VALUES (1), (2);
		CREATE INDEX p_v ON p (v);
		CREATE TRIGGER p_t AFTER DELETE ON p BEGIN SELECT 1; END;
		CREATE VIRTUAL TABLE f USING fts5 (x);
		INSERT INTO f VALUES ('text')`
	rebuild := func(columns, values string) string {
		return "CREATE TABLE t (" + columns + "); INSERT INTO t SELECT " + values + " FROM c; DROP TABLE c; ALTER TABLE t RENAME TO c"
	}
	for _, test := range []struct{ name, sql, want, seen, unseen string }{
		{"nothing", "INSERT INTO p VALUES (9, 9, 9); CREATE TABLE t (x); DROP TABLE t", "", "", ""},
		{"renamed", "ALTER TABLE p RENAME TO q; ALTER TABLE q RENAME COLUMN v TO u", "", "", "column-dropped p=q.v 2"},
		{"renamed to and fro", "ALTER TABLE p RENAME TO q; ALTER TABLE q RENAME TO p", "", "", ""},
		{"swapped", "ALTER TABLE c RENAME TO x; ALTER TABLE k RENAME TO c; ALTER TABLE x RENAME TO k", "", "", "column-dropped c.p 2 rebuilt instead x, column-dropped c.n 2 rebuilt, column-dropped k.x 2 rebuilt instead p"},
		{"rows", "DELETE FROM p WHERE id < 3", "rows-lost p 2", "", ""},
		{"all rows", "DELETE FROM p", "rows-lost p 3", "", ""},
		{"all rows, and others instead", "DELETE FROM c; INSERT INTO c VALUES (8, 8), (9, 9)", "", "rows-lost c 2", ""},
		{"rows of a table that is renamed", "ALTER TABLE k RENAME TO l; DELETE FROM l WHERE x = 1", "rows-lost k=l 1", "", ""},
		{"tables", "DROP TABLE c; DROP TABLE empty", "table-dropped c 2, table-dropped empty", "", ""},
		{"a virtual table", "DROP TABLE f", "table-dropped f 1", "", ""},
		{"a column", "ALTER TABLE c DROP COLUMN n", "column-dropped c.n 2", "", ""},
		{"a column that is NULL", "ALTER TABLE c ADD COLUMN m; ALTER TABLE c DROP COLUMN m", "", "", ""},
		{"rows in a rebuild", rebuild("p, n INT", "p, n") + "; DELETE FROM c", "rows-lost c 2 rebuilt", "", ""},
		{"values in a rebuild", rebuild("p, m, n", "p, NULL, CASE n WHEN 1 THEN n END"), "values-lost c.n 1 rebuilt", "", ""},
		{"values in place", "UPDATE c SET n = NULL", "values-lost c.n 2", "", ""},
		{"a column with another name in a rebuild", rebuild("p, m", "p, n"), "column-dropped c.n 2 rebuilt instead m", "", ""},
		{"types", rebuild("p, n TEXT", "p, n"), "type-changed c.n 2 integer -> 2 text sure rebuilt", "", ""},
		{"types, with fewer values", rebuild("p, n TEXT", "p, nullif(n, 1)"), "values-lost c.n 1 rebuilt, type-changed c.n 2 integer -> 1 text sure rebuilt", "", ""},
		{"types, with more values", "UPDATE p SET v = 'b' WHERE id > 1", "type-changed p.v 1 integer, 1 text -> 3 text", "", ""},
		{"NULLs", "CREATE TABLE t (id INTEGER PRIMARY KEY, v NOT NULL, w TEXT); INSERT INTO t SELECT id, ifnull(v, 'b'), w FROM p; DROP TABLE p; ALTER TABLE t RENAME TO p",
			"nulls-gone p.v 1 rebuilt, index-lost p_v of p rebuilt, trigger-lost p_t of p rebuilt", "", ""},
		{"an index and a trigger", "DROP INDEX p_v; DROP TRIGGER p_t", "index-lost p_v of p, trigger-lost p_t of p", "", ""},
		{"an index for another", "DROP INDEX p_v; create index by_v on p ( v )", "index-lost p_v of p instead by_v", "", ""},
		{"an index for another of its name", "DROP INDEX p_v; CREATE UNIQUE INDEX P_V ON p (v, w)", "", "", ""},
	} {
		for _, watched := range []bool{false, true} {
			c, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"), sqlite.ReadWrite|sqlite.Create, 0)
			if err != nil {
				t.Fatal(err)
			}
			run(t, c, before, nil)
			was := read(t, c)
			var seen *loss.Trace
			want := []string{test.want, test.unseen}
			if watched {
				seen, want[1] = loss.NewTrace(c, nil), test.seen
			}
			run(t, c, test.sql, seen)
			var got []string
			for _, f := range loss.Compare(was, read(t, c), seen) {
				got = append(got, text(f))
			}
			want = slices.DeleteFunc(want, func(s string) bool { return s == "" })
			if got, want := strings.Join(got, ", "), strings.Join(want, ", "); got != want {
				t.Errorf("%s, watched: %v:\n%s\nwant\n%s", test.name, watched, got, want)
			}
			c.Close()
		}
	}
}

// text is a finding in a few words.
func text(f loss.Finding) string {
	s := string(f.Kind) + " "
	if f.Object.Name != "" {
		s += f.Object.Name + " of "
	}
	if s += f.Table; f.Now != "" && f.Now != f.Table {
		s += "=" + f.Now
	}
	if f.Column != "" {
		s += "." + f.Column
	}
	if f.Lost > 0 {
		s += fmt.Sprint(" ", f.Lost)
	}
	if f.Kind == loss.TypeChanged {
		s += fmt.Sprintf(" %v -> %v", f.Was, f.Is)
	}
	if f.Sure {
		s += " sure"
	}
	if f.Rebuilt {
		s += " rebuilt"
	}
	if f.Instead != "" {
		s += " instead " + f.Instead
	}
	return s
}

// run runs a script, watched by seen unless that is nil.
func run(t *testing.T, c *sqlite.Conn, script string, seen *loss.Trace) {
	t.Helper()
	if seen != nil {
		c.SetAuthorizer(func(a sqlite.Action) bool {
			switch a.Code {
			case sqlite.ActAlterTable:
				seen.Touch(a.Arg2, a.Code)
			case sqlite.ActInsert, sqlite.ActUpdate, sqlite.ActDelete, sqlite.ActDropTable, sqlite.ActCreateTable:
				seen.Touch(a.Arg1, a.Code)
			}
			return true
		})
		defer c.SetAuthorizer(nil)
		c.SetUpdateHook(func(code int, _, table string, _ int64) { seen.Row(code, table) })
		defer c.SetUpdateHook(func(int, string, string, int64) {})
	}
	sc := split.New([]byte(script))
	for st, ok := sc.Next(); ok; st, ok = sc.Next() {
		if err := c.Exec(script[st.Start:st.End]); err != nil {
			t.Fatal(err)
		}
		if seen != nil {
			seen.After()
		}
	}
}

// read counts all that a database holds.
func read(t *testing.T, c *sqlite.Conn) loss.Content {
	t.Helper()
	objects, err := catalog.Objects(c)
	if err != nil {
		t.Fatal(err)
	}
	var list []schema.Object
	for _, o := range objects {
		list = append(list, schema.Object{Type: o.Type, Name: o.Name, Table: o.Table, SQL: o.SQL})
	}
	content, err := loss.Of(c, list)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range content.Tables {
		if err := table.CountValues(c); err != nil {
			t.Fatal(err)
		}
	}
	return content
}

func TestTableThatIsSparedIsNotCountedAgain(t *testing.T) {
	for _, test := range []struct {
		sql   string
		blind bool
		want  string // tables that are not counted again
	}{
		{"SELECT 1", false, "a b"},
		{"SELECT 1", true, ""},
		{"INSERT INTO A VALUES (1)", false, "b"},
		{"DELETE FROM b", false, "a"},
		{"ALTER TABLE a RENAME TO c", false, "b"},
		{"DROP TABLE a; CREATE TABLE a (x)", false, "b"},
	} {
		c, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"), sqlite.ReadWrite|sqlite.Create, 0)
		if err != nil {
			t.Fatal(err)
		}
		run(t, c, "PRAGMA synchronous = OFF; CREATE TABLE a (x); CREATE TABLE b (x); INSERT INTO b VALUES (1); CREATE TABLE w (x PRIMARY KEY) WITHOUT ROWID; CREATE VIRTUAL TABLE f USING fts5 (x)", nil)
		before := read(t, c)
		seen := loss.NewTrace(c, nil)
		seen.Blind = test.blind
		run(t, c, test.sql, seen)
		after := read(t, c)
		var got []string
		for name, table := range after.Tables {
			if table.CountedBefore(before, nil) {
				t.Errorf("%s: %s is spared by what nobody watched", test.sql, name)
			}
			if table.CountedBefore(before, seen) {
				got = append(got, name)
			}
		}
		if slices.Sort(got); strings.Join(got, " ") != test.want {
			t.Errorf("%s, blind: %v: not counted again: %q, want %q", test.sql, test.blind, got, test.want)
		}
		c.Close()
	}
}
