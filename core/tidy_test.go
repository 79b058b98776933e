package core_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/internal/sqlite"
)

// hold opens the database as another process would, and reads from it.
func hold(t *testing.T, path string, statements ...string) {
	t.Helper()
	c, err := sqlite.Open(context.Background(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	for _, sql := range append(statements, "SELECT version FROM _meta") {
		if err := c.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTidyWAL: where others have the database open, the log of a large migration
// is truncated as soon as none of them reads from it.
func TestTidyWAL(t *testing.T) {
	fill := files("0001-t.sql", "CREATE TABLE t (a)", "0002-fill.sql", "INSERT INTO t WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 40) SELECT randomblob(1000000) FROM r")
	for _, test := range []struct {
		name   string
		others []string
		gone   bool
	}{
		{"open", nil, true},
		{"in a transaction that reads", []string{"BEGIN"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := newDB(t, true)
			hold(t, path, test.others...)
			o, waits := waiting(core.Options{})
			migrate(t, path, fill, o)
			info, err := os.Stat(path + "-wal")
			if err != nil {
				t.Fatal(err)
			}
			if gone := info.Size() < 1<<20; gone != test.gone {
				t.Errorf("the log has %d bytes", info.Size())
			}
			select {
			case why := <-waits:
				t.Error(why)
			default:
			}
			if got := query(t, path, "SELECT count(*), sum(length(a)) FROM t"); got != "40|40000000" {
				t.Error(got)
			}
		})
	}
}

// TestTidyStatistics: those that are there are kept true, and none are added.
func TestTidyStatistics(t *testing.T) {
	const (
		schema = "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_master ORDER BY name)"
		stat   = "SELECT stat FROM sqlite_stat1 WHERE idx = 't_b'"
		small  = "CREATE TABLE t (a INTEGER, b TEXT); CREATE INDEX t_b ON t (b); INSERT INTO t VALUES (1, 'a'), (2, 'b');"
	)
	for _, test := range []struct {
		name, before, rows string
		changes            bool
	}{
		{"none", "", "150000", false},
		{"there", "ANALYZE", "150000", true},
		{"without the detailed", "ANALYZE; DROP TABLE sqlite_stat4", "150000", true},
		{"few rows changed", "ANALYZE", "1000", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := newDB(t, false)
			migrate(t, path, files("0001-t.sql", small), core.Options{})
			for sql := range strings.SplitSeq(test.before, ";") {
				query(t, path, sql)
			}
			tables := query(t, path, schema)
			old := ""
			if test.before != "" {
				old = query(t, path, stat)
			}
			fill := files("0001-t.sql", small, "0002-fill.sql", rowsOf(test.rows))
			migrate(t, path, fill, core.Options{})
			if got := query(t, path, schema); got != tables {
				t.Errorf("the schema has %s, had %s", got, tables)
			}
			if test.before == "" {
				return
			}
			if now := query(t, path, stat); (now != old) != test.changes {
				t.Errorf("statistics %q, were %q", now, old)
			}
		})
	}
}

// TestTidyLocked: that others use the database keeps nobody waiting, and is no
// failure of the run.
func TestTidyLocked(t *testing.T) {
	path := newDB(t, true)
	migrate(t, path, files("0001-t.sql", "CREATE TABLE t (a INTEGER, b TEXT); CREATE INDEX t_b ON t (b); INSERT INTO t VALUES (1, 'a')"), core.Options{})
	query(t, path, "ANALYZE")
	var took time.Time
	r := migrate(t, path, files("0001-t.sql", "CREATE TABLE t (a INTEGER, b TEXT); CREATE INDEX t_b ON t (b); INSERT INTO t VALUES (1, 'a')",
		"0002-fill.sql", rowsOf("150000")), core.Options{OnApplied: func(core.Applied) {
		hold(t, path, "BEGIN IMMEDIATE")
		took = time.Now()
	}})
	if r.To != 2 || time.Since(took) > time.Second {
		t.Errorf("%+v after %v", r, time.Since(took))
	}
}
