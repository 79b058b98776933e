package rehearse_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/rehearse"
)

// TestAttachedLosses: what migrations do to attached files is told by the names that they
// have there, and the files stay as they are.
func TestAttachedLosses(t *testing.T) {
	const first = `CREATE TABLE p (id INTEGER PRIMARY KEY, v, w TEXT);
		INSERT INTO p VALUES (1, 'a', 'x'), (2, NULL, 'y'), (3, 3, 'z');
		CREATE TABLE c (p REFERENCES p, n);
		INSERT INTO c VALUES (1, 1), (2, 2);
		CREATE INDEX p_v ON p(v)`
	for _, test := range []struct {
		name, sql string
		want      []string // the warnings
		unchanged bool     // the attached file, which then has no report
	}{
		{"nothing", "UPDATE o.p SET v = 'A' WHERE id = 1; CREATE TABLE o.t (x); DROP TABLE o.t", nil, false},
		{"only read", "CREATE TABLE t AS SELECT * FROM o.p", nil, true},
		{"an emptied column", "UPDATE o.p SET v = NULL", []string{"column o.p.v: 2 of 2 values became NULL"}, false},
		{"in any case", "UPDATE O.P SET V = NULL", []string{"column o.p.v: 2 of 2 values became NULL"}, false},
		{"without its schema", "UPDATE p SET w = v", []string{"column o.p.w: all 3 values replaced by those of v"}, false},
		{"all rows", "DELETE FROM o.c", []string{"table o.c loses 2 of its 2 rows"}, false},
		{"a table", "DROP TABLE o.c", []string{"table o.c is dropped with its 2 rows"}, false},
		{"a column", "ALTER TABLE o.p DROP COLUMN w", []string{"column o.p.w is dropped with its 3 values"}, false},
		{"a constraint", "CREATE TABLE o.t (p, n); INSERT INTO o.t SELECT * FROM o.c; DROP TABLE o.c; ALTER TABLE o.t RENAME TO c", []string{"table o.c: no longer: REFERENCES p"}, false},
		{"an index", "CREATE TABLE o.t (id INTEGER PRIMARY KEY, v, w TEXT); INSERT INTO o.t SELECT * FROM o.p; DROP TABLE o.p; ALTER TABLE o.t RENAME TO p", []string{"index o.p_v is gone since table o.p was rebuilt"}, false},
		{"renamed", "ALTER TABLE o.p RENAME TO q; ALTER TABLE o.q RENAME COLUMN v TO u", nil, false},
		{"rows put back", "CREATE TEMP TABLE b AS SELECT * FROM o.c; DELETE FROM o.c; INSERT INTO o.c SELECT * FROM b; DROP TABLE b", nil, false},
		{"a table of that name here", "CREATE TABLE c (x); INSERT INTO c VALUES (1); DELETE FROM c; DROP TABLE main.c", nil, true},
		{"attached twice", "DETACH o; ATTACH 'other.db' AS q; UPDATE q.p SET v = NULL", []string{"column o.p.v: 2 of 2 values became NULL"}, false},
		{"under another name at the end", "DELETE FROM o.c; DETACH o; ATTACH ':memory:' AS o; CREATE TABLE o.c (x)", []string{"table o.c loses 2 of its 2 rows"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			path, other := newDB(t), newDB(t)
			migrate(t, other, files("0001-a.sql", first), core.Options{})
			before := fileState(t, filepath.Dir(other))
			opts := rehearsing(t)
			migrate(t, path, files("0001-a.sql", "ATTACH '"+other+"' AS o; "+strings.ReplaceAll(test.sql, "other.db", other)), opts)
			reports, err := rehearse.Of(opts).Report(t.Context(), opts)
			if err != nil {
				t.Fatal(err)
			}
			m := reports[0].Applied[0]
			if !slices.Equal(m.Warnings, test.want) && len(m.Warnings)+len(test.want) > 0 {
				t.Errorf("Warnings = %q, want %q", m.Warnings, test.want)
			}
			if fileState(t, filepath.Dir(other)) != before {
				t.Error("the file is changed")
			}
			if told := len(reports) == 2; told == test.unchanged {
				t.Errorf("%d reports", len(reports))
			}
		})
	}
}

// TestAttachedShared: a file that several databases attach has one copy.
func TestAttachedShared(t *testing.T) {
	other := newDB(t)
	migrate(t, other, files("0001-a.sql", "CREATE TABLE t (x)"), core.Options{})
	before := fileState(t, filepath.Dir(other))
	opts := rehearsing(t)
	for range 3 {
		migrate(t, newDB(t), files("0001-a.sql", "ATTACH '"+other+"' AS o; INSERT INTO o.t VALUES (1); CREATE TABLE k AS SELECT * FROM o.t"), opts)
	}
	reports, err := rehearse.Of(opts).Report(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(reports, func(r rehearse.Report) bool { return r.Path == other })
	if len(reports) != 4 || i < 0 || len(reports[i].Tables) != 1 || reports[i].Tables[0].After != 3 || reports[i].Tables[0].Inserted != 3 {
		t.Errorf("reports = %+v", reports)
	}
	if fileState(t, filepath.Dir(other)) != before {
		t.Error("the file is changed")
	}
}
