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

// SQLValues is the inverse of [ToStarlark] for the parameters of a statement. v is a list
// of them, or nil if there are none.
func SQLValues(v starlark.Value) ([]any, error) { return AppendSQLValues(nil, v) }

// AppendSQLValues is like [SQLValues], but appends to args, which is empty, to reuse its
// memory.
func AppendSQLValues(args []any, v starlark.Value) ([]any, error) {
	switch list := v.(type) {
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

// SQLValue returns the value that SQLite stores for v, the value of parameter i, counted
// from 1.
func SQLValue(i int, v starlark.Value) (any, error) {
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
			return nil, Misuse("value %d, %v, does not fit into the 64 bits of an SQLite integer", "str(n) stores it as text", i, v)
		}
		return n, nil
	case starlark.Float:
		if v != v {
			return nil, Misuse("value %d is not a number, which SQLite would store as NULL", "None is NULL", i)
		}
		return float64(v), nil
	case starlark.String:
		if !utf8.ValidString(string(v)) {
			return nil, Misuse("value %d is text that is not UTF-8: %q", "bytes(x) stores it unchanged", i, string(v))
		}
		return string(v), nil
	case starlark.Bytes:
		return []byte(v), nil
	}
	return nil, Misuse("value %d is a %s, which SQLite has no type for", "json.encode(x) or str(x) converts it to text", i, v.Type())
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
