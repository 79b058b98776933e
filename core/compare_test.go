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
