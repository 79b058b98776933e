package session

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/visible"
)

// Named are the values of a statement's parameters by their names, without the sign before
// them: "id" is the value of :id, @id and $id (https://sqlite.org/lang_expr.html#varparam).
// It stands alone, in place of the values in their order.
type Named map[string]any

// Arguments gives the values for the parameters of a statement in their order: args itself,
// or the values of the [Named] in it. Errors: a statement that has more or fewer parameters,
// or others, than args.
func Arguments(s *sqlite.Stmt, args []any) ([]any, error) {
	n := s.Parameters()
	if len(args) == 1 {
		if named, ok := args[0].(Named); ok {
			return named.ordered(s, n)
		}
	}
	if n != len(args) {
		return nil, fmt.Errorf("the statement has %s (?), but there are values for %d", visible.Count(int64(n), "parameter"), len(args))
	}
	return args, nil
}

// ordered gives the values for the n parameters of a statement, and reports a name that
// either has alone.
func (v Named) ordered(s *sqlite.Stmt, n int) ([]any, error) {
	args, used := make([]any, n), 0
	var parameters []string
	for i := range args {
		parameter := s.ParameterName(i + 1)
		if parameter == "" || parameter[0] == '?' {
			return nil, fmt.Errorf("parameter %d of the statement is a ?, but the values have names: write it as :name", i+1)
		}
		value, ok := v[parameter[1:]]
		if !ok {
			return nil, fmt.Errorf("the statement has the parameter %s, but there is no value for %q", parameter, parameter[1:])
		}
		args[i] = value
		if !slices.ContainsFunc(parameters, func(p string) bool { return p[1:] == parameter[1:] }) {
			used++
		}
		parameters = append(parameters, parameter)
	}
	if used == len(v) {
		return args, nil
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if bare := strings.TrimLeft(name, ":@$"); slices.Contains(parameters, name) {
			return nil, fmt.Errorf("there is a value for %q: write its name without the sign, %q", name, bare)
		}
		if !slices.ContainsFunc(parameters, func(p string) bool { return p[1:] == name }) {
			return nil, fmt.Errorf("there is a value for %q, but the statement has no parameter :%s", name, name)
		}
	}
	return args, nil
}

// CheckValues reports a value that SQLite would not give back unchanged.
func CheckValues(args []any) error {
	for i, v := range args {
		switch v := v.(type) {
		case string:
			if !utf8.ValidString(v) {
				return fmt.Errorf("value %d is text that is not UTF-8: %q", i+1, v)
			}
		case Named:
			if len(args) > 1 {
				return errors.New("values by name stand alone, without values in their order")
			}
			for _, name := range slices.Sorted(maps.Keys(v)) {
				if text, ok := v[name].(string); ok && !utf8.ValidString(text) {
					return fmt.Errorf("the value of %q is text that is not UTF-8: %q", name, text)
				}
			}
		}
	}
	return nil
}
