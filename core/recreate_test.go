package core_test

import (
	"errors"
	"strings"
	"testing"

	"fastmigrate/core/fault"
	"fastmigrate/core/runner"
)

const library = `CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b, old) STRICT;
CREATE TABLE child(t REFERENCES t ON DELETE CASCADE, x);
CREATE INDEX t_b ON t(b); CREATE INDEX t_quoted ON t("b");
CREATE VIEW v AS SELECT a, "b" FROM t; CREATE VIEW w AS SELECT * FROM v;
CREATE TABLE log(x);
CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.b); END;
CREATE TRIGGER far AFTER INSERT ON log BEGIN UPDATE t SET b = b WHERE a = new.x; END;
INSERT INTO t VALUES (1, 'x', 2, 'o'), (9, 'y', 3, 'p'); DELETE FROM t WHERE id = 9; INSERT INTO child VALUES (1, 1); DELETE FROM log`

// TestRecreate: with the columns alone all else stays, while rows are read and
// after a function was made.
func TestRecreate(t *testing.T) {
	setup := strings.ReplaceAll(library, "b, old)", "b ANY, old ANY)")
	path, _, err := inTx(t, setup, func(tx *runner.Tx) error {
		if err := tx.Function("twice", 1, func(args []any) (any, error) { return args[0].(string) + args[0].(string), nil }); err != nil {
			return err
		}
		rows, err := tx.Query("SELECT id FROM t")
		if err != nil {
			return err
		}
		err = tx.Recreate("T", "id INTEGER PRIMARY KEY AUTOINCREMENT, b ANY, a TEXT NOT NULL, n INT DEFAULT 7 -- more", map[string]string{"a": "twice(a)"})
		if row, e := rows.Next(); err == nil && (e != nil || row[0] != int64(1)) {
			t.Errorf("read %v, %v", row, e)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec("INSERT INTO t(a, b) VALUES ('z', 5)"); err != nil {
			return err
		}
		_, err = tx.Exec("ALTER TABLE child RENAME TO children") // with legacy_alter_table, its trigger would be lost
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]string{
		"SELECT * FROM t":                                           "[[1 2 xx 7] [10 5 z 7]]",
		"SELECT * FROM w":                                           "[[xx 2] [z 5]]",
		"SELECT * FROM children":                                    "[[1 1]]",
		"SELECT x FROM log":                                         "[[5]]",
		"SELECT name, seq FROM sqlite_sequence":                     "[[t 10]]",
		"SELECT strict FROM pragma_table_list('t')":                 "[[1]]",
		"SELECT \"table\" FROM pragma_foreign_key_list('children')": "[[t]]",
		"SELECT count(*) FROM sqlite_master WHERE name IN ('t_b', 't_quoted', 'tr', 'far')": "[[4]]",
		"PRAGMA integrity_check": "[[ok]]",
	} {
		if got := ask(t, path, sql); got != want {
			t.Errorf("%s gives %s, want %s", sql, got, want)
		}
	}
}

// TestRecreateRefuses what would break something else, and says what; the
// migration can go on, as if it had not been called.
func TestRecreateRefuses(t *testing.T) {
	setup := strings.ReplaceAll(library, "b, old) STRICT", "b, old)")
	for _, tt := range []struct{ drop, columns, value, says string }{
		{"", "id INTEGER PRIMARY KEY, a", "", "the index t_b would no longer work: no such column: b"},
		{"DROP INDEX t_b", "id INTEGER PRIMARY KEY, a", "", `the index t_quoted would no longer work: no such column: "b"`},
		{"DROP INDEX t_b; DROP INDEX t_quoted", "id INTEGER PRIMARY KEY, a", "", `the view v would no longer work: no such column: "b"`},
		{"DROP INDEX t_b; DROP INDEX t_quoted; DROP VIEW v; DROP VIEW w", "id INTEGER PRIMARY KEY, a", "", "the trigger far would no longer work: no such column: b"},
		{"DROP INDEX t_b; DROP INDEX t_quoted; DROP VIEW v; DROP VIEW w; DROP TRIGGER far", "id INTEGER PRIMARY KEY, a", "", "the trigger tr would no longer work: no such column: new.b"},
		{"", "id INTEGER PRIMARY KEY, a, old", "twice(a)", "the index t_b would no longer work: no such column: b"},
		{"", "id INTEGER, a, b, old", "", "foreign key mismatch"},
		{"", "id INTEGER PRIMARY KEY, a, b, old,", "", "syntax error"},
		{"", "id INTEGER PRIMARY KEY, a, b, old", "nope", "no such column: nope"},
		{"", "id INTEGER PRIMARY KEY, a, b, old NOT NULL", "NULL", "NOT NULL constraint failed"},
		{"", "id INTEGER PRIMARY KEY, a, b, old", "1 FROM t; DELETE FROM _meta; --", "must not change the version table"},
		{"", "id INTEGER PRIMARY KEY, a, b); DROP TABLE log; --", "", ""},
	} {
		path, _, err := inTx(t, setup, func(tx *runner.Tx) error {
			if err := tx.Function("twice", 1, func(args []any) (any, error) { return args[0], nil }); err != nil {
				return err
			}
			for _, sql := range strings.Split(tt.drop, "; ") {
				if sql != "" {
					if _, err := tx.Exec(sql); err != nil {
						return err
					}
				}
			}
			schema := "SELECT group_concat(sql) FROM (SELECT * FROM sqlite_master ORDER BY rowid)"
			before := first(t, tx, schema)
			values := map[string]string{"old": tt.value}
			if tt.value == "" {
				values = nil
			}
			err := tx.Recreate("t", tt.columns, values)
			if tt.says == "" {
				return err
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Recreate(%s) after %s: %v", tt.columns, tt.drop, err)
			}
			if tt.drop != "" && !errors.Is(err, fault.ErrRefused) {
				t.Errorf("%v is no refusal", err)
			}
			if after := first(t, tx, schema); after != before {
				t.Errorf("%s left %s", tt.columns, after)
			}
			return nil
		})
		if got := ask(t, path, "SELECT (SELECT version FROM _meta), (SELECT count(*) FROM t), (SELECT count(*) FROM child), (SELECT count(*) FROM log)"); err != nil || got != "[[1 1 1 0]]" {
			t.Errorf("%s left %s, %v", tt.columns, got, err)
		}
	}
}

func first(t testing.TB, tx *runner.Tx, sql string) any {
	t.Helper()
	rows, err := tx.Query(sql)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	row, err := rows.Next()
	if err != nil {
		t.Fatal(err)
	}
	return row[0]
}
