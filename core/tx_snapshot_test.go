package core_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/data"
	"fastmigrate/core/runner"
)

// snapshotSetup makes what the queries of TestTxSnapshotHolds read: t by rowid, k without,
// child with a foreign key, and a trigger that changes rows of t to come.
var snapshotSetup = []string{
	"DROP VIEW IF EXISTS v", "DROP TABLE IF EXISTS child", "DROP TABLE IF EXISTS k", "DROP TABLE IF EXISTS t",
	"CREATE TABLE t(id INTEGER PRIMARY KEY, a, b UNIQUE)",
	"CREATE INDEX t_a ON t(a)",
	"CREATE TABLE k(a TEXT, b INT, PRIMARY KEY (a, b)) WITHOUT ROWID",
	"CREATE TABLE child(id INTEGER PRIMARY KEY, t REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE)",
	"CREATE VIEW v AS SELECT id + 0 AS id, a, b FROM t WHERE a IS NOT NULL",
	"INSERT INTO t VALUES (1, 'x', 1.5), (2, 'y', x'00ff'), (3, '', 9223372036854775807), (4, 'ä', NULL), (5, 'z', 'text'), (6, 'y', NULL)",
	"INSERT INTO k SELECT a, id FROM t",
	"INSERT INTO child SELECT id + 10, id FROM t WHERE id < 5",
	"CREATE TRIGGER behind AFTER UPDATE OF a ON t WHEN new.a = 'trigger' BEGIN UPDATE t SET b = 'by trigger' || id, a = 'seen' WHERE id = new.id + 1; DELETE FROM t WHERE id = new.id + 2; END",
}

var snapshotQueries = []string{
	"SELECT id, a, b FROM t",
	"SELECT rowid, * FROM t WHERE id > 1",
	"SELECT a, id FROM t WHERE a > 'w'",
	"SELECT id, a FROM t ORDER BY id DESC",
	"SELECT id FROM t ORDER BY a",
	"SELECT * FROM v",
	"SELECT * FROM k",
	"SELECT b, a FROM k WHERE a = 'y'",
	"SELECT id, t FROM child",
	"SELECT t.id, child.id, t.a FROM t JOIN child ON child.t = t.id",
	"SELECT id, (SELECT count(*) FROM child WHERE t >= o.id), (SELECT max(b) FROM k WHERE k.a = o.a) FROM t AS o",
	"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 6) SELECT i, (SELECT a FROM t WHERE id = i) FROM c",
	"SELECT id, a FROM t UNION ALL SELECT id, t FROM child",
	"SELECT id, count(*) OVER (ORDER BY id) FROM t",
	"SELECT DISTINCT a FROM t",
	"SELECT x.id, y.id FROM t AS x, t AS y WHERE y.id > x.id",
}

// snapshotWrites are run after each row; ? is how many were read.
var snapshotWrites = []string{
	"UPDATE t SET a = 'changed' WHERE id = ?",
	"UPDATE t SET a = 'changed', b = 'b' || id WHERE id = ? + 1",
	"UPDATE t SET id = id + 100 WHERE id = ?",
	"UPDATE t SET id = id - 100 WHERE id = ? + 2",
	"UPDATE OR REPLACE t SET b = 'text' WHERE ? = 1 AND id = 3",
	"UPDATE t SET a = 'trigger' WHERE id = ?",
	"UPDATE t SET a = upper(s.a) || ?1 FROM (SELECT id, a FROM t) AS s WHERE s.id = t.id",
	"DELETE FROM t WHERE id = ? + 1",
	"DELETE FROM t WHERE id > ?",
	"DELETE FROM child WHERE t = ? + 1",
	"INSERT INTO t (id, a) VALUES (? + 50, 'new')",
	"INSERT INTO t (a) SELECT a FROM t WHERE id <= ?",
	"INSERT INTO t (id, a) VALUES (? + 1, 'upsert') ON CONFLICT (id) DO UPDATE SET a = excluded.a, id = id + 200",
	"INSERT OR REPLACE INTO child VALUES (? + 11, NULL)",
	"REPLACE INTO k VALUES ('y', ? + 1)",
	"UPDATE k SET a = 'zz' || a, b = b + ?",
	"DELETE FROM k WHERE b > ?",
	"WITH gone AS (SELECT max(id) AS id FROM t WHERE id > ?) DELETE FROM t WHERE id = (SELECT id FROM gone)",
}

// TestTxSnapshotHolds pins that a query gives the rows that it would have given without
// what is changed while it is read: before, behind and at the row that is read, by
// triggers too, and by foreign keys outside of migrations, and however the query and the
// change find their rows.
func TestTxSnapshotHolds(t *testing.T) {
	done := errors.New("done") // what is left may violate foreign keys
	do := func(tx *runner.Tx) error {
		for _, query := range snapshotQueries {
			want := readAll(t, tx, query, "")
			for _, write := range snapshotWrites {
				if got := readAll(t, tx, query, write); !reflect.DeepEqual(got, want) {
					t.Errorf("%s, while there is %s: %v, want %v", query, write, got, want)
				}
			}
		}
		return done
	}
	if _, _, err := inTx(t, "", do); !errors.Is(err, done) {
		t.Errorf("in a migration: %v", err)
	}
	if err := data.Transact(t.Context(), newDB(t, false), do, core.Options{}); !errors.Is(err, done) {
		t.Errorf("in a transaction: %v", err)
	}
}

// readAll reads the rows of a query on what snapshotSetup makes, as text, with a write
// after each; "" is none.
func readAll(t *testing.T, tx *runner.Tx, query, write string) (rows []string) {
	t.Helper()
	for _, sql := range snapshotSetup {
		if _, err := tx.Exec(sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	c, err := tx.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer c.Close()
	for {
		row, err := c.Next()
		if err != nil {
			t.Fatalf("%s, while there is %s: %v", query, write, err)
		}
		if row == nil || len(rows) == 100 { // the rows that it writes itself, without end
			return rows
		}
		rows = append(rows, fmt.Sprintf("%#v", row))
		if write == "" {
			continue
		}
		if _, err := tx.Exec(write, int64(len(rows))); err != nil {
			t.Fatalf("%s: %v", write, err)
		}
	}
}
