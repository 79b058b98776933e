package builtins

import (
	"fmt"
	"slices"
	"strings"

	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

// methods are the functions of the rows whose names begin with that of an object.
// migrations is as function takes it.
func methods(list []*Builtin, of string, migrations func(*call) string) map[string]*starlark.Builtin {
	found := map[string]*starlark.Builtin{}
	for _, b := range list {
		if name, ok := strings.CutPrefix(b.Name, of+"."); ok {
			found[name] = host.Guard(b.function(migrations))
		}
	}
	return found
}

// object is a value that has nothing but methods.
type object struct {
	name    string
	methods map[string]*starlark.Builtin
}

func (o *object) String() string        { return o.name }
func (o *object) Type() string          { return o.name }
func (o *object) Freeze()               {}
func (o *object) Truth() starlark.Bool  { return true }
func (o *object) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: %s", o.name) }

func (o *object) Attr(name string) (starlark.Value, error) {
	if b, ok := o.methods[name]; ok {
		return b, nil
	}
	return nil, nil
}

func (o *object) AttrNames() []string {
	var names []string
	for name := range o.methods {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
