package row

import (
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core/data"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// Rows is the result of a query: a sequence of [Row] that is true if it is not empty.
type Rows struct{ data.Rows }

func (r *Rows) String() string {
	return fmt.Sprintf("Rows(%d of %s)", r.Len(), strings.Join(r.Columns, ", "))
}
func (r *Rows) Type() string          { return "Rows" }
func (r *Rows) Freeze()               {}
func (r *Rows) Truth() starlark.Bool  { return r.Len() > 0 }
func (r *Rows) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: Rows") }
func (r *Rows) Len() int              { return len(r.Values) }

func (r *Rows) Index(i int) starlark.Value { return &Row{r.Columns, r.Values[i]} }
func (r *Rows) Iterate() starlark.Iterator { return &items{r, 0} }

// Attr returns .columns, the names; .one, the only row; and .scalar, the only column of
// the only row.
func (r *Rows) Attr(name string) (starlark.Value, error) {
	switch name {
	case "columns":
		return ToStarlark(r.Columns), nil
	case "one", "scalar":
		if r.Len() != 1 {
			kind := "usage"
			if r.Len() == 0 {
				kind = "not_found"
			}
			return nil, &host.Error{Kind: kind, Message: fmt.Sprintf(".%s: the query returned %d rows, not one", name, r.Len())}
		}
		if name == "one" {
			return r.Index(0), nil
		}
		if len(r.Columns) != 1 {
			return nil, &host.Error{Kind: "usage", Message: fmt.Sprintf(".scalar: the query returned %d columns, not one: %s", len(r.Columns), strings.Join(r.Columns, ", "))}
		}
		return ToStarlark(r.Values[0][0]), nil
	}
	return nil, nil
}

func (r *Rows) AttrNames() []string { return []string{"columns", "one", "scalar"} }

// Row is one row of a query: row.name, row["name"], row[0], and a, b = row.
type Row struct {
	Columns []string
	Values  []any
}

func (r *Row) Type() string          { return "Row" }
func (r *Row) Freeze()               {}
func (r *Row) Truth() starlark.Bool  { return true }
func (r *Row) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: Row") }
func (r *Row) Len() int              { return len(r.Values) }

func (r *Row) Index(i int) starlark.Value { return ToStarlark(r.Values[i]) }
func (r *Row) Iterate() starlark.Iterator { return &items{r, 0} }

func (r *Row) String() string {
	var list []string
	for i, c := range r.Columns {
		list = append(list, c+" = "+ToStarlark(r.Values[i]).String())
	}
	return "Row(" + strings.Join(list, ", ") + ")"
}

// Attr returns the column with a name. If two columns have the name, it returns neither.
func (r *Row) Attr(name string) (starlark.Value, error) {
	i := slices.Index(r.Columns, name)
	if i < 0 {
		return nil, nil
	}
	if slices.Contains(r.Columns[i+1:], name) {
		return nil, fmt.Errorf("two columns are named %s: rename one with AS, or use its number: row[%d]", name, i)
	}
	return ToStarlark(r.Values[i]), nil
}

func (r *Row) AttrNames() []string {
	names := slices.Clone(r.Columns)
	slices.Sort(names)
	return slices.Compact(names)
}

// Get is row["name"] and row[0].
func (r *Row) Get(key starlark.Value) (starlark.Value, bool, error) {
	switch k := key.(type) {
	case starlark.String:
		v, err := r.Attr(string(k))
		if v == nil && err == nil {
			e := &host.Error{Kind: "usage", Message: fmt.Sprintf("there is no column %s: the columns are %s", string(k), strings.Join(r.Columns, ", "))}
			if near := host.Nearest(string(k), r.Columns); near != "" {
				e.Hint = fmt.Sprintf("did you mean %q?", near)
			}
			err = e
		}
		return v, err == nil, err
	case starlark.Int:
		i, ok := k.Int64()
		if i < 0 {
			i += int64(len(r.Values))
		}
		if !ok || i < 0 || i >= int64(len(r.Values)) {
			return nil, false, fmt.Errorf("there is no column %v: they are numbered from 0 to %d", k, len(r.Values)-1)
		}
		return ToStarlark(r.Values[i]), true, nil
	}
	return nil, false, fmt.Errorf("a column is a name or a number, not a %s", key.Type())
}

// items iterates over something with a length.
type items struct {
	of starlark.Indexable
	i  int
}

func (it *items) Next(p *starlark.Value) bool {
	if it.i == it.of.Len() {
		return false
	}
	*p = it.of.Index(it.i)
	it.i++
	return true
}

func (it *items) Done() {}
