package core_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/check"
	"fastmigrate/core/data"
	"fastmigrate/core/fault"
	"fastmigrate/core/runner"
)

// TestFullTextOfRebuiltTables: a migration that gives the rows of a table other rowids, or
// other texts, must not leave the full-text table behind that indexes them.
func TestFullTextOfRebuiltTables(t *testing.T) {
	const (
		doc    = "CREATE TABLE doc(body); INSERT INTO doc VALUES ('one'), ('two'), ('three'); DELETE FROM doc WHERE body = 'one'; "
		f      = "CREATE VIRTUAL TABLE f USING fts5(body, content='doc'); INSERT INTO f(f) VALUES ('rebuild'); "
		drop   = "CREATE TABLE n AS SELECT * FROM doc;\nDROP TABLE doc;\nALTER TABLE n RENAME TO doc"
		rename = "ALTER TABLE doc RENAME TO was;\nCREATE TABLE doc AS SELECT * FROM was"
		again  = "; INSERT INTO f(f) VALUES ('rebuild')"
	)
	for name, test := range map[string]struct {
		before, script string
		line           int // of the statement that is charged; 0: it is applied
	}{
		"dropped":             {doc + f, drop, 2},
		"renamed":             {doc + f, rename, 1},
		"created first":       {doc + f, "DROP TABLE IF EXISTS DOC;\nCREATE TABLE doc(body);\nINSERT INTO doc VALUES ('three')", 1},
		"indexed again":       {doc + f, drop + again, 0},
		"in a savepoint":      {doc + f, "SAVEPOINT s;" + drop + "; RELEASE s", 2},
		"in its transaction":  {doc + f, "PRAGMA foreign_keys = OFF; BEGIN;\n" + drop + "; COMMIT", 3},
		"undone":              {doc + f, "SAVEPOINT s; " + drop + "; ROLLBACK TO s; RELEASE s", 0},
		"in steps":            {doc + f, "ATTACH ':memory:' AS x;\n" + drop + "; DETACH x", 3},
		"across steps":        {doc + f, "CREATE TABLE n AS SELECT * FROM doc;\nDROP TABLE doc;\nATTACH ':memory:' AS x;\nALTER TABLE n RENAME TO doc", 2},
		"steps, again":        {doc + f, "VACUUM; " + drop + again, 0},
		"names":               {`CREATE TABLE "the ""doc"""(body); INSERT INTO "the ""doc""" VALUES (1), (2); DELETE FROM "the ""doc""" WHERE body = 1; CREATE VIRTUAL TABLE [a f] USING FTS5(body, CONTENT = "THE ""doc"""); INSERT INTO [a f]([a f]) VALUES ('rebuild')`, "CREATE TABLE n AS SELECT * FROM [the \"doc\"];\nDROP TABLE `the \"Doc\"`; ALTER TABLE n RENAME TO 'the \"doc\"'", 2},
		"rowids kept":         {"CREATE TABLE doc(id INTEGER PRIMARY KEY, body); INSERT INTO doc VALUES (3, 'one'); CREATE VIRTUAL TABLE f USING fts5(body, content=doc, content_rowid=id); INSERT INTO f(f) VALUES ('rebuild')", drop, 0},
		"the same rowids":     {"CREATE TABLE doc(body); INSERT INTO doc VALUES ('one'); " + f, drop, 0},
		"texts edited":        {"CREATE TABLE doc(body); INSERT INTO doc VALUES ('one'); " + f, "CREATE TABLE n AS SELECT body || 's' AS body FROM doc; DROP TABLE doc; ALTER TABLE n RENAME TO doc", 1},
		"renamed away":        {doc + f, "ALTER TABLE doc RENAME TO other", 0},
		"gone":                {doc + f, "DROP TABLE doc", 0},
		"both gone":           {doc + f, "DROP TABLE f; " + drop, 0},
		"missing before":      {f[:strings.Index(f, ";")], "CREATE TABLE doc(body); INSERT INTO doc VALUES (1)", 0},
		"stale before":        {doc + f + "; INSERT INTO doc VALUES ('new')", drop, 0},
		"one stale before":    {doc + f + "; INSERT INTO doc VALUES ('new'); CREATE VIRTUAL TABLE g USING fts5(body, content='doc'); INSERT INTO g(g) VALUES ('rebuild')", drop, 2},
		"stale, in steps":     {doc + f + "; INSERT INTO doc VALUES ('new')", "VACUUM; " + drop, 0},
		"indexed meanwhile":   {doc, drop + "; " + f, 0},
		"not filled":          {doc, drop + "; CREATE VIRTUAL TABLE f USING fts5(body, content='doc')", 0},
		"all in one":          {"SELECT 1", doc + f + "\n" + drop, 3},
		"without content":     {doc + "CREATE VIRTUAL TABLE f USING fts5(body, content=''); INSERT INTO f(rowid, body) SELECT rowid, body FROM doc", drop, 0},
		"its own content":     {doc + "CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f SELECT body FROM doc", drop, 0},
		"view":                {doc + "CREATE VIEW v AS SELECT rowid AS id, body FROM doc; CREATE VIRTUAL TABLE f USING fts5(body, content=v, content_rowid=id); INSERT INTO f(f) VALUES ('rebuild')", "CREATE TABLE n AS SELECT * FROM doc;\nDROP TABLE doc;\nCREATE TABLE doc AS SELECT * FROM n", 2},
		"view elsewhere":      {doc + "CREATE TABLE n(x); CREATE VIEW v AS SELECT rowid AS id, body FROM doc; CREATE VIRTUAL TABLE f USING fts5(body, content=v, content_rowid=id); INSERT INTO f(f) VALUES ('rebuild')", "DROP TABLE n", 0},
		"temporary":           {doc, "CREATE VIRTUAL TABLE temp.f USING fts5(body, content='doc'); " + drop + "; DROP TABLE temp.f", 0},
		"temporary content":   {doc + f, "CREATE TEMP TABLE doc(body); DROP TABLE temp.doc", 0},
		"another table":       {doc + f + "; DELETE FROM doc; CREATE TABLE n(x)", "DROP TABLE n", 0},
		"rows only":           {doc + f, "DELETE FROM doc; INSERT INTO doc VALUES (1)", 0},
		"vacuum":              {doc + f, "CREATE TABLE x(x);\nVACUUM", 2},
		"vacuum, then more":   {doc + f, "VACUUM;\nCREATE TABLE x(x)", 1},
		"vacuum, again":       {doc + f, "VACUUM" + again, 0},
		"vacuum, stale":       {doc + f + "; INSERT INTO doc VALUES ('new')", "VACUUM", 0},
		"vacuum, rowids kept": {"CREATE TABLE doc(id INTEGER PRIMARY KEY, body); INSERT INTO doc VALUES (3, 'one'); CREATE VIRTUAL TABLE f USING fts5(body, content=doc, content_rowid=id); INSERT INTO f(f) VALUES ('rebuild')", "VACUUM", 0},
		"explained":           {doc + f, "EXPLAIN DROP TABLE doc; EXPLAIN VACUUM", 0},
	} {
		for _, atomic := range []bool{false, true} {
			if atomic && (strings.Contains(test.script, "VACUUM") || strings.Contains(test.script, "ATTACH")) {
				continue
			}
			path := newDB(t, false)
			for sql := range strings.SplitSeq(test.before, "; ") {
				query(t, path, sql)
			}
			_, err := core.RunMigrations(t.Context(), path, files("0001-x.sql", test.script), core.Options{Atomic: atomic})
			if test.line == 0 && err == nil {
				continue
			}
			at := &fault.Error{}
			if !errors.Is(err, fault.ErrStaleText) || !errors.As(err, &at) || at.Line != test.line {
				t.Errorf("%s: RunMigrations() = %v, want a refusal in line %d", name, err, test.line)
			}
			if strings.Contains(test.script, "VACUUM") { // what is applied stays, and the next run says so again
				_, err := core.RunMigrations(t.Context(), path, files("0001-x.sql", test.script), core.Options{})
				if !errors.Is(err, fault.ErrStaleText) {
					t.Errorf("%s: RunMigrations() again = %v", name, err)
				}
			}
		}
	}
}

