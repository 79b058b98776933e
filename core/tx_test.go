package core_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fastmigrate/core"
	"fastmigrate/core/data"
	"fastmigrate/core/fault"
	"fastmigrate/core/runner"
)

// inTx runs do as the migration after setup.
func inTx(t testing.TB, setup string, do func(tx *runner.Tx) error) (path string, result core.Result, err error) {
	t.Helper()
	path = newDB(t, false)
	if setup != "" {
		if _, err := data.Execute(t.Context(), path, setup, nil, core.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	run := func(_ context.Context, _ core.Migration, _ []byte, tx *runner.Tx) error { return do(tx) }
	result, err = core.RunMigrations(t.Context(), path, fstest.MapFS{"0001-a.star": {Data: []byte("x")}}, core.Options{Runners: map[string]runner.Runner{"star": run}})
	return path, result, err
}

func ask(t testing.TB, path, sql string) string {
	t.Helper()
	rows, err := data.Query(t.Context(), path, sql, nil, 0, core.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(rows.Values)
}

const numbers = "CREATE TABLE n(i INTEGER PRIMARY KEY, x); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < %d) INSERT INTO n SELECT i, i FROM c"

// TestTxSnapshot pins that a query gives the rows as they were, few or many,
// whatever is changed while it is read.
func TestTxSnapshot(t *testing.T) {
	for _, n := range []int{1, 10, 999, 1001, 5000} {
		path, result, err := inTx(t, fmt.Sprintf(numbers, n), func(tx *runner.Tx) error {
			c, err := tx.Query("SELECT i, x FROM n WHERE x > 0 ORDER BY x")
			if err != nil {
				return err
			}
			seen := 0
			for {
				row, err := c.Next()
				if err != nil || row == nil {
					if seen != n {
						t.Errorf("%d rows of %d were seen", seen, n)
					}
					return err
				}
				seen++
				if row[0] != row[1] {
					t.Fatalf("row %v is one that was changed", row)
				}
				// Moved behind the cursor, it would be met again.
				if _, err := tx.Exec("UPDATE n SET x = x + 100000 WHERE i = ?", row[0]); err != nil {
					return err
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := ask(t, path, "SELECT count(*), sum(x > 100000) FROM n"); got != fmt.Sprintf("[[%d %d]]", n, n) {
			t.Errorf("%s", got)
		}
		if result.Applied[0].Rows != int64(n) {
			t.Errorf("%d rows were counted of %d", result.Applied[0].Rows, n)
		}
	}
}

// TestTxRefuses pins what a migration cannot do, and that it leaves nothing.
func TestTxRefuses(t *testing.T) {
	for _, sql := range []string{
		"COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT s", "ATTACH 'x.db' AS x", "VACUUM", "UPDATE _meta SET version = 9", "DROP TABLE _meta",
		"PRAGMA journal_mode = wal", "PRAGMA foreign_keys = on", "SELECT 1; SELECT 2", "", "INSERT OR ROLLBACK INTO n VALUES (1, 1)", "SELECT ?",
		"INSERT INTO _meta_history(version) VALUES (1)", "CREATE TRIGGER t AFTER INSERT ON n BEGIN UPDATE _meta SET version = 3; END",
		"DELETE FROM sqlite_dbpage WHERE pgno = 2", "CREATE VIRTUAL TABLE p USING sqlite_dbpage", "PRAGMA writable_schema = on", "DELETE FROM sqlite_schema",
	} {
		path, _, err := inTx(t, fmt.Sprintf(numbers, 3), func(tx *runner.Tx) error {
			if _, err := tx.Exec("DELETE FROM n WHERE i = 2"); err != nil {
				t.Fatal(err)
			}
			_, err := tx.Exec(sql)
			if err == nil {
				t.Errorf("%s: no error", sql)
			}
			return err
		})
		var e *core.Error
		if !errors.As(err, &e) || e.File != "0001-a.star" && e.File != "SQL" {
			t.Errorf("%s: %v", sql, err)
		}
		if got := ask(t, path, "SELECT (SELECT count(*) FROM n), (SELECT version FROM _meta)"); got != "[[3 0]]" {
			t.Errorf("%s left %s", sql, got)
		}
	}
}

// TestTxFunction pins values to and from a function, its error, and that it
// cannot use the database.
func TestTxFunction(t *testing.T) {
	path, _, err := inTx(t, "CREATE TABLE v(x)", func(tx *runner.Tx) error {
		if err := tx.Function("same", 1, func(args []any) (any, error) { return args[0], nil }); err != nil {
			return err
		}
		for _, v := range []any{nil, int64(7), 1.5, "é", "", []byte{0, 1}, []byte{}} {
			c, err := tx.Query("SELECT same(?)", v)
			if err != nil {
				return err
			}
			row, err := c.Next()
			if err != nil || fmt.Sprintf("%#v", row[0]) != fmt.Sprintf("%#v", v) {
				t.Errorf("%#v came back as %#v: %v", v, row, err)
			}
			c.Close()
		}
		return errors.Join(
			tx.Function("fails", -1, func([]any) (any, error) { return nil, errors.New("no such luck") }),
			tx.Function("nested", 0, func([]any) (any, error) { return tx.Exec("DELETE FROM v") }))
	})
	if err != nil || ask(t, path, "SELECT version FROM _meta") != "[[1]]" {
		t.Fatal(err)
	}
	for _, sql := range []string{"INSERT INTO v SELECT fails(1, 2)", "INSERT INTO v SELECT nested()"} {
		_, _, err := inTx(t, "CREATE TABLE v(x)", func(tx *runner.Tx) error {
			tx.Function("fails", -1, func([]any) (any, error) { return nil, errors.New("no such luck") })
			tx.Function("nested", 0, func([]any) (any, error) { return tx.Exec("DELETE FROM v") })
			_, err := tx.Exec(sql)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "no such luck") && !strings.Contains(err.Error(), "cannot use the database") {
			t.Error(err)
		}
	}
}

// TestTxForeignKeys pins that rows without a parent fail the migration.
func TestTxForeignKeys(t *testing.T) {
	path, _, err := inTx(t, "CREATE TABLE p(i INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)", func(tx *runner.Tx) error {
		_, err := tx.Exec("DELETE FROM p")
		return err
	})
	if !errors.Is(err, fault.ErrForeignKey) || ask(t, path, "SELECT count(*) FROM p") != "[[1]]" {
		t.Error(err)
	}
}

// TestTxAfterError pins that a query that failed gives no row again, and that a
// Tx does nothing once its migration is over, whoever has kept it.
func TestTxAfterError(t *testing.T) {
	var kept *runner.Tx
	run := func(_ context.Context, m core.Migration, _ []byte, tx *runner.Tx) error {
		if m.Version == 2 {
			if _, err := kept.Exec("CREATE TABLE late(x)"); err == nil {
				t.Error("the Tx of the migration before could be used")
			}
			return nil
		}
		kept = tx
		if err := tx.Function("odd", 1, func(args []any) (any, error) {
			if args[0] == int64(3) {
				return nil, errors.New("it is three")
			}
			return args[0], nil
		}); err != nil {
			return err
		}
		c, err := tx.Query("SELECT odd(value) FROM json_each('[1,2,3,4]')")
		if err != nil {
			return err
		}
		got := ""
		for range 5 {
			row, err := c.Next()
			got += fmt.Sprint(row, err, " ")
		}
		if want := "[1] <nil> [2] <nil> [] it is three [] it is three [] it is three "; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		return nil
	}
	path := newDB(t, false)
	_, err := core.RunMigrations(t.Context(), path, files("0001-a.star", "a", "0002-b.star", "b"), core.Options{Atomic: true, Runners: map[string]runner.Runner{"star": run}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kept.Exec("CREATE TABLE late(x)"); err == nil {
		t.Error("the Tx could be used after the run")
	}
}

// TestTxStaysInside pins that what a migration makes for itself is neither there
// for the next one in the same transaction nor kept in the schema.
func TestTxStaysInside(t *testing.T) {
	same := func(args []any) (any, error) { return args[0], nil }
	for _, c := range []struct {
		first, second, want string
		atomic              bool
	}{
		{"INSERT INTO v VALUES (same(1))", "INSERT INTO v VALUES (same(2))", "no such function: same", true},
		{"CREATE TEMP TABLE v(x)", "INSERT INTO v VALUES (1)", "temporary objects cannot be", true},
		{"CREATE TEMP TABLE v(x)", "INSERT INTO v VALUES (1)", "", false},
		{"CREATE INDEX i ON v(same(x))", "", "unsafe use of same()", false},
		{"CREATE TABLE w(x CHECK (same(x)))", "", "unsafe use of same()", false},
	} {
		path := newDB(t, false)
		query(t, path, "CREATE TABLE v(x)")
		run := func(_ context.Context, m core.Migration, text []byte, tx *runner.Tx) error {
			if m.Version == 1 {
				if err := tx.Function("same", 1, same); err != nil {
					return err
				}
			}
			_, err := tx.Exec(string(text))
			return err
		}
		o := core.Options{Atomic: c.atomic, Runners: map[string]runner.Runner{"star": run}}
		_, err := core.RunMigrations(t.Context(), path, files("0001-a.star", c.first, "0002-b.star", cmp.Or(c.second, "SELECT 1")), o)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s, %s: %v, want %q", c.first, c.second, err, c.want)
		}
	}
	_, _, err := inTx(t, "", func(tx *runner.Tx) error { return tx.Function("Upper", 1, same) })
	if !errors.Is(err, fault.ErrRefused) {
		t.Errorf("a function of SQLite's: %v", err)
	}
}

// TestTxLargeQuery pins that the schema may change while a query is read whose
// rows do not fit into memory.
func TestTxLargeQuery(t *testing.T) {
	_, _, err := inTx(t, fmt.Sprintf(numbers, 50)+"; CREATE TABLE other(x); UPDATE n SET x = zeroblob(1 << 20)", func(tx *runner.Tx) error {
		c, err := tx.Query("SELECT i, x FROM n ORDER BY i")
		if err != nil {
			return err
		}
		for n := int64(1); ; n++ {
			row, err := c.Next()
			if err != nil || row == nil {
				if n != 51 {
					t.Errorf("row %d is not there", n)
				}
				return err
			}
			if row[0] != n {
				t.Fatalf("row %d is %v", n, row[0])
			}
			for at, sql := range map[int64]string{2: "DELETE FROM n WHERE i = 9", 40: "DROP TABLE other", 41: "ALTER TABLE n ADD COLUMN y", 45: "DROP TABLE n"} {
				if n != at {
					continue
				}
				if _, err := tx.Exec(sql); err != nil {
					return fmt.Errorf("%s: %w", sql, err)
				}
			}
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// TestTxLateWaits pins that a migration out of order waits for the program that
// another run has begun, also where that is not among those to apply.
func TestTxLateWaits(t *testing.T) {
	path := newDB(t, false)
	old := []string{"0001-a.sql", "SELECT 1", "0003-c.sql", "SELECT 1"}
	if _, err := core.RunMigrations(t.Context(), path, files(old...), core.Options{}); err != nil {
		t.Fatal(err)
	}
	told := filepath.Join(t.TempDir(), "told")
	program := "until [ -e '" + told + "' ]; do sleep 0.01; done"
	ended := make(chan error)
	go func() {
		_, err := core.RunMigrations(t.Context(), path, files(append(old, "0004-d.sh", program)...), core.Options{})
		ended <- err
	}()
	for query(t, path, "SELECT count(*) FROM _meta_history WHERE version = 4") == "0" {
		time.Sleep(10 * time.Millisecond)
	}
	run := func(context.Context, core.Migration, []byte, *runner.Tx) error { return nil }
	o, waits := waiting(core.Options{AllowOutOfOrder: true, To: 3, Runners: map[string]runner.Runner{"star": run}})
	go func() {
		<-waits
		if err := os.WriteFile(told, nil, 0o644); err != nil {
			t.Error(err)
		}
	}()
	r, err := core.RunMigrations(t.Context(), path, files("0001-a.sql", "SELECT 1", "0002-b.star", "x", "0003-c.sql", "SELECT 1", "0004-d.sh", program), o)
	if err != nil || len(r.Applied) != 1 || r.Applied[0].Version != 2 {
		t.Errorf("RunMigrations() = %v, %v", r, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestTxReentrant pins that a function cannot read on, or end, the query that
// calls it.
func TestTxReentrant(t *testing.T) {
	_, _, err := inTx(t, "", func(tx *runner.Tx) error {
		var c *runner.Cursor
		if err := tx.Function("again", 1, func(args []any) (any, error) {
			c.Close()
			if row, err := c.Next(); err == nil {
				t.Errorf("it has read %v", row)
			}
			return args[0], nil
		}); err != nil {
			return err
		}
		var err error
		if c, err = tx.Query("SELECT again(value) FROM json_each('[1,2,3]')"); err != nil {
			return err
		}
		for _, want := range []string{"[1] <nil>", "[2] <nil>", "[3] <nil>", "[] <nil>"} {
			row, err := c.Next()
			if got := fmt.Sprint(row, err); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
