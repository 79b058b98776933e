package row

import (
	"fmt"
	"slices"
	"strings"

	"fastmigrate/core"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Record is a result with named fields: Backup(path = "...", version = 3).
type Record struct {
	name   string
	Fields []Field
	truth  bool
}

// Field is a field of a Record.
type Field struct {
	Name  string
	Value starlark.Value
}

// Unreadable is implemented by the value of a field that could not be kept: reading the
// field is an error.
type Unreadable interface{ Unreadable() error }

func (r *Record) Type() string          { return r.name }
func (r *Record) Truth() starlark.Bool  { return starlark.Bool(r.truth) }
func (r *Record) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: %s", r.name) }

func (r *Record) String() string {
	var list []string
	for _, f := range r.Fields {
		list = append(list, f.Name+" = "+f.Value.String())
	}
	return r.name + "(" + strings.Join(list, ", ") + ")"
}

func (r *Record) Freeze() {
	for _, f := range r.Fields {
		f.Value.Freeze()
	}
}

// Holds returns the values of the fields, for starlark.Nested.
func (r *Record) Holds() (list []starlark.Value) {
	for _, f := range r.Fields {
		list = append(list, f.Value)
	}
	return list
}

// Attr returns a field, or nil if there is none; then the interpreter suggests another
// name.
func (r *Record) Attr(name string) (starlark.Value, error) {
	for _, f := range r.Fields {
		if v, ok := f.Value.(Unreadable); ok && f.Name == name {
			return nil, v.Unreadable()
		}
		if f.Name == name {
			return f.Value, nil
		}
	}
	return nil, nil
}

func (r *Record) AttrNames() []string {
	var names []string
	for _, f := range r.Fields {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}

func (r *Record) CompareSameType(op syntax.Token, other starlark.Value, depth int) (bool, error) {
	o := other.(*Record)
	same := len(r.Fields) == len(o.Fields)
	for i := 0; same && i < len(r.Fields); i++ {
		eq, err := starlark.EqualDepth(r.Fields[i].Value, o.Fields[i].Value, depth-1)
		if err != nil {
			return false, err
		}
		same = eq && r.Fields[i].Name == o.Fields[i].Name
	}
	switch op {
	case syntax.EQL:
		return same, nil
	case syntax.NEQ:
		return !same, nil
	}
	return false, fmt.Errorf("%s %s %s not implemented", r.name, op, o.name)
}

// NewRecord returns a record of alternating names and values, as for [ToStarlark]; truth
// is its value in an if.
func NewRecord(name string, truth bool, fields ...any) *Record {
	r := &Record{name: name, truth: truth}
	for i := 0; i < len(fields); i += 2 {
		r.Fields = append(r.Fields, Field{fields[i].(string), ToStarlark(fields[i+1])})
	}
	return r
}

// Migrated returns the record of a run of migrations.
func Migrated(r core.Result) starlark.Value {
	var applied []starlark.Value
	for _, m := range r.Applied {
		applied = append(applied, NewRecord("Migration", true, "version", m.Version, "name", m.Name, "seconds", m.Duration.Seconds(), "rows", m.Rows))
	}
	return NewRecord("Migrated", len(applied) > 0, "from_version", r.From, "to_version", r.To, "applied", applied)
}
