package session

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"fastmigrate/core/internal/sqlite"
	"fastmigrate/core/visible"
)

// Named holds the values of a statement's parameters by their names, without the sign before
// them: "id" is that of :id, @id and $id (https://sqlite.org/lang_expr.html#varparam). It
// stands alone, in place of the values in their order.
type Named interface {
	// Len returns the number of values.
	Len() int

	// Value returns one. ok is false if there is none of that name.
	Value(name string) (v any, ok bool, err error)

	// Names returns the names of all, in any order.
	Names() ([]string, error)
}

// Map is a [Named].
type Map map[string]any

// Len implements [Named].
func (m Map) Len() int { return len(m) }

// Value implements [Named]. Errors: text that is not UTF-8.
func (m Map) Value(name string) (v any, ok bool, err error) {
	v, ok = m[name]
	if text, isText := v.(string); isText && !utf8.ValidString(text) {
		err = fmt.Errorf("the value of %q is text that is not UTF-8: %q", name, text)
	}
	return v, ok, err
}

// Names implements [Named].
func (m Map) Names() ([]string, error) { return slices.Sorted(maps.Keys(m)), nil }

// Arguments returns the values for the parameters of a statement in their order: args itself,
// or those of the [Named] in it. Errors: a statement that has more or fewer parameters, or
// others, than args.
func Arguments(s *sqlite.Stmt, args []any) ([]any, error) {
	if len(args) == 1 {
		if named, ok := args[0].(Named); ok {
			return ordered(named, s.ParameterNames())
		}
	}
	if n := s.Parameters(); n != len(args) {
		return nil, fmt.Errorf("the statement has %s (?), but there are values for %d", visible.Count(int64(n), "parameter"), len(args))
	}
	return args, nil
}

// ordered returns the values for parameters, whose names have the sign, and reports a name that
// either has alone.
func ordered(values Named, parameters []string) ([]any, error) {
	args, used := make([]any, len(parameters)), 0
	for i, p := range parameters {
		if p == "" || p[0] == '?' {
			return nil, fmt.Errorf("parameter %d of the statement is a ?, but the values have names: write it as :name", i+1)
		}
		v, ok, err := values.Value(p[1:])
		if err != nil {
			return nil, err
		}
		if !ok {
			if _, err := values.Names(); err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("the statement has the parameter %s, but there is no value for %q", p, p[1:])
		}
		if args[i] = v; !slices.ContainsFunc(parameters[:i], func(other string) bool { return other[1:] == p[1:] }) {
			used++
		}
	}
	if used == values.Len() {
		return args, nil
	}
	names, err := values.Names()
	if err != nil {
		return nil, err
	}
	return nil, unused(names, parameters)
}

// unused reports the first name that no parameter has.
func unused(names, parameters []string) error {
	for _, name := range names {
		if slices.Contains(parameters, name) {
			return fmt.Errorf("there is a value for %q: write its name without the sign, %q", name, name[1:])
		}
		if !slices.ContainsFunc(parameters, func(p string) bool { return p[1:] == name }) {
			return fmt.Errorf("there is a value for %q, but the statement has no parameter :%s", name, name)
		}
	}
	return errors.New("two values have one name")
}

// CheckValues reports a value that SQLite would not give back unchanged, and a [Named] beside
// others.
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
		}
	}
	return nil
}
