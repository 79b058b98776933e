package sqlite

import (
	"os"
	"testing"
)

func TestForeignKeysSwitchInsideATransaction(t *testing.T) {
	c := open(t, temporary(t))
	exec(t, c, "CREATE TABLE a(x PRIMARY KEY REFERENCES a)", "BEGIN", "PRAGMA foreign_keys = ON")
	if c.ForeignKeys() {
		t.Error("the PRAGMA does something in a transaction")
	}
	c.SetForeignKeys(true)
	if err := c.Exec("INSERT INTO a VALUES (1), (2)"); err != nil || !c.ForeignKeys() {
		t.Errorf("rows that are their own parents: %v", err)
	}
	if err := c.Exec("UPDATE a SET x = 3 WHERE x = 1"); err != nil {
		t.Error(err)
	}
	exec(t, c, "CREATE TABLE b(y REFERENCES a DEFERRABLE INITIALLY DEFERRED)", "INSERT INTO b VALUES (9)")
	if !c.KeysViolated() {
		t.Error("KeysViolated() does not see a row without its parent")
	}
	if err := c.Exec("COMMIT"); code(err) != ForeignKey {
		t.Errorf("COMMIT: %v", err)
	}
	exec(t, c, "DELETE FROM b")
	if c.KeysViolated() {
		t.Error("KeysViolated() after the row is gone")
	}
	exec(t, c, "COMMIT")
	c.SetForeignKeys(false)
	if c.ForeignKeys() {
		t.Error("foreign keys are still enforced")
	}
}

func TestQuotedStrings(t *testing.T) {
	c := open(t, temporary(t))
	const sql = `SELECT "no such name"`
	if got, err := c.Text(sql); got != "no such name" || err != nil {
		t.Errorf("%s = %q, %v", sql, got, err)
	}
	c.WithoutQuotedStrings(func() {
		if _, err := c.Text(sql); code(err) != Generic {
			t.Errorf("WithoutQuotedStrings: %v", err)
		}
	})
	if got, err := c.Text(sql); got != "no such name" || err != nil {
		t.Errorf("after it: %q, %v", got, err)
	}
	c.NoQuotedStrings()
	c.WithoutQuotedStrings(func() {})
	if _, err := c.Text(sql); code(err) != Generic {
		t.Errorf("NoQuotedStrings: %v", err)
	}
}

func TestKeepWAL(t *testing.T) {
	for _, keep := range []bool{false, true} {
		path := temporary(t)
		c := open(t, path)
		exec(t, c, "PRAGMA journal_mode = WAL", "CREATE TABLE a(x)")
		if keep {
			c.KeepWAL()
		}
		c.Close()
		if _, err := os.Stat(path + "-wal"); os.IsNotExist(err) == keep {
			t.Errorf("keep %v: %v", keep, err)
		}
	}
}

func TestKeywords(t *testing.T) {
	for word, want := range map[string][2]bool{ // a keyword, and taken for a name
		"select": {true, false}, "TABLE": {true, false}, "Key": {true, true}, "replace": {true, true},
		"nope": {false, false}, "": {false, false}, "sel": {false, false},
	} {
		if got := [2]bool{Keyword(word), KeywordAsName(word)}; got != want {
			t.Errorf("%q: %v, want %v", word, got, want)
		}
	}
}
