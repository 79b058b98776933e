package data_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/data"
	"fastmigrate/core/fault"
)

// newDB makes a versioned database and gives its path.
func newDB(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	if _, _, err := core.CreateDB(t.Context(), path, core.Options{}); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestQueryValues pins that what is stored is what comes back.
func TestQueryValues(t *testing.T) {
	ctx, path := t.Context(), newDB(t)
	if _, err := data.Execute(ctx, path, "CREATE TABLE v(id INTEGER PRIMARY KEY, x, d DATE)", nil, core.Options{}); err != nil {
		t.Fatal(err)
	}
	for i, v := range []any{nil, int64(math.MaxInt64), int64(math.MinInt64), 0.1, math.Inf(1), "", "a\x00b", "é", []byte{}, []byte{0, 0xff}} {
		if n, err := data.Execute(ctx, path, "INSERT INTO v VALUES (?, ?, '2026-01-02')", []any{i, v}, core.Options{}); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		rows, err := data.Query(ctx, path, "SELECT x, d FROM v WHERE id = ?", []any{i}, 0, core.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := rows.Values[0]; fmt.Sprintf("%T%#v", v, v) != fmt.Sprintf("%T%#v", got[0], got[0]) || got[1] != "2026-01-02" {
			t.Errorf("%#v came back as %#v", v, got)
		}
	}
}

// TestQueryOnlyReads pins that no statement given to Query changes any file.
func TestQueryOnlyReads(t *testing.T) {
	ctx, path := t.Context(), newDB(t)
	if _, err := data.Execute(ctx, path, "CREATE TABLE a(x); CREATE INDEX ax ON a(x); INSERT INTO a VALUES (1); CREATE VIEW w AS SELECT x FROM a; CREATE VIRTUAL TABLE r USING rtree(id, x, y)", nil, core.Options{}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"INSERT INTO a VALUES (2)", "DELETE FROM r", "DELETE FROM a RETURNING x", "DROP TABLE a", "CREATE TEMP TABLE t(x)", "PRAGMA user_version = 7",
		"PRAGMA query_only = 0", "PRAGMA journal_mode = wal", "PRAGMA writable_schema = 1", "PRAGMA wal_checkpoint", "PRAGMA optimize", "VACUUM", "VACUUM INTO 'x'",
		"ATTACH 'other.db' AS o", "BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s", "REINDEX", "ANALYZE", "WITH t AS (SELECT 1) UPDATE a SET x = 2",
	} {
		if _, err := data.Query(ctx, path, sql, nil, 0, core.Options{}); !errors.Is(err, fault.ErrRefused) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{"SELECT 1; DELETE FROM a", "", "-- nothing", "SELECT ?", "SELECT nope FROM a"} {
		if _, err := data.Query(ctx, path, sql, nil, 0, core.Options{}); err == nil {
			t.Errorf("%s: no error", sql)
		}
	}
	for _, sql := range []string{
		"SELECT x FROM w", "SELECT count(*) FROM r, a", "PRAGMA table_info(r)", "PRAGMA table_info(a)", "SELECT name FROM pragma_table_info('a')", "PRAGMA user_version", "EXPLAIN DELETE FROM a",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 3) SELECT sum(i) FROM n;", "VALUES (1), (2)",
	} {
		if _, err := data.Query(ctx, path, sql, nil, 0, core.Options{}); err != nil && !(errors.Is(err, fault.ErrRefused) && sql[0] == 'E') {
			t.Errorf("%s: %v", sql, err)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Error("the file changed", err)
	}
}

// TestExecuteAllOrNothing pins that the statements happen together or not at all.
func TestExecuteAllOrNothing(t *testing.T) {
	ctx, path := context.Background(), newDB(t)
	setup := "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p); INSERT INTO p VALUES (1)"
	if n, err := data.Execute(ctx, path, setup, nil, core.Options{}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	for sql, want := range map[string]error{
		"INSERT INTO p VALUES (2); INSERT INTO nope VALUES (1)":                                          nil,
		"INSERT INTO p VALUES (2); INSERT INTO c VALUES (7)":                                             fault.ErrForeignKey,
		"INSERT INTO p VALUES (2); UPDATE _meta SET version = 9":                                         fault.ErrRefused,
		"INSERT INTO p VALUES (2); ROLLBACK":                                                             fault.ErrRefused,
		"INSERT INTO p VALUES (2); VACUUM":                                                               fault.ErrRefused,
		"INSERT INTO p VALUES (2); PRAGMA journal_mode = wal":                                            fault.ErrRefused,
		"INSERT INTO p VALUES (2); ATTACH 'x.db' AS x":                                                   fault.ErrRefused,
		"UPDATE sqlite_dbpage SET data = NULL WHERE pgno = 2":                                            fault.ErrRefused,
		"PRAGMA writable_schema = on; UPDATE sqlite_schema SET sql = 'CREATE TABLE c(' WHERE name = 'c'": fault.ErrRefused,
		"PRAGMA writable_schema = on; DELETE FROM sqlite_schema WHERE name = 'c'":                        fault.ErrRefused,
	} {
		var e *core.Error
		if _, err := data.Execute(ctx, path, sql, nil, core.Options{}); !errors.As(err, &e) || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, args := range [][]any{{}, {1, 2}, {"\xff"}, {struct{}{}}} {
		if _, err := data.Execute(ctx, path, "INSERT INTO p VALUES (?)", args, core.Options{}); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
	if _, err := data.Execute(ctx, path, "INSERT INTO c VALUES (?)", []any{9}, core.Options{}); !errors.Is(err, fault.ErrForeignKey) {
		t.Error(err)
	}
	if _, err := data.Execute(ctx, path, "UPDATE _meta SET version = ?", []any{9}, core.Options{}); !errors.Is(err, fault.ErrRefused) {
		t.Error(err)
	}
	rows, err := data.Query(ctx, path, "SELECT (SELECT count(*) FROM p), (SELECT count(*) FROM c), (SELECT version FROM _meta)", nil, 0, core.Options{})
	if err != nil || fmt.Sprint(rows.Values) != "[[1 0 0]]" {
		t.Error(rows, err)
	}
}
