package sqlite

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestAuthorizer(t *testing.T) {
	c := open(t, temporary(t))
	exec(t, c, "CREATE TABLE a(x)", "CREATE TABLE b(x)")
	var seen []Action
	c.SetAuthorizer(func(a Action) bool {
		seen = append(seen, a)
		return a.Arg1 != "b"
	})
	for sql, want := range map[string]Action{
		"INSERT INTO a VALUES (1)":             {Code: ActInsert, Arg1: "a", Database: "main"},
		"UPDATE a SET x = 1":                   {Code: ActUpdate, Arg1: "a", Arg2: "x", Database: "main"},
		"DELETE FROM a":                        {Code: ActDelete, Arg1: "a", Database: "main"},
		"BEGIN":                                {Code: ActTransaction, Arg1: "BEGIN"},
		"PRAGMA user_version = 7":              {Code: ActPragma, Arg1: "user_version", Arg2: "7"},
		"ATTACH 'x' AS y":                      {Code: ActAttach, Arg1: "x"},
		"ATTACH 'x' || ? AS y":                 {Code: ActAttach, Computed: true},
		"ALTER TABLE a RENAME TO c":            {Code: ActAlterTable, Arg1: "main", Arg2: "a"},
		"CREATE TEMP TABLE d(x)":               {Code: ActInsert, Arg1: "sqlite_temp_master", Database: "temp"},
		"SAVEPOINT s":                          {Code: ActSavepoint, Arg1: "BEGIN", Arg2: "s"},
		"CREATE VIRTUAL TABLE v USING fts5(x)": {Code: ActCreateVTable, Arg1: "v", Arg2: "fts5", Database: "main"},
	} {
		seen = nil
		s, err := c.Prepare(sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		s.Close()
		if !has(seen, want) {
			t.Errorf("%s: %+v, want %+v", sql, seen, want)
		}
	}
	if err := c.Exec("INSERT INTO b VALUES (1)"); code(err) != Auth {
		t.Errorf("denied: %v", err)
	}
	c.SetAuthorizer(nil)
	if err := c.Exec("INSERT INTO b VALUES (1)"); err != nil {
		t.Errorf("without one: %v", err)
	}
}

func has(list []Action, a Action) bool {
	for _, b := range list {
		if a == b {
			return true
		}
	}
	return false
}

func TestHooksSeeEachRow(t *testing.T) {
	c := open(t, temporary(t))
	var rows, changes []string
	c.SetUpdateHook(func(code int, database, table string, rowid int64) {
		rows = append(rows, fmt.Sprint(verb(code), database, ".", table, rowid))
	})
	c.SetRowHook(func(r Change) {
		old := any("-")
		if r.Code != ActInsert {
			old = r.Old(1)
		}
		changes = append(changes, fmt.Sprintf("%s%s.%s depth %d: %v", verb(r.Code), r.Database, r.Table, r.Depth, old))
	})
	exec(t, c, "CREATE TABLE a(x INTEGER PRIMARY KEY, y UNIQUE)", "CREATE TEMP TABLE b(z)", "CREATE TABLE w(y PRIMARY KEY, v) WITHOUT ROWID",
		"CREATE TRIGGER g AFTER DELETE ON a BEGIN UPDATE a SET y = 'by trigger' WHERE x = 9; END")
	rows, changes = nil, nil
	exec(t, c, "INSERT INTO a VALUES (1, x'00ff'), (9, 2.5)", "UPDATE a SET y = 'text' WHERE x = 1", "DELETE FROM a WHERE x = 1",
		"INSERT OR REPLACE INTO a VALUES (3, 'by trigger')", "INSERT INTO b VALUES (1)", "INSERT INTO w VALUES (1, 2)")
	if want := strings.Fields("+main.a1 +main.a9 ~main.a1 -main.a1 ~main.a9 +main.a3 +temp.b1"); !reflect.DeepEqual(rows, want) {
		t.Errorf("update hook: %v, want %v", rows, want)
	}
	want := []string{"+main.a depth 0: -", "+main.a depth 0: -", "~main.a depth 0: [0 255]", "-main.a depth 0: text", "~main.a depth 1: 2.5",
		"-main.a depth 0: by trigger", "+main.a depth 0: -", "+temp.b depth 0: -", "+main.w depth 0: -"}
	if !reflect.DeepEqual(changes, want) {
		t.Errorf("row hook: %q, want %q", changes, want)
	}
}

func verb(code int) string {
	return map[int]string{ActInsert: "+", ActUpdate: "~", ActDelete: "-"}[code]
}

// TestProgress: it hears what the running statement has changed before that ends.
func TestProgress(t *testing.T) {
	c := open(t, temporary(t))
	exec(t, c, "CREATE TABLE a(x)")
	var heard []int64
	c.Progress = func(changes int64) { heard = append(heard, changes) }
	exec(t, c, "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 50000) INSERT INTO a SELECT x FROM n")
	if len(heard) < 2 || heard[0] >= 50000 || heard[len(heard)-1] < 25000 || heard[len(heard)-1] > 50000 {
		t.Errorf("heard %v", heard)
	}
	for i := range heard[1:] {
		if heard[i] > heard[i+1] {
			t.Errorf("it goes back: %v", heard)
		}
	}
}

// TestTextsAreHeld: texts that SQLite repeats are the same string, and each is right though
// only a few are held.
func TestTextsAreHeld(t *testing.T) {
	c := open(t, temporary(t))
	var n names
	if n.text(0) != "" {
		t.Error("no text is not empty")
	}
	for i := range 20 {
		want := strings.Repeat("a", i%7)
		p := c.cstring(want)
		if got := n.text(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		c.free(p)
	}
}
