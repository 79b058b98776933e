package data_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fastmigrate/core"
	"fastmigrate/core/data"
	"fastmigrate/core/runner"
)

// TestNamed gives values by name, wherever there are values, and reports a name that the
// statement or the values have alone.
func TestNamed(t *testing.T) {
	path := newDB(t)
	for _, test := range []struct {
		sql  string
		args []any
		want string // the row, or a part of the error
	}{
		{"SELECT :a, @b, $c, :a, @a", []any{data.Map{"a": 1, "b": "x", "c": nil}}, "[1 x <nil> 1 1]"},
		{"SELECT :a, :b", []any{2, 3}, "[2 3]"},
		{"SELECT 1", []any{data.Map{}}, "[1]"},
		{"SELECT :é", []any{data.Map{"é": 1.5}}, "[1.5]"},
		{"SELECT $a::b(c)", []any{data.Map{"a::b(c)": 1}}, "[1]"},
		{"SELECT :a, :b", []any{data.Map{"a": 1}}, `the statement has the parameter :b, but there is no value for "b"`},
		{"SELECT :a", []any{data.Map{"a": 1, "z": 1, "b": 1}}, `there is a value for "b", but the statement has no parameter :b`},
		{"SELECT $a", []any{data.Map{"a": 1, "$a": 1}}, `there is a value for "$a": write its name without the sign, "a"`},
		{"SELECT ?", []any{data.Map{"a": 1}}, "parameter 1 of the statement is a ?"},
		{"SELECT :a, ?9", []any{data.Map{"a": 1}}, "parameter 2 of the statement is a ?"},
		{"SELECT :a", []any{data.Map{"a": "\xff"}}, `the value of "a" is text that is not UTF-8`},
		{"SELECT :a, ?", []any{data.Map{"a": 1}, 2}, "stand alone"},
		{"SELECT :a", []any{data.Map{}}, `no value for "a"`},
	} {
		check := func(way string, rows data.Rows, err error) {
			if got := fmt.Sprint(rows.Values, err); !strings.Contains(got, test.want) {
				t.Errorf("%s of %s: %s, want %s", way, test.sql, got, test.want)
			}
		}
		rows, err := data.Query(t.Context(), path, test.sql, test.args, 0, core.Options{})
		check("Query", rows, err)
		err = data.Transact(t.Context(), path, func(tx *runner.Tx) (err error) {
			rows, err = data.QueryIn(tx, test.sql, test.args, 0)
			return err
		}, core.Options{})
		check("QueryIn", rows, err)
		if _, err := data.Execute(t.Context(), path, test.sql, test.args, core.Options{}); test.want[0] != '[' && !strings.Contains(fmt.Sprint(err), test.want) || test.want[0] == '[' && err != nil {
			t.Errorf("Execute of %s: %v, want %s", test.sql, err, test.want)
		}
	}
}

// TestExecMany runs a statement for each row, and ends at the first error, from wherever.
func TestExecMany(t *testing.T) {
	path := newDB(t)
	if _, err := data.Execute(t.Context(), path, "CREATE TABLE t(a UNIQUE, b)", nil, core.Options{}); err != nil {
		t.Fatal(err)
	}
	many := func(sql string, rows ...[]any) (n int64, err error) {
		err = data.Transact(t.Context(), path, func(tx *runner.Tx) (err error) {
			n, err = tx.ExecMany(sql, func(yield func([]any, error) bool) {
				for _, r := range rows {
					if !yield(r, nil) {
						return
					}
				}
			})
			return err
		}, core.Options{})
		return n, err
	}
	const insert = "INSERT INTO t VALUES (:a, :b)"
	if n, err := many(insert, []any{1, 2}, []any{data.Map{"b": 4, "a": 3}}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	for sql, rows := range map[string][][]any{
		insert:                        {{5, 6}, {1, 1}},
		insert + " ":                  {{5, 6}, {7}},
		insert + "  ":                 {{5, 6}, {data.Map{"a": 7}}},
		"INSERT INTO nope VALUES (1)": nil, // as it is compiled first
		"COMMIT":                      nil,
		"SELECT 1; SELECT 2":          nil,
	} {
		if _, err := many(sql, rows...); err == nil {
			t.Errorf("%s: no error", sql)
		}
	}
	rows, err := data.Query(t.Context(), path, "SELECT * FROM t", nil, 0, core.Options{})
	if got := fmt.Sprint(rows.Values); err != nil || got != "[[1 2] [3 4]]" {
		t.Error(got, err)
	}
}

// TestQuoteName: SQLite reads a quoted name as the name that it was.
func TestQuoteName(t *testing.T) {
	path := newDB(t)
	names := []string{"a", "order", "A b", `"`, `a""b`, "é", "'", "[x]", "`", "", "a;b", "--", "a\nb"}
	for i, name := range names {
		quoted, err := data.QuoteName(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := data.Execute(t.Context(), path, fmt.Sprintf("CREATE TABLE t%d(%s, %s)", i, quoted, `"rest"`), nil, core.Options{}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		rows, err := data.Query(t.Context(), path, fmt.Sprintf("SELECT %s FROM t%d", quoted, i), nil, 0, core.Options{})
		if err != nil || !slices.Equal(rows.Columns, []string{name}) {
			t.Errorf("%q is %q: %v", name, rows.Columns, err)
		}
	}
	for _, name := range []string{"a\x00b", "\xff"} {
		if _, err := data.QuoteName(name); err == nil {
			t.Errorf("%q: no error", name)
		}
	}
}
