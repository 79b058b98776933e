package core_test

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/schema"
)

// schemaOf makes a database by statements and reads its schema.
func schemaOf(t testing.TB, statements ...string) []schema.Object {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	if _, err := core.RestoreDB(t.Context(), newDB(t, false), path, core.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range statements {
		query(t, path, sql)
	}
	list, err := core.Schema(t.Context(), path, core.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestCompare: what SQLite reads in the same way is no change, the rest is one.
func TestCompare(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"CREATE TABLE t(a INTEGER, b)", "create  table t ( a INTEGER,b )", true},
		{"CREATE TABLE t(a /* of x */, b)", "CREATE TABLE t(a, -- of x\n b)", true},
		{"CREATE TABLE t(a, b)", `CREATE TABLE "t"([a], "b")`, true},
		{"CREATE TABLE t(a not null)", "CREATE TABLE t(a NOT NULL)", true},
		{"CREATE TABLE t(a integer, b text)", "CREATE TABLE t(a INTEGER, b TEXT)", true},
		{"CREATE TABLE t(text integer)", "CREATE TABLE t(TEXT integer)", false},
		{"CREATE TABLE t(a DEFAULT 'x')", "CREATE TABLE t(a DEFAULT 'X')", false},
		{"CREATE TABLE t(a DEFAULT 'x  y')", "CREATE TABLE t(a DEFAULT 'x y')", false},
		{"CREATE TABLE t(a DEFAULT null)", `CREATE TABLE t(a DEFAULT "null")`, false},
		{"CREATE TABLE t(a DEFAULT true)", `CREATE TABLE t(a DEFAULT "true")`, false},
		{"CREATE TABLE t(a DEFAULT current_time)", `CREATE TABLE t(a DEFAULT "current_time")`, false},
		{`CREATE TABLE t("order" INT)`, `CREATE TABLE t([order] INT)`, false}, // sure is only what needs no quotes
		{"CREATE TABLE key(a)", `CREATE TABLE "key"(a)`, true},                // as ALTER TABLE writes it
		{"CREATE TABLE left(left INT, right INT, UNIQUE (left, right))", `CREATE TABLE [left]("left" INT, "right" INT, UNIQUE ("left", "right"))`, true},
		{"CREATE VIEW v AS SELECT raise.x FROM raise, always WHERE unbounded = 1", `CREATE VIEW v AS SELECT "raise".x FROM "raise", "always" WHERE "unbounded" = 1`, true},
		{"CREATE UNIQUE INDEX i ON raise(generated)", `CREATE UNIQUE INDEX i ON "raise"("generated")`, true},
		{"CREATE TRIGGER g AFTER INSERT ON a BEGIN SELECT 1 FROM a JOIN b ON raise(ignore); END", `CREATE TRIGGER g AFTER INSERT ON a BEGIN SELECT 1 FROM a JOIN b ON "raise"(ignore); END`, false},
		{"CREATE TABLE t(a, b INT GENERATED ALWAYS AS (a))", `CREATE TABLE t(a, b INT "generated" "always" AS (a))`, false},
		{"CREATE VIEW v AS SELECT sum(x) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM a", `CREATE VIEW v AS SELECT sum(x) OVER (ROWS BETWEEN "unbounded" PRECEDING AND CURRENT ROW) FROM a`, false},
		{"CREATE TABLE current_date(a)", `CREATE TABLE "current_date"(a)`, true},
		{"CREATE TABLE t(key integer, action text)", `CREATE TABLE t("key" INTEGER, [action] TEXT)`, true},
		{"CREATE TABLE t(a REFERENCES groups(key))", "CREATE TABLE t(a REFERENCES `groups`(\"key\"))", true},
		{"CREATE TABLE t(key)", `CREATE TABLE t("Key")`, false},
		{`CREATE TABLE t("KEY")`, `CREATE TABLE t("Key")`, false},
		{"CREATE TRIGGER a AFTER INSERT ON rows BEGIN UPDATE match SET view = new.temp; END",
			`CREATE TRIGGER a AFTER INSERT ON "rows" BEGIN UPDATE "match" SET "view" = new."temp"; END`, true},
		{"CREATE VIEW v AS SELECT a AS replace FROM rows WHERE view = 1", `CREATE VIEW v AS SELECT a AS "replace" FROM "rows" WHERE "view" = 1`, true},
		{"CREATE VIEW v AS SELECT 1 FROM a LEFT JOIN b", `CREATE VIEW v AS SELECT 1 FROM a "left" JOIN b`, false},
		{"CREATE TABLE t(a, b)", "CREATE TABLE t(b, a)", false},
		{"CREATE TABLE t(a, b)", "CREATE TABLE t(A, b)", false},
		{"CREATE TABLE t(a INT)", "CREATE TABLE t(a INTEGER)", false},
		{"CREATE TABLE t(a)", "CREATE TABLE t(a) STRICT", false},
		{"CREATE VIEW v AS SELECT x'00' FROM t", "CREATE VIEW v AS SELECT x '00' FROM t", false},
		{"CREATE VIEW v AS SELECT a--1\nFROM t", "CREATE VIEW v AS SELECT a - -1 FROM t", false},
		{"CREATE VIRTUAL TABLE f USING fts5(a, tokenize = 'porter')", "CREATE VIRTUAL TABLE f USING fts5(a,tokenize='porter')", false},
	} {
		a, b := []schema.Object{{Type: "table", Name: "t", Table: "t", SQL: c.a}}, []schema.Object{{Type: "table", Name: "T", Table: "T", SQL: c.b}}
		changes := schema.Compare(a, b)
		if got := schema.SameSQL(c.a, c.b); len(changes) == 0 != c.same || got != c.same {
			t.Errorf("%s and %s: Compare() = %v, SameSQL() = %v", c.a, c.b, changes, got)
		}
	}
}

func TestCompareListsChanges(t *testing.T) {
	a := schemaOf(t, "CREATE TABLE kept(x)", "CREATE TABLE gone(x)", "CREATE TABLE other(x)", "CREATE INDEX i ON kept(x)")
	b := schemaOf(t, "CREATE TABLE new(x)", "CREATE TABLE other(x, y)", "CREATE TABLE kept(x)")
	want := []schema.Change{
		{Type: "table", Name: "gone", Before: "CREATE TABLE gone(x)"},
		{Type: "table", Name: "other", Before: "CREATE TABLE other(x)", After: "CREATE TABLE other(x, y)"},
		{Type: "index", Name: "i", Before: "CREATE INDEX i ON kept(x)"},
		{Type: "table", Name: "new", After: "CREATE TABLE new(x)"},
	}
	got := schema.Compare(a, b)
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("Compare() = %v, want %v", got, want)
	}
	text := strings.TrimSpace(fmt.Sprintln(got[0]) + fmt.Sprintln(got[1]) + fmt.Sprintln(got[3]))
	if want := "table gone removed\ntable other changed from\nCREATE TABLE other(x)\nto\nCREATE TABLE other(x, y)\ntable new added"; text != want {
		t.Errorf("they read %s, want %s", text, want)
	}
	if got := schema.Compare(a, a); got != nil {
		t.Errorf("with itself Compare() = %v", got)
	}
}

