package builtins

import (
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// record is a result with named fields: Backup(path = "...", version = 3).
type record struct {
	name   string
	fields []field
	truth  bool
}

type field struct {
	name  string
	value starlark.Value
}

// unreadable is implemented by the value of a field that could not be kept: to read
// the field is an error.
type unreadable interface{ unreadable() error }

func (r *record) Type() string          { return r.name }
func (r *record) Truth() starlark.Bool  { return starlark.Bool(r.truth) }
func (r *record) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: %s", r.name) }

func (r *record) String() string {
	var list []string
	for _, f := range r.fields {
		list = append(list, f.name+" = "+f.value.String())
	}
	return r.name + "(" + strings.Join(list, ", ") + ")"
}

func (r *record) Freeze() {
	for _, f := range r.fields {
		f.value.Freeze()
	}
}

// Holds gives the values of the fields, for starlark.Nested.
func (r *record) Holds() (list []starlark.Value) {
	for _, f := range r.fields {
		list = append(list, f.value)
	}
	return list
}

// Attr gives a field; nil, for which the interpreter suggests another, if there
// is none.
func (r *record) Attr(name string) (starlark.Value, error) {
	for _, f := range r.fields {
		if v, ok := f.value.(unreadable); ok && f.name == name {
			return nil, v.unreadable()
		}
		if f.name == name {
			return f.value, nil
		}
	}
	return nil, nil
}

func (r *record) AttrNames() []string {
	var names []string
	for _, f := range r.fields {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}

func (r *record) CompareSameType(op syntax.Token, other starlark.Value, depth int) (bool, error) {
	o := other.(*record)
	same := len(r.fields) == len(o.fields)
	for i := 0; same && i < len(r.fields); i++ {
		eq, err := starlark.EqualDepth(r.fields[i].value, o.fields[i].value, depth-1)
		if err != nil {
			return false, err
		}
		same = eq && r.fields[i].name == o.fields[i].name
	}
	switch op {
	case syntax.EQL:
		return same, nil
	case syntax.NEQ:
		return !same, nil
	}
	return false, fmt.Errorf("%s %s %s not implemented", r.name, op, o.name)
}

// newRecord makes a record of names and values in turn; truth is what it is in an
// if.
func newRecord(name string, truth bool, fields ...any) *record {
	r := &record{name: name, truth: truth}
	for i := 0; i < len(fields); i += 2 {
		r.fields = append(r.fields, field{fields[i].(string), value(fields[i+1])})
	}
	return r
}

// migrated is what a run of migrations gives.
func migrated(r core.Result) starlark.Value {
	var applied []starlark.Value
	for _, m := range r.Applied {
		applied = append(applied, newRecord("Migration", true, "version", m.Version, "name", m.Name, "seconds", m.Duration.Seconds(), "rows", m.Rows))
	}
	return newRecord("Migrated", len(applied) > 0, "from_version", r.From, "to_version", r.To, "applied", applied)
}