// TestFullTextOtherWays has tables rebuilt by other than scripts.
func TestFullTextOtherWays(t *testing.T) {
	open := func() string {
		path := newDB(t, false)
		for _, sql := range []string{"CREATE TABLE doc(body)", "INSERT INTO doc VALUES ('one'), ('two')", "DELETE FROM doc WHERE body = 'one'",
			"CREATE VIRTUAL TABLE f USING fts5(body, content='doc')", "INSERT INTO f(f) VALUES ('rebuild')"} {
			query(t, path, sql)
		}
		return path
	}
	rebuild := []string{"CREATE TABLE n AS SELECT * FROM doc", "DROP TABLE doc", "ALTER TABLE n RENAME TO doc"}
	exec := func(tx *runner.Tx) error {
		for _, sql := range rebuild {
			if _, err := tx.Exec(sql); err != nil {
				return err
			}
		}
		return nil
	}
	for name, do := range map[string]func(path string) error{
		"execute": func(path string) error {
			_, err := data.Execute(t.Context(), path, strings.Join(rebuild, ";"), nil, core.Options{})
			return err
		},
		"transact": func(path string) error { return data.Transact(t.Context(), path, exec, core.Options{}) },
		"runner": func(path string) error {
			run := func(_ context.Context, _ core.Migration, _ []byte, tx *runner.Tx) error { return exec(tx) }
			_, err := core.RunMigrations(t.Context(), path, files("0001-x.own", "text"), core.Options{Runners: map[string]runner.Runner{"own": run}})
			return err
		},
	} {
		path := open()
		if err := do(path); !errors.Is(err, fault.ErrStaleText) {
			t.Errorf("%s: %v", name, err)
		}
		if r, err := check.DB(t.Context(), path, core.Options{}); err != nil || !r.OK {
			t.Errorf("%s left %v, %v", name, r, err)
		}
		query(t, path, "INSERT INTO doc VALUES ('new')") // now it is stale before
		if err := do(path); err != nil {
			t.Errorf("%s of a table that was stale before: %v", name, err)
		}
	}
	path := open()
	err := data.Transact(t.Context(), path, func(tx *runner.Tx) error { return tx.Recreate("doc", "CREATE TABLE doc(body, more)", nil) }, core.Options{})
	if r, e := check.DB(t.Context(), path, core.Options{}); err != nil || e != nil || !r.OK { // it keeps the rowids
		t.Errorf("Recreate() = %v, left %v, %v", err, r, e)
	}
}

// TestFullTextCountsNoRows: the check is an INSERT to SQLite, but no row of the migration.
func TestFullTextCountsNoRows(t *testing.T) {
	const rebuild = "DROP TABLE doc; CREATE TABLE doc(body);"
	fsys := files("0001-whole.sql", rebuild+"INSERT INTO x VALUES (1)", "0002-steps.sql", rebuild+"ATTACH ':memory:' AS a; INSERT INTO x VALUES (2); DETACH a;"+rebuild)
	counts := func(schema ...string) (list []int64) {
		path := newDB(t, false)
		for _, sql := range schema {
			query(t, path, sql)
		}
		for _, a := range migrate(t, path, fsys, core.Options{}).Applied {
			list = append(list, a.Rows)
		}
		return list
	}
	tables := []string{"CREATE TABLE x(x)", "CREATE TABLE doc(body)"}
	want := counts(tables...)
	if got := counts(append(tables, "CREATE VIRTUAL TABLE f USING fts5(body, content='doc')")...); !slices.Equal(got, want) {
		t.Errorf("the migrations changed %d rows, want %d", got, want)
	}
}
