// What can be declared of a task and its parameters.

package starlark

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Param is a parameter of a task.
type Param struct {
	Name       string   `json:"name"`              // of the flag, with - for _
	Type       string   `json:"type"`              // string, path, int, float or bool; of one, if repeated
	Default    string   `json:"default,omitempty"` // as the file writes it; "" if there is none
	Help       string   `json:"help,omitempty"`
	Choices    []string `json:"choices,omitempty"` // the only values there are; nil: any
	Required   bool     `json:"required"`
	Positional bool     `json:"positional"` // it is no flag
	Repeated   bool     `json:"repeated"`   // it is a list

	Ident string `json:"-"` // its name in the file
}

// Declaration is what a call of task() says about a function.
type Declaration struct {
	Fn      *starlark.Function
	Name    string // if empty, that of the function
	Default bool
	Group   string
	Deps    []starlark.Value // functions, or tuples of one and its arguments
	Confirm string
	Timeout time.Duration
	Hidden  bool
	Args    map[string]Arg // by parameter
	Pos     syntax.Position
}

// Arg is what arg() says about a parameter: a value of Starlark.
type Arg struct {
	Kind    string   // one of Types; if empty, that of the default value
	Help    string   // if empty, that of the docstring
	Choices []string // if nil, any value
}

// Types are the types of parameters. A path on the command line is relative to the
// working directory, not to the file.
var Types = []string{"string", "path", "int", "float", "bool"}

// What makes an Arg a value of Starlark.
func (a Arg) String() string { return fmt.Sprintf("arg(type = %q)", a.Kind) }

func (a Arg) Type() string { return "arg" }

func (a Arg) Freeze() {}

func (a Arg) Truth() starlark.Bool { return true }

func (a Arg) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: arg") }

// Declare is task(): it makes a function a task. It is called once for each function, in
// the load phase.
func (s *Session) Declare(d Declaration) { s.file.declared = append(s.file.declared, d) }

// isPath matches the names of parameters that are paths, unless arg() says otherwise.
var isPath = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(.*_)?(db|database|path|file|dir|directory|backup|migrations)$`)
})

// declare applies a declaration.
func (t *Task) declare(d Declaration) error {
	if d.Name != "" {
		t.Name = dashed(d.Name)
	}
	t.Default, t.Group, t.Confirm, t.Timeout, t.Hidden, t.at = d.Default, d.Group, d.Confirm, d.Timeout, d.Hidden, d.Pos
	for _, name := range slices.Sorted(maps.Keys(d.Args)) {
		a := d.Args[name]
		i := slices.IndexFunc(t.Params, func(p Param) bool { return p.Ident == name })
		if i < 0 {
			return fmt.Errorf("task %s has no parameter %s", t.Name, name)
		}
		p := &t.Params[i]
		if a.Kind != "" {
			p.Type = a.Kind
		}
		if a.Help != "" {
			p.Help = a.Help
		}
		p.Choices = a.Choices
	}
	for _, v := range d.Deps {
		args, _ := v.(starlark.Tuple)
		if len(args) > 0 {
			v, args = args[0], args[1:]
		}
		fn, ok := v.(*starlark.Function)
		if !ok {
			return fmt.Errorf("task %s: deps are functions, or tuples of a function and its arguments, not %s", t.Name, v.Type())
		}
		t.deps = append(t.deps, dep{fn: fn, args: args})
	}
	return nil
}
