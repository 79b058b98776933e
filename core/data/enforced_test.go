package data_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/data"
	"fastmigrate/core/fault"
	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/runner"
)

// query runs one statement, foreign keys or not, and gives the first column of its last row.
func query(t testing.TB, path, sql string) string {
	t.Helper()
	c, err := sqlite.Open(t.Context(), path, sqlite.ReadWrite, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got, err := c.Text(sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return got
}

// TestEnforced: Execute and Transact obey foreign keys as an application does.
func TestEnforced(t *testing.T) {
	const (
		cascade = "CREATE TABLE p(id INTEGER PRIMARY KEY, n UNIQUE); INSERT INTO p VALUES (1, 'a'), (2, 'b'), (3, 'c'); CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p(id) ON DELETE CASCADE ON UPDATE CASCADE); INSERT INTO c VALUES (10, 1), (20, 2)"
		deep    = cascade + "; CREATE TABLE d(c REFERENCES c(id) ON DELETE SET NULL); INSERT INTO d VALUES (10), (20)"
		plain   = "CREATE TABLE p(id INTEGER PRIMARY KEY, n UNIQUE); INSERT INTO p VALUES (1, 'a'), (2, 'b'), (3, 'c'); CREATE TABLE c(id INTEGER PRIMARY KEY, p REFERENCES p(id)); INSERT INTO c VALUES (10, 1), (20, 2)"
		orphan  = plain + "; INSERT INTO c VALUES (90, 99)"
		without = "CREATE TABLE p(k TEXT PRIMARY KEY, n) WITHOUT ROWID; INSERT INTO p VALUES ('x', 1), ('y', 2); CREATE TABLE c(k TEXT REFERENCES p ON DELETE CASCADE, i PRIMARY KEY) WITHOUT ROWID; INSERT INTO c VALUES ('x', 1)"
		self    = "CREATE TABLE t(id INTEGER PRIMARY KEY, up REFERENCES t ON DELETE CASCADE); INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2), (4, NULL)"
		trigger = cascade + "; CREATE TABLE q(x); CREATE TRIGGER g AFTER INSERT ON q BEGIN INSERT OR REPLACE INTO p VALUES (new.x, 'new'); END"
	)
	for _, test := range []struct {
		before, sql string
		err         error
		ask, want   string // after it
		cascaded    string
	}{
		// actions run, through all generations, and are told
		{cascade, "DELETE FROM p WHERE id = 1", nil, "SELECT group_concat(p) FROM c", "2", "map[c:1]"},
		{cascade, "DELETE FROM p", nil, "SELECT count(*) FROM c", "0", "map[c:2]"},
		{cascade, "UPDATE p SET id = 7 WHERE id = 1", nil, "SELECT group_concat(p) FROM c", "7,2", "map[c:1]"},
		{deep, "DELETE FROM p WHERE id = 1", nil, "SELECT group_concat(coalesce(c, 'NULL')) FROM d", "NULL,20", "map[c:1 d:1]"},
		{without, "DELETE FROM p WHERE k = 'x'", nil, "SELECT count(*) FROM c", "0", "map[c:1]"},
		{self, "DELETE FROM t WHERE id = 1", nil, "SELECT group_concat(id) FROM t", "4", "map[t:2]"},
		{cascade, "DELETE FROM c", nil, "SELECT count(*) FROM p", "3", "map[]"},
		{plain, "DELETE FROM p WHERE id = 3", nil, "SELECT count(*) FROM p", "2", "map[]"},

		// never for DROP TABLE, ALTER or a rebuild
		{cascade, "DROP TABLE p; DROP TABLE c", nil, "SELECT count(*) FROM sqlite_schema WHERE name = 'p'", "0", "map[]"},
		{cascade, "CREATE TABLE p2(id INTEGER PRIMARY KEY, n UNIQUE, x); INSERT INTO p2 SELECT id, n, 1 FROM p; DROP TABLE p; ALTER TABLE p2 RENAME TO p", nil, "SELECT group_concat(p) FROM c", "1,2", "map[]"},
		{cascade, "ALTER TABLE c ADD COLUMN q DEFAULT 1 REFERENCES p", nil, "SELECT group_concat(q) FROM c", "1,1", "map[]"},
		{cascade, "ALTER TABLE c DROP COLUMN p", nil, "SELECT count(*) FROM c", "2", "map[]"},
		{cascade, "/* x */ DROP TABLE IF EXISTS main.p; CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1), (2)", nil, "SELECT count(*) FROM c", "2", "map[]"},
		{cascade, "CREATE TABLE e(p REFERENCES p ON DELETE CASCADE); INSERT INTO e VALUES (3); DELETE FROM p WHERE id = 3", nil, "SELECT count(*) FROM e", "0", "map[e:1]"},

		// violations are refused at the end, whatever the order; those of before are not
		{plain, "DELETE FROM p WHERE id = 1", fault.ErrForeignKey, "SELECT count(*) FROM p", "3", ""},
		{plain, "INSERT INTO c VALUES (30, 9)", fault.ErrForeignKey, "SELECT count(*) FROM c", "2", ""},
		{plain, "INSERT INTO c VALUES (30, 9); INSERT INTO p VALUES (9, 'z')", nil, "SELECT count(*) FROM c", "3", "map[]"},
		{orphan, "DELETE FROM c WHERE id = 90; INSERT INTO c VALUES (91, 98)", fault.ErrForeignKey, "SELECT max(id) FROM c", "90", ""},
		{orphan, "INSERT INTO c VALUES (91, 98); DELETE FROM c WHERE id = 90", fault.ErrForeignKey, "SELECT max(id) FROM c", "90", ""},
		{orphan, "UPDATE c SET p = 98 WHERE id = 90", fault.ErrForeignKey, "SELECT p FROM c WHERE id = 90", "99", ""},
		{orphan, "UPDATE c SET p = p + 0", nil, "SELECT p FROM c WHERE id = 90", "99", "map[]"},
		{orphan, "REPLACE INTO c VALUES (90, 99)", nil, "SELECT p FROM c WHERE id = 90", "99", "map[]"},
		{orphan, "DELETE FROM c WHERE id = 90; INSERT INTO c VALUES (90, 99)", nil, "SELECT p FROM c WHERE id = 90", "99", "map[]"},
		{orphan, "INSERT INTO p VALUES (99, 'z')", nil, "SELECT count(*) FROM p", "4", "map[]"},
		{orphan, "DELETE FROM c WHERE id = 90", nil, "SELECT count(*) FROM c", "2", "map[]"},
		{strings.Replace(plain, "p(id)", "p(id) ON DELETE RESTRICT", 1), "DELETE FROM p WHERE id = 1", fault.ErrForeignKey, "SELECT count(*) FROM p", "3", ""},

		// REPLACE that would delete what others refer to
		{cascade, "INSERT OR REPLACE INTO p VALUES (1, 'new')", fault.ErrReplaced, "SELECT count(*) FROM c", "2", ""},
		{cascade, "REPLACE INTO p VALUES (9, 'a')", fault.ErrReplaced, "SELECT count(*) FROM c", "2", ""},
		{cascade, "UPDATE OR REPLACE p SET n = 'a' WHERE id = 3", fault.ErrReplaced, "SELECT count(*) FROM c", "2", ""},
		{cascade, "WITH x(i) AS (VALUES (1)) REPLACE INTO p SELECT i, 'new' FROM x", fault.ErrReplaced, "SELECT count(*) FROM c", "2", ""},
		{strings.Replace(cascade, "n UNIQUE", "n UNIQUE ON CONFLICT REPLACE", 1), "INSERT INTO p VALUES (9, 'a')", fault.ErrReplaced, "SELECT count(*) FROM c", "2", ""},
		{plain, "REPLACE INTO p VALUES (1, 'new')", fault.ErrReplaced, "SELECT n FROM p WHERE id = 1", "a", ""},
		{deep, "REPLACE INTO c VALUES (10, 2)", fault.ErrReplaced, "SELECT group_concat(c) FROM d", "10,20", ""},
		{without, "REPLACE INTO p VALUES ('x', 3)", fault.ErrReplaced, "SELECT count(*) FROM c", "1", ""},
		{self, "REPLACE INTO t VALUES (2, 1)", fault.ErrReplaced, "SELECT count(*) FROM t", "4", ""},
		{trigger, "INSERT INTO q VALUES (1)", fault.ErrReplaced, "SELECT count(*) FROM c", "2", ""},
		{strings.Replace(plain, "p(id)", "p(id) ON DELETE RESTRICT", 1), "REPLACE INTO p VALUES (1, 'new')", fault.ErrReplaced, "SELECT count(*) FROM p", "3", ""},
		// and one that would not
		{cascade, "REPLACE INTO p VALUES (3, 'new'), (4, 'x')", nil, "SELECT count(*) FROM c", "2", "map[]"},
		{cascade, "REPLACE INTO c VALUES (10, 2)", nil, "SELECT group_concat(p) FROM c", "2,2", "map[]"},
		{trigger, "INSERT INTO q VALUES (3)", nil, "SELECT n FROM p WHERE id = 3", "new", "map[]"},
		{self, "REPLACE INTO t VALUES (3, 1)", nil, "SELECT count(*) FROM t", "4", "map[]"},
		{cascade, "INSERT INTO p VALUES (1, 'new') ON CONFLICT (id) DO UPDATE SET n = excluded.n", nil, "SELECT count(*) FROM c", "2", "map[]"},
		{"CREATE TABLE t(id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES (1, 2)", "REPLACE INTO t VALUES (1, 3)", nil, "SELECT x FROM t", "3", "map[]"},
	} {
		for _, way := range []string{"execute", "transact"} {
			path := newDB(t)
			for _, sql := range strings.Split(strings.Replace(test.before, "END", "END;", 1), "; ") {
				if !strings.Contains(test.before, "TRIGGER") {
					query(t, path, sql)
				}
			}
			if strings.Contains(test.before, "TRIGGER") {
				if _, err := data.Execute(t.Context(), path, test.before, nil, core.Options{}); err != nil {
					t.Fatal(err)
				}
			}
			told := map[string]int64{}
			o := core.Options{OnCascade: func(rows map[string]int64) { told = rows }}
			err := work(t.Context(), way, path, test.sql, o)
			if test.err == nil && err != nil || test.err != nil && !errors.Is(err, test.err) {
				t.Errorf("%s of %q: %v", way, test.sql, err)
			}
			if got := query(t, path, test.ask); got != test.want {
				t.Errorf("%s of %q: %s gives %s, want %s", way, test.sql, test.ask, got, test.want)
			}
			if got := fmt.Sprint(told); err == nil && got != test.cascaded {
				t.Errorf("%s of %q told %s, want %s", way, test.sql, got, test.cascaded)
			}
		}
	}
}

func work(ctx context.Context, way, path, sql string, o core.Options) error {
	if way == "execute" {
		_, err := data.Execute(ctx, path, sql, nil, o)
		return err
	}
	return data.Transact(ctx, path, func(tx *runner.Tx) error {
		for _, one := range strings.Split(sql, "; ") {
			if _, err := tx.Exec(one); err != nil {
				return err
			}
		}
		return nil
	}, o)
}
