package builtins

import (
	"fmt"
	"unicode/utf8"

	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// value is a value of Go, and so one of SQLite, in Starlark: NULL is None, an
// INTEGER an int, a REAL a float, a TEXT a string, a BLOB bytes
// (https://sqlite.org/datatype3.html).
func value(v any) starlark.Value {
	switch v := v.(type) {
	case starlark.Value:
		return v
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
	case []string:
		list := make([]starlark.Value, len(v))
		for i, s := range v {
			list[i] = starlark.String(s)
		}
		return starlark.NewList(list)
	case []starlark.Value:
		return starlark.NewList(v)
	}
	return starlark.None
}

// sqlValues is the opposite: what the parameters of a statement are given.
func sqlValues(list []starlark.Value) ([]any, error) {
	var args []any
	for i, v := range list {
		switch v := v.(type) {
		case starlark.NoneType:
			args = append(args, nil)
		case starlark.Bool: // https://sqlite.org/datatype3.html#boolean_datatype
			n := int64(0)
			if v {
				n = 1
			}
			args = append(args, n)
		case starlark.Int:
			n, ok := v.Int64()
			if !ok {
				return nil, notSQL("value %d, %v, is beyond the 64 bits of an SQLite integer", "str(n) keeps it as text", i+1, v)
			}
			args = append(args, n)
		case starlark.Float:
			if v != v {
				return nil, notSQL("value %d is not a number, which SQLite would store as NULL", "None is NULL", i+1)
			}
			args = append(args, float64(v))
		case starlark.String:
			if !utf8.ValidString(string(v)) {
				return nil, notSQL("value %d is text that is not UTF-8: %q", "bytes(x) keeps it as it is", i+1, string(v))
			}
			args = append(args, string(v))
		case starlark.Bytes:
			args = append(args, []byte(v))
		default:
			return nil, notSQL("value %d is a %s, which SQLite has no type for", "json.encode(x) or str(x) makes text of it", i+1, v.Type())
		}
	}
	return args, nil
}

func notSQL(format, hint string, args ...any) error {
	return &host.Error{Kind: "usage", Message: fmt.Sprintf(format, args...), Hint: hint}
}
