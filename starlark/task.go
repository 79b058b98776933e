package starlark

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fastmigrate/starlark/internal/source"

	"github.com/agext/levenshtein"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Task is a function of the file that can be run: a public one, or one declared by
// task(). For a script it is the file itself.
type Task struct {
	Name    string   `json:"name"`              // of the function, with - for _
	Summary string   `json:"summary"`           // the first line of the docstring
	Doc     string   `json:"doc,omitempty"`     // the rest of it, without its Args
	Group   string   `json:"group,omitempty"`   // the heading to list it under
	Default bool     `json:"default"`           // runs if no task is named
	Hidden  bool     `json:"hidden"`            // is not listed
	Confirm string   `json:"confirm,omitempty"` // a question to answer before it runs
	Params  []Param  `json:"params"`
	Deps    []string `json:"deps,omitempty"` // names of the tasks that run before it
	Uses    []string `json:"uses"`           // the builtins that it may call, by name
	File    string   `json:"file"`
	Line    int      `json:"line"`
	Column  int      `json:"column"`

	Timeout time.Duration `json:"-"` // zero: none

	file  *File
	fn    *starlark.Function // nil for a script
	calls []Use
	at    syntax.Position // of its task(), or else of the function
	deps  []dep
}

type dep struct {
	fn   *starlark.Function
	args starlark.Tuple
}

// Task returns the task of a name, with - or _ in it, or the default task if the name is
// empty. Error: [Usage].
func (f *File) Task(name string) (*Task, error) {
	var names []string
	for _, t := range f.Tasks {
		if name == "" && (t.Default || f.Script) || name != "" && t.Name == dashed(name) {
			return t, nil
		}
		if !t.Hidden {
			names = append(names, t.Name)
		}
	}
	switch near := Nearest(dashed(name), names); {
	case len(names) == 0:
		return nil, Usage{fmt.Errorf("%s has no task", f.Name)}
	case name == "":
		return nil, Usage{fmt.Errorf("%s: no task is the default: name one of %s", f.Name, strings.Join(names, ", "))}
	case near != "":
		return nil, Usage{fmt.Errorf("%s has no task %s, did you mean %s?", f.Name, name, near)}
	default:
		return nil, Usage{fmt.Errorf("%s has no task %s: they are %s", f.Name, name, strings.Join(names, ", "))}
	}
}

// Usage is an error in how a task is called, such as a missing argument.
type Usage struct{ error }

// Unwrap returns the cause.
func (u Usage) Unwrap() error { return u.error }

// Misused wraps err in a [Usage] with the name of the task.
func (t *Task) Misused(err error) error { return Usage{fmt.Errorf("%s: %w", t.Name, err)} }

// Nearest returns the one of names that name was probably meant to be, or "".
func Nearest(name string, names []string) string {
	best, score := "", 0.6
	for _, n := range names {
		if swapped(name, n) {
			return n
		}
		if like := levenshtein.Match(name, n, nil); like > score {
			best, score = n, like
		}
	}
	return best
}

// swapped reports whether b is a with two neighbouring letters swapped, which is near
// even in a short name.
func swapped(a, b string) bool {
	for i := range len(a) - 1 {
		if a[i] != a[i+1] && a[:i]+a[i+1:i+2]+a[i:i+1]+a[i+2:] == b {
			return true
		}
	}
	return false
}

// dashed converts a name in the file to one on the command line.
func dashed(name string) string {
	return strings.ReplaceAll(strings.TrimLeft(name, "_"), "_", "-")
}

// scriptTask is the only task of a script.
func (f *File) scriptTask(m *module) *Task {
	t := &Task{Name: "main", Default: true, Params: []Param{}, File: f.Name, Line: 1, Column: 1, file: f}
	t.Summary, t.Doc, _ = source.ReadDoc(f.Doc)
	seen := &mentions{seen: map[string]bool{}}
	f.uses(m.syntax, f.Name, seen)
	t.Uses, t.calls = f.builtins(seen)
	return t
}

