package startest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"fastmigrate/builtins/internal/row"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

var (
	got  = row.NewParam("got", "any", "", "the actual value")
	want = row.NewParam("want", "any", "", "the expected value")
)

// asserts are the functions of the module assert, for tests. A Row is compared as a
// tuple, and Rows as a list of tuples.
var asserts = []*row.Builtin{{
	Name: "assert.eq", Params: []row.Param{got, want},
	Returns: "None", Effect: row.None, Errors: []string{"failed"},
	Doc: `Fails the test unless two values are equal.
A Row is compared as a tuple, and Rows as a list of tuples.`,
	Example: `def test_rows():
    db = scratch_db()
    assert.eq(db.query("select 1, 'a' union all select 2, 'b'"), [(1, "a"), (2, "b")])`,
	Do: func(c *row.Call) (starlark.Value, error) {
		got, want := comparable(c.Value("got")), comparable(c.Value("want"))
		same, err := starlark.Equal(got, want)
		if err == nil && !same {
			err = failed("assert.eq: they differ%s\n  got:  %s\n  want: %s", difference(got, want), shownValue(got), shownValue(want))
		}
		return starlark.None, err
	},
}, {
	Name: "assert.ne", Params: []row.Param{got, row.NewParam("other", "any", "", "the unexpected value")},
	Returns: "None", Effect: row.None, Errors: []string{"failed"},
	Doc: `Fails the test if two values are equal.`,
	Example: `def test_version():
    assert.ne(scratch_db().version, 0)`,
	Do: func(c *row.Call) (starlark.Value, error) {
		got := comparable(c.Value("got"))
		same, err := starlark.Equal(got, comparable(c.Value("other")))
		if err == nil && same {
			err = failed("assert.ne: both are %s", shownValue(got))
		}
		return starlark.None, err
	},
}, {
	Name: "assert.true", Params: []row.Param{row.NewParam("condition", "any", "", "a value"), row.NewParam("message", "string", "None", "the message if it is not true")},
	Returns: "None", Effect: row.None, Errors: []string{"failed"},
	Doc: `Fails the test unless a value is true.`,
	Example: `def test_rows():
    assert.true(scratch_db().query("select 1"), "there are no rows")`,
	Do: func(c *row.Call) (starlark.Value, error) {
		if v := c.Value("condition"); v == nil || !bool(v.Truth()) {
			if c.Given("message") {
				return nil, failed("assert.true: %s", c.Text("message"))
			}
			return nil, failed("assert.true: it is %s", shownValue(c.Value("condition")))
		}
		return starlark.None, nil
	},
}, {
	Name: "assert.lt", Params: []row.Param{got, row.NewParam("limit", "any", "", "the limit")},
	Returns: "None", Effect: row.None, Errors: []string{"failed", "usage"},
	Doc: `Fails the test unless one value is less than another.`,
	Example: `def test_size():
    assert.lt(scratch_db().scalar("select count(*) from pragma_table_list"), 100)`,
	Do: func(c *row.Call) (starlark.Value, error) {
		got, limit := comparable(c.Value("got")), comparable(c.Value("limit"))
		less, err := starlark.Compare(syntax.LT, got, limit)
		if err == nil && !less {
			err = failed("assert.lt: %s is not less than %s", shownValue(got), shownValue(limit))
		}
		return starlark.None, err
	},
}, {
	Name: "assert.contains", Params: []row.Param{row.NewParam("container", "any", "", "a string, a list, a dict, or the result of query"), row.NewParam("item", "any", "", "the item to find")},
	Returns: "None", Effect: row.None, Errors: []string{"failed", "usage"},
	Doc: `Fails the test unless one value is in another.`,
	Example: `def test_columns():
    db = scratch_db()
    assert.contains(db.query("select name from pragma_table_list"), ("_meta",))`,
	Do: func(c *row.Call) (starlark.Value, error) {
		container, item := comparable(c.Value("container")), comparable(c.Value("item"))
		in, err := starlark.Binary(syntax.IN, item, container)
		if err == nil && in != starlark.True {
			err = failed("assert.contains: the item is missing\n  item: %s\n  in:   %s", shownValue(item), shownValue(container))
		}
		return starlark.None, err
	},
}, {
	Name: "assert.fails", Params: []row.Param{row.NewParam("fn", "function", "", "called without arguments"), row.NewParam("pattern", "string", `""`, "a regular expression that the error message must match")},
	Returns: "string: the message", Effect: row.None, Errors: []string{"failed", "usage"},
	Doc: `Fails the test unless a function fails.`,
	Example: `def test_unique():
    db = scratch_db()
    assert.fails(lambda: db.execute("insert into _nowhere values (1)"), "no such table")`,
	Do: func(c *row.Call) (starlark.Value, error) {
		pattern, err := regexp.Compile(c.Text("pattern"))
		if err != nil {
			return nil, row.Misuse("assert.fails: %v", "", err)
		}
		v, err := starlark.Call(c.Thread, c.Value("fn"), nil, nil)
		if c.Session.Err() != nil {
			return nil, c.Session.Err()
		}
		if err == nil {
			return nil, failed("assert.fails: it did not fail, and returned %s", shownValue(v))
		}
		message := message(err)
		if !pattern.MatchString(message) {
			return nil, failed("assert.fails: it failed with another message\n  got:  %s\n  want: %s", message, pattern)
		}
		return starlark.String(message), nil
	},
}}

func failed(format string, args ...any) error {
	return &host.Error{Kind: "failed", Message: fmt.Sprintf(format, args...)}
}

// comparable is a value as another is compared with it.
func comparable(v starlark.Value) starlark.Value {
	switch v := v.(type) {
	case nil:
		return starlark.None
	case *row.Row:
		return starlark.Tuple(comparables(v))
	case *row.Rows:
		return starlark.NewList(comparables(v))
	case *starlark.List:
		return starlark.NewList(comparables(v))
	case starlark.Tuple:
		return starlark.Tuple(comparables(v))
	}
	return v
}

func comparables(of starlark.Indexable) (list []starlark.Value) {
	for i := range of.Len() {
		list = append(list, comparable(of.Index(i)))
	}
	return list
}

// difference says where two sequences begin to differ, if they are long.
func difference(got, want starlark.Value) string {
	g, ok := got.(starlark.Indexable)
	w, both := want.(starlark.Indexable)
	if !ok || !both || got.Type() != want.Type() || max(g.Len(), w.Len()) < 4 {
		return ""
	}
	if _, text := got.(starlark.String); text {
		return ""
	}
	for i := range min(g.Len(), w.Len()) {
		if same, err := starlark.Equal(g.Index(i), w.Index(i)); err != nil || !same {
			return fmt.Sprintf(", first at [%d]: %s is not %s", i, shownValue(g.Index(i)), shownValue(w.Index(i)))
		}
	}
	return fmt.Sprintf(": one has %d elements, the other %d", g.Len(), w.Len())
}

// shownValue is a value for a message, which may be long but not endless.
func shownValue(v starlark.Value) string {
	if v == nil {
		return "None"
	}
	if r := []rune(v.String()); len(r) > 1000 {
		return string(r[:1000]) + "..."
	}
	return strings.TrimSpace(v.String())
}

// message is what an error says, without the place.
func message(err error) string {
	var own *host.Error
	var eval *starlark.EvalError
	switch {
	case errors.As(err, &own):
		return own.Error()
	case errors.As(err, &eval):
		return eval.Msg
	}
	return err.Error()
}
