package sqlite

import (
	"errors"
	"fmt"
	"testing"
)

func TestFunctions(t *testing.T) {
	c := open(t, temporary(t))
	if err := c.CreateFunction("joined", -1, func(args []any) (any, error) { return fmt.Sprint(args...), nil }); err != nil {
		t.Fatal(err)
	}
	if err := c.CreateFunction("twice", 1, func(args []any) (any, error) { return 2 * args[0].(int64), nil }); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Text("SELECT joined(twice(21), 'x', NULL, x'00')"); got != "42x<nil> [0]" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if err := c.Exec("SELECT twice(1, 2)"); code(err) != Generic {
		t.Errorf("an argument too many: %v", err)
	}
	for _, sql := range []string{"CREATE TABLE a(x, y AS (twice(x)))", "CREATE TABLE a(x CHECK (twice(x) > 1))", "CREATE INDEX i ON b(twice(x))"} {
		exec(t, c, "CREATE TABLE IF NOT EXISTS b(x)")
		if err := c.Exec(sql); code(err) != Generic {
			t.Errorf("%s: %v", sql, err)
		}
	}
	exec(t, c, "CREATE TRIGGER g AFTER INSERT ON b BEGIN SELECT twice(1); END")
	if err := c.Exec("INSERT INTO b VALUES (1)"); code(err) != Generic {
		t.Errorf("in a trigger: %v", err)
	}
	c.DropFunctions()
	if err := c.Exec("SELECT twice(1)"); code(err) != Generic {
		t.Errorf("after DropFunctions: %v", err)
	}
}

// TestFunctionErrorIsTheCallers: the one that the function gave, once.
func TestFunctionErrorIsTheCallers(t *testing.T) {
	c := open(t, temporary(t))
	exec(t, c, "CREATE TABLE a(x)")
	why := errors.New("why")
	if err := c.CreateFunction("fails", 0, func([]any) (any, error) { return nil, why }); err != nil {
		t.Fatal(err)
	}
	if err := c.CreateFunction("odd", 0, func([]any) (any, error) { return struct{}{}, nil }); err != nil {
		t.Fatal(err)
	}
	if err := c.Exec("INSERT INTO a SELECT 1 UNION ALL SELECT fails()"); err != why {
		t.Errorf("%v, want %v", err, why)
	}
	if n, err := c.Int("SELECT count(*) FROM a"); n != 0 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	if err := c.Exec("SELECT nope"); code(err) != Generic {
		t.Errorf("the next error: %v", err)
	}
	if err := c.Exec("SELECT odd()"); err == nil || code(err) != 0 {
		t.Errorf("a value that SQL has not: %v", err)
	}
}

// TestFunctionPanics: the panic comes out, and the connection can still be closed.
func TestFunctionPanics(t *testing.T) {
	path := temporary(t)
	c := open(t, path)
	exec(t, c, "CREATE TABLE a(x)")
	if err := c.CreateFunction("panics", 0, func([]any) (any, error) { panic("why") }); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if v := recover(); v != "why" {
				t.Errorf("recover() = %v", v)
			}
		}()
		c.Exec("INSERT INTO a SELECT panics()")
		t.Error("it did not panic")
	}()
	if err := c.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	exec(t, open(t, path), "INSERT INTO a VALUES (1)")
}
