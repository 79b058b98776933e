package row

import (
	"fmt"
	"slices"
	"strings"

	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// MethodsOf returns the functions of the rows whose names begin with the name of an
// object and a dot, by the rest of the name. migrations is as for [Builtin.Function].
func MethodsOf(list []*Builtin, of string, migrations func(*Call) string) map[string]*starlark.Builtin {
	found := map[string]*starlark.Builtin{}
	for _, b := range list {
		if name, ok := strings.CutPrefix(b.Name, of+"."); ok {
			found[name] = host.Guard(b.Function(migrations))
		}
	}
	return found
}

// Object is a value that has only methods. Name is also its type.
type Object struct {
	Name    string
	Methods map[string]*starlark.Builtin
}

func (o *Object) String() string        { return o.Name }
func (o *Object) Type() string          { return o.Name }
func (o *Object) Freeze()               {}
func (o *Object) Truth() starlark.Bool  { return true }
func (o *Object) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: %s", o.Name) }

func (o *Object) Attr(name string) (starlark.Value, error) {
	if b, ok := o.Methods[name]; ok {
		return b, nil
	}
	return nil, nil
}

func (o *Object) AttrNames() []string {
	var names []string
	for name := range o.Methods {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
