package row

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// ToStarlark converts a value of Go, and so one of SQLite, to Starlark: NULL is None, an
// INTEGER an int, a REAL a float, a TEXT a string, a BLOB bytes
// (https://sqlite.org/datatype3.html).
func ToStarlark(v any) starlark.Value {
	switch v := v.(type) {
	case bool:
		return starlark.Bool(v)
	case int:
		return starlark.MakeInt(v)
	case int64:
		return starlark.MakeInt64(v)
	case float64:
		return starlark.Float(v)
	case string:
		return starlark.String(v)
	case []byte:
		return starlark.Bytes(v)
	case starlark.Value: // after those of SQLite: an interface takes longer to ask for
		return v
	case []string:
		list := make([]starlark.Value, len(v))
		for i, s := range v {
			list[i] = starlark.String(s)
		}
		return starlark.NewList(list)
	case []starlark.Value:
		return starlark.NewList(v)
	case map[string]int64:
		d := starlark.NewDict(len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			d.SetKey(starlark.String(k), starlark.MakeInt64(v[k]))
		}
		return d
	}
	return starlark.None
}

// SQLParams is the parameter for [SQLValues].
var SQLParams = NewParam("params", "list or dict", "[]", "the values of its parameters: a list for ?, in their order, or a dict from the names of :name, @name and $name")

// SQLValues is the inverse of [ToStarlark] for the parameters of a statement. v is a list
// of them, a dict by their names, or nil if there are none.
func SQLValues(v starlark.Value) ([]any, error) {
	if d, ok := v.(*starlark.Dict); ok {
		names, err := named{d}.Names()
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if _, _, err := (named{d}).Value(name); err != nil {
				return nil, err
			}
		}
	}
	return AppendSQLValues(nil, v)
}

// AppendSQLValues is like [SQLValues], but appends to args, which is empty, to reuse its
// memory. It leaves the check of a dict to the statement that takes its values.
func AppendSQLValues(args []any, v starlark.Value) ([]any, error) {
	switch list := v.(type) {
	case *starlark.Dict:
		if list.Len() == 0 {
			return args, nil
		}
		return append(args, named{list}), nil
	case starlark.Indexable:
		args = slices.Grow(args, list.Len())
		for i := range list.Len() {
			arg, err := SQLValue(i+1, list.Index(i))
			if err != nil {
				return nil, err
			}
			args = append(args, arg)
		}
	case starlark.Iterable:
		return appendElements(args, list)
	}
	return args, nil
}

// appendElements is [AppendSQLValues] for what cannot tell how many there are. It stops at
// the first that SQLite does not store.
func appendElements(args []any, list starlark.Iterable) (all []any, err error) {
	for one := range starlark.Elements(list) {
		var arg any
		if arg, err = SQLValue(len(args)+1, one); err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	return args, nil
}

// named is a dict as [data.Named].
type named struct{ *starlark.Dict }

func (n named) Value(name string) (v any, ok bool, err error) {
	value, ok, _ := n.Get(starlark.String(name)) // whose error is of keys of other types
	if !ok {
		return nil, false, nil
	}
	v, wrong := sqlValue(value)
	if wrong != nil {
		return nil, true, wrong.of(fmt.Sprintf("the value of %q", name))
	}
	return v, true, nil
}

func (n named) Names() (names []string, err error) {
	for _, k := range n.Keys() {
		name, ok := k.(starlark.String)
		if !ok {
			return nil, Misuse("a parameter has a name, not %v", `{"id": 1} gives :id its value`, k)
		}
		names = append(names, string(name))
	}
	return names, nil
}

// SQLValue returns the value that SQLite stores for v, the value of parameter i, counted
// from 1.
func SQLValue(i int, v starlark.Value) (any, error) {
	arg, err := sqlValue(v)
	if err != nil {
		return nil, err.of(fmt.Sprint("value ", i))
	}
	return arg, nil
}

// unstorable says why SQLite stores no value.
type unstorable struct{ why, hint string }

// of makes it an error about the value that what names.
func (u *unstorable) of(what string) error { return Misuse("%s%s", u.hint, what, u.why) }

// sqlValue returns the value that SQLite stores for v.
func sqlValue(v starlark.Value) (any, *unstorable) {
	switch v := v.(type) {
	case starlark.NoneType:
		return nil, nil
	case starlark.Bool: // https://sqlite.org/datatype3.html#boolean_datatype
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case starlark.Int:
		n, ok := v.Int64()
		if !ok {
			return nil, &unstorable{fmt.Sprintf(", %v, does not fit into the 64 bits of an SQLite integer", v), "str(n) stores it as text"}
		}
		return n, nil
	case starlark.Float:
		if v != v {
			return nil, &unstorable{" is not a number, which SQLite would store as NULL", "None is NULL"}
		}
		return float64(v), nil
	case starlark.String:
		if !utf8.ValidString(string(v)) {
			return nil, &unstorable{fmt.Sprintf(" is text that is not UTF-8: %q", string(v)), "bytes(x) stores it unchanged"}
		}
		return string(v), nil
	case starlark.Bytes:
		return []byte(v), nil
	}
	return nil, &unstorable{fmt.Sprintf(" is a %s, which SQLite has no type for", v.Type()), "json.encode(x) or str(x) converts it to text"}
}

// Misuse returns an error of the kind usage. args are for format; hint may be "".
func Misuse(format, hint string, args ...any) error {
	return &host.Error{Kind: "usage", Message: fmt.Sprintf(format, args...), Hint: hint}
}

// Joined returns the arguments as print writes them.
func Joined(args starlark.Tuple) string {
	var words []string
	for _, v := range args {
		s, ok := starlark.AsString(v)
		if !ok {
			s = v.String()
		}
		words = append(words, s)
	}
	return strings.Join(words, " ")
}
