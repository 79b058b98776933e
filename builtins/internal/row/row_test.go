package row_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"fastmigrate/builtins/internal/row"
	"fastmigrate/core"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// call calls a row as text says while a task runs.
func call(t *testing.T, b *row.Builtin, text string) error {
	t.Helper()
	file := fstest.MapFS{host.Name: {Data: []byte("def f():\n    " + text + "\n")}}
	names := starlark.StringDict{b.Name: b.Function(func(*row.Call) string { return "migrations" })}
	f, err := host.Load(t.Context(), file, host.Options{Predeclared: names})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Call(t.Context(), "f")
	return err
}

// TestArguments: Do sees arguments by name, or the zero value; all that is wrong with
// them is one error, and Do is not called.
func TestArguments(t *testing.T) {
	var got string
	b := &row.Builtin{Name: "copy", Rest: "*args", Params: []row.Param{
		row.NewParam("from", "path", "", "a file"),
		row.NewParam("times", "int", "1", "how often"),
		row.NewParam("quick", "bool", "None", "without checks"),
	}, Do: func(c *row.Call) (starlark.Value, error) {
		got = fmt.Sprint(c.Text("from"), " ", c.Number("times"), " ", c.Flag("quick"), " ", c.Given("quick"), " ", c.Args)
		return starlark.None, nil
	}}
	for text, want := range map[string]string{
		`copy("a")`:                          "a 0 false false ()",
		`copy("a", 2, None)`:                 "a 2 false false ()",
		`copy("a", quick = True, times = 3)`: "a 3 true true ()",
		`copy("a", 2, False, "b", 4)`:        `a 2 false true ("b", 4)`,
	} {
		if err := call(t, b, text); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
	got = ""
	for text, want := range map[string]string{
		`copy()`:                      "copy: from is missing",
		`copy("")`:                    "copy: from must be a path, not ",
		`copy("a", -1, 3)`:            "times must be an integer from 0, not -1; quick must be True or False, not int",
		`copy("a", tims = 3)`:         "it has no parameter tims, did you mean times?",
		`copy("a", **{"from": "b"})`:  "from is given twice",
		`copy("a", zzz = 1, nnn = 1)`: "it has no parameter zzz; it has no parameter nnn",
	} {
		var e *host.Error
		if err := call(t, b, text); !errors.As(err, &e) || e.Kind != "usage" || !strings.Contains(e.Message, want) || got != "" {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestKind: an error of package core, or of the system, has the kind that a workflow
// acts on.
func TestKind(t *testing.T) {
	for _, one := range []struct {
		err  error
		want string
	}{
		{context.Canceled, "cancelled"},
		{&core.Error{Op: "open", Version: -1, Err: core.ErrUnversioned}, "version"},
		{&core.Error{Op: "open", Version: -1, Err: core.ErrBusy}, "busy"},
		{&core.Error{Op: "open", Version: -1, Err: core.ErrNotDatabase}, "damaged"},
		{&core.Error{Op: "query", Version: -1, Err: errors.New("no such table")}, "sql"},
		{&core.Error{Op: "migrate", File: "0001-a.sql", Version: 0, Err: errors.New("no such table")}, "migration"},
		{&fs.PathError{Op: "open", Path: "a", Err: fs.ErrNotExist}, "not_found"},
		{&fs.PathError{Op: "open", Path: "a", Err: fs.ErrPermission}, "denied"},
		{&host.Error{Kind: "usage"}, "usage"},
		{errors.New("no"), "failed"},
	} {
		if got := row.Kind(one.err); got != one.want || row.Kinds[got] == "" {
			t.Errorf("Kind(%v) = %q, want %q", one.err, got, one.want)
		}
	}
}

// TestFailureNamesTheFile: an error in a migration points into its directory, and
// tells where the database is.
func TestFailureNamesTheFile(t *testing.T) {
	b := &row.Builtin{Name: "run", Do: func(*row.Call) (starlark.Value, error) {
		return nil, &core.Error{Op: "migrate", Path: "a.db", File: "0002-b.sql", Line: 7, Version: 1, Err: errors.New("no such table: b")}
	}}
	var e *host.Error
	if err := call(t, b, "run()"); !errors.As(err, &e) || e.Kind != "migration" || e.Place == nil || e.Place.Line != 7 || strings.ReplaceAll(e.Place.File, `\`, "/") != "migrations/0002-b.sql" {
		t.Errorf("%+v", e)
	}
}

// TestDocumentationIsData: what a row does is not in its JSON, and what is documented
// of it is.
func TestDocumentationIsData(t *testing.T) {
	b := &row.Builtin{Name: "f", Effect: row.None, Doc: "Does it.", Do: func(*row.Call) (starlark.Value, error) { return nil, nil }}
	text, err := json.Marshal(b)
	if want := `{"name":"f","params":null,"returns":"","effect":"none","errors":null,"doc":"Does it.","example":""}`; err != nil || string(text) != want {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
}
