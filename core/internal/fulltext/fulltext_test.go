package fulltext_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core/internal/catalog"
	"fastmigrate/core/internal/fulltext"
	"fastmigrate/core/internal/sqlite"
)

// open makes a database by statements.
func open(t testing.TB, statements ...string) *sqlite.Conn {
	t.Helper()
	c, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"), sqlite.ReadWrite|sqlite.Create, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	run(t, c, statements...)
	return c
}

func run(t testing.TB, c *sqlite.Conn, statements ...string) {
	t.Helper()
	for _, sql := range strings.Split(strings.Join(statements, "; "), "; ") {
		if err := c.Exec(sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// TestTables finds the content as FTS5 itself reads it: SQLite runs each statement, and a
// table without external content has its rows in a table of its own, or none.
func TestTables(t *testing.T) {
	for _, c := range []struct{ sql, content string }{
		{`CREATE VIRTUAL TABLE f USING fts5(a, content='t')`, "t"},
		{`CREATE VIRTUAL TABLE IF NOT EXISTS main.f USING FTS5(a, b UNINDEXED, CONTENT = t, content_rowid=id)`, "t"},
		{`CREATE VIRTUAL TABLE "f" USING fts5(a,tokenize="unicode61 tokenchars ',)'", content="the ""t""")`, `the "t"`},
		{"CREATE VIRTUAL TABLE [f] USING fts5(content_rowid=id, a, content=[a,b])", "a,b"},
		{"CREATE VIRTUAL TABLE `f` USING fts5(a, content=`t`)", "t"},
		{`CREATE VIRTUAL TABLE f USING fts5(a, content='it''s')`, "it's"},
		{`CREATE VIRTUAL TABLE f USING fts5(a, co=t)`, "t"},
		{`CREATE VIRTUAL TABLE f USING fts5(a, content='')`, ""},
		{`CREATE VIRTUAL TABLE f USING fts5(a, content=)`, ""},
		{`CREATE VIRTUAL TABLE f USING fts5(a, content='', contentless_delete=1)`, ""},
		{`CREATE VIRTUAL TABLE f USING fts5(a, content)`, ""},
		{`CREATE VIRTUAL TABLE f USING fts5(a)`, ""},
		{`CREATE VIRTUAL TABLE f USING rtree(id, a, content)`, ""},
		{`CREATE TEMP TABLE x(a); CREATE VIRTUAL TABLE temp.f USING fts5(a, content='t')`, ""},
		{`CREATE TABLE f(a DEFAULT 'CREATE VIRTUAL fts5(content=t)')`, ""},
	} {
		db := open(t, c.sql)
		var want []fulltext.Table
		if c.content != "" {
			want = []fulltext.Table{{Name: "f", Content: c.content}}
		}
		list, err := fulltext.Tables(db)
		if err != nil || !slices.Equal(list, want) {
			t.Errorf("%s: Tables() = %v, %v, want %v", c.sql, list, err, want)
		}
		own, err := db.Int("SELECT count(*) FROM sqlite_schema WHERE name = 'f_content'")
		if err != nil || c.content != "" && own != 0 {
			t.Errorf("%s: it has its content itself: %v", c.sql, err)
		}
	}
}

// TestCheck compares an index with its content, whatever that is, even while the
// transaction that changed both is open.
func TestCheck(t *testing.T) {
	const (
		table = `CREATE TABLE t(a); INSERT INTO t VALUES ('one'), ('two'), ('three')`
		index = `CREATE VIRTUAL TABLE f USING fts5(a, content='t')`
		fill  = `INSERT INTO f(rowid, a) SELECT rowid, a FROM t`
	)
	for name, c := range map[string]struct {
		sql  []string
		want string // "fits", "stale", "broken" or "unknown"
	}{
		"filled":      {[]string{table, index, fill}, "fits"},
		"rebuilt":     {[]string{table, index, "INSERT INTO f(f) VALUES ('rebuild')"}, "fits"},
		"empty":       {[]string{"CREATE TABLE t(a)", index}, "fits"},
		"not filled":  {[]string{table, index}, "stale"},
		"row gone":    {[]string{table, index, fill, "DELETE FROM t WHERE a = 'two'"}, "stale"},
		"rowid moved": {[]string{table, index, fill, "UPDATE t SET rowid = 7 WHERE a = 'two'"}, "stale"},
		"text edited": {[]string{table, index, fill, "UPDATE t SET a = 'two' WHERE a = 'one'"}, "stale"},
		"no content":  {[]string{table, index, fill, "DROP TABLE t"}, "broken"},
		"no column":   {[]string{table, index, fill, "ALTER TABLE t RENAME a TO b"}, "broken"},
		"a view":      {[]string{table, "CREATE VIEW v AS SELECT rowid AS id, a FROM t", "CREATE VIRTUAL TABLE f USING fts5(a, content=v, content_rowid=id)", "INSERT INTO f(rowid, a) SELECT id, a FROM v"}, "fits"},
		"stale view":  {[]string{table, "CREATE VIEW v AS SELECT rowid AS id, a FROM t", "CREATE VIRTUAL TABLE f USING fts5(a, content=v, content_rowid=id)"}, "stale"},
		"no tokenizer": {[]string{table, index, fill, "PRAGMA writable_schema = 1",
			"UPDATE sqlite_schema SET sql = replace(sql, 'fts5(a', 'fts5(a, tokenize=mine') WHERE name = 'f'", "PRAGMA writable_schema = RESET"}, "unknown"},
		"a name": {[]string{table, `CREATE VIRTUAL TABLE "f ""g""" USING fts5(a, content='t')`, `INSERT INTO "f ""g"""("f ""g""") VALUES ('rebuild')`}, "fits"},
	} {
		for _, inside := range []bool{false, true} {
			sql := c.sql
			if inside {
				sql = append([]string{"BEGIN"}, sql...)
			} else {
				sql = append(slices.Clip(sql), "BEGIN IMMEDIATE")
			}
			db := open(t, sql...)
			list, err := fulltext.Tables(db)
			if err != nil || len(list) != 1 {
				t.Fatalf("%s: Tables() = %v, %v", name, list, err)
			}
			got := "fits"
			switch err := list[0].Check(db); {
			case err == fulltext.ErrStale:
				got = "stale"
			case errors.As(err, new(*fulltext.Broken)):
				got = "broken"
			case catalog.CannotCompile(err):
				got = "unknown"
			case err != nil:
				got = err.Error()
			}
			stale, err := list[0].Stale(db)
			if got != c.want || stale != (c.want == "stale") || err != nil {
				t.Errorf("%s: Check() = %s, want %s; Stale() = %v, %v", name, got, c.want, stale, err)
			}
			if c.want == "stale" {
				run(t, db, list[0].Rebuild())
				if err := list[0].Check(db); err != nil {
					t.Errorf("%s: after Rebuild, Check() = %v", name, err)
				}
			}
		}
	}
}