// TestSchemaOrder makes one schema in every order: one text, and the script
// makes it again.
func TestSchemaOrder(t *testing.T) {
	statements := []string{"CREATE TABLE b(x REFERENCES a)", "CREATE TABLE a(y PRIMARY KEY) -- its last word", "CREATE VIEW v AS SELECT * FROM w",
		"CREATE VIEW w AS SELECT * FROM b", "CREATE VIRTUAL TABLE f USING fts5(x)"}
	var want string
	for i := range statements {
		turned := append(slices.Clone(statements[i:]), statements[:i]...)
		list := schemaOf(t, append(turned, "CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN SELECT 1; END", "CREATE INDEX i ON b(x)", "CREATE TRIGGER e AFTER INSERT ON b BEGIN SELECT 1; END")...)
		got := schema.SQL(list)
		if want == "" {
			want = got
		}
		var again []string
		for _, sql := range strings.Split(strings.TrimSpace(got), ";\n\n") {
			again = append(again, strings.TrimSuffix(sql, ";"))
		}
		if got != want || schema.SQL(schemaOf(t, again...)) != want {
			t.Errorf("from %v:\n%s\nwant\n%s", turned, got, want)
		}
	}
	if strings.Contains(want, "f_data") || strings.Contains(want, "_meta") {
		t.Error(want)
	}
}