// tasks makes tasks of the public functions of the file and applies the declarations.
func (f *File) tasks() ([]*Task, error) {
	m := f.modules[f.Name]
	var list []*Task
	by := map[*starlark.Function]*Task{}
	for name, v := range m.globals {
		fn, ok := v.(*starlark.Function)
		if ok && !strings.HasPrefix(name, "_") && fn.Name() == name && fn.Position().Filename() == f.Name {
			by[fn] = f.newTask(fn)
			list = append(list, by[fn])
		}
	}
	declared := map[*starlark.Function]syntax.Position{}
	for _, d := range f.declared {
		t := by[d.Fn]
		if first, ok := declared[d.Fn]; ok { // which could drop the question of the first
			return nil, f.at(d.Pos, "task() is called twice for %s, first at %s: one call says all", d.Fn.Name(), f.place(first))
		}
		declared[d.Fn] = d.Pos
		if t == nil { // a private function, or one from another file
			t = f.newTask(d.Fn)
			by[d.Fn] = t
			list = append(list, t)
		}
		if err := t.declare(d); err != nil {
			return nil, f.at(d.Pos, "%v", err)
		}
	}
	slices.SortFunc(list, func(a, b *Task) int {
		if a.File != b.File { // those of loaded files come last
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
	var standard *Task
	names := map[string]*Task{}
	for _, t := range list {
		pos := t.fn.Position()
		if first := names[t.Name]; first != nil {
			return nil, f.at(t.at, "there is a task %s already, at %s", t.Name, f.place(first.at))
		}
		names[t.Name] = t
		if t.Name == "" {
			return nil, f.at(pos, "a task cannot be called %s", t.fn.Name())
		}
		seen := map[string]bool{}
		for _, p := range t.Params {
			if p.Name == "help" || p.Name == "" {
				return nil, f.at(pos, "task %s: a parameter cannot be called %s", t.Name, p.Ident)
			}
			if seen[p.Name] {
				return nil, f.at(pos, "task %s: two parameters are --%s on the command line", t.Name, p.Name)
			}
			seen[p.Name] = true
		}
		if t.Default {
			if standard != nil {
				return nil, f.at(t.at, "%s is the default task already, at %s", standard.Name, f.place(standard.at))
			}
			standard = t
		}
		for _, d := range t.deps {
			if on := by[d.fn]; on != nil {
				t.Deps = append(t.Deps, on.Name)
			} else {
				t.Deps = append(t.Deps, d.fn.Name())
			}
		}
	}
	for _, t := range list {
		if way := circle(by, t, nil); way != nil {
			return nil, f.at(t.fn.Position(), "task %s depends on itself: %s", t.Name, strings.Join(way, " -> "))
		}
	}
	for _, t := range list {
		for _, d := range t.deps {
			on := by[d.fn]
			if on == nil {
				on = f.newTask(d.fn)
			}
			t.Uses = slices.Compact(slices.Sorted(slices.Values(slices.Concat(t.Uses, on.Uses))))
		}
	}
	return list, nil
}

// all calls visit with the task and with each that it depends on, and how many of its
// first parameters are given there: once for each number.
func (t *Task) all(seen map[string]bool, visit func(t *Task, given int)) {
	if seen == nil {
		seen = map[string]bool{}
		visit(t, 0)
	}
	for _, d := range t.deps {
		on := t.file.taskOf(d.fn)
		key := fmt.Sprint(on.File, ":", on.Name, len(d.args))
		if !seen[key] {
			seen[key] = true
			visit(on, len(d.args))
			on.all(seen, visit)
		}
	}
}

// Takes reports whether the task, or one that it depends on, has a parameter of this
// name that [Options.Given] can set.
func (t *Task) Takes(name string) (takes bool) {
	t.all(nil, func(t *Task, given int) { takes = takes || t.open(name, given) != nil })
	return takes
}

// open is the parameter of a name, or nil if there is none or it is among the given
// first ones.
func (t *Task) open(name string, given int) *Param {
	for i := range t.Params {
		if p := &t.Params[i]; p.Ident == name {
			for at := range given {
				if first, _ := t.fn.Param(at); first == name {
					return nil
				}
			}
			return p
		}
	}
	return nil
}

// circle is the path from a task to itself along its dependencies, or nil.
func circle(by map[*starlark.Function]*Task, t *Task, above []string) []string {
	if slices.Contains(above, t.Name) {
		if above = append(above, t.Name); above[0] == t.Name {
			return above
		}
		return nil // of another task, which reports it
	}
	for _, d := range t.deps {
		if on := by[d.fn]; on != nil {
			if way := circle(by, on, append(slices.Clone(above), t.Name)); way != nil {
				return way
			}
		}
	}
	return nil
}

// place is the place that an error at pos points to.
func (f *File) place(pos syntax.Position) string {
	at := f.frame(pos, "")
	return fmt.Sprintf("%s:%d:%d", at.File, at.Line, at.Column)
}

// at is an error at a place in the file.
func (f *File) at(pos syntax.Position, format string, args ...any) error {
	return syntax.Error{Pos: pos, Msg: fmt.Sprintf(format, args...)}
}

func (f *File) newTask(fn *starlark.Function) *Task {
	pos := fn.Position()
	t := &Task{Name: dashed(fn.Name()), Params: []Param{}, File: pos.Filename(), Line: int(pos.Line), Column: int(pos.Col), file: f, fn: fn, at: pos}
	var help map[string]string
	t.Summary, t.Doc, help = source.ReadDoc(fn.Doc())
	for i := range fn.NumParams() {
		name, _ := fn.Param(i)
		value := fn.ParamDefault(i)
		p := Param{Name: dashed(name), Ident: name, Help: help[name], Type: "string"}
		last := fn.NumParams()
		if fn.HasKwargs() {
			if last--; i == last { // **kwargs: not on a command line
				continue
			}
		}
		if fn.HasVarargs() && i == last-1 {
			p.Positional, p.Repeated = true, true
			t.Params = append(t.Params, p)
			continue
		}
		keyword := i >= t.ordinary()
		p.Required = value == nil
		p.Positional = p.Required && !keyword
		if isPath().MatchString(name) {
			p.Type = "path"
		}
		switch v := value.(type) {
		case nil:
		case starlark.NoneType, starlark.String:
		case starlark.Bool:
			p.Type = "bool"
		case starlark.Int:
			p.Type = "int"
		case starlark.Float:
			p.Type = "float"
		case *starlark.List, starlark.Tuple:
			p.Repeated = true
			if list := v.(starlark.Indexable); list.Len() > 0 {
				switch list.Index(0).(type) {
				case starlark.Int:
					p.Type = "int"
				case starlark.Float:
					p.Type = "float"
				}
			}
		default: // of a type that no one can type
			continue
		}
		if value != nil && value != starlark.None {
			p.Default = value.String()
		}
		t.Params = append(t.Params, p)
	}
	seen := &mentions{seen: map[string]bool{}}
	if m := f.modules[t.File]; m != nil {
		if f.usesOf(t.File, fn.Name(), seen); seen.seen[fn.Name()] { // another function returned it
			f.uses(m.syntax, t.File, seen)
		}
	}
	t.Uses, t.calls = f.builtins(seen)
	return t
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
