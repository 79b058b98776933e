package starlark

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fastmigrate/starlark/typed"

	"go.starlark.net/starlark"
)

// Call is a task with its arguments.
type Call struct {
	Task     *Task
	args     starlark.Tuple
	kwargs   []starlark.Tuple
	standard []string // parameters without an argument
}

// Bind returns the call of the task with values for its parameters, in their order: an
// int64, a float64, a bool or a string each, a []any of those for a list, and nil for a
// missing value, which comes from [Options.Given] or [Options.Ask]. Error: [Usage].
func (t *Task) Bind(ctx context.Context, given []any) (*Call, error) {
	c := &Call{Task: t}
	var rest starlark.Tuple
	named := map[string]starlark.Value{}
	for i, p := range t.Params {
		v, err := p.value(given[i], t.file.o.Dir)
		if err == nil && v == nil {
			if v, err = p.given(t.file.o); v == nil {
				c.standard = append(c.standard, p.Ident)
			}
		}
		if err == nil && v == nil && p.Required {
			v, err = p.ask(ctx, t.file.o)
		}
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, t.file.explain(err, &Session{Context: ctx})
		case err != nil:
			return nil, t.Misused(err)
		case v == nil:
		case p.Positional && p.Repeated: // *args
			rest = slices.AppendSeq(rest, v.(*starlark.List).Elements())
		default:
			named[p.Ident] = v
		}
	}
	for i := range t.ordinary() {
		name, _ := t.fn.Param(i)
		if v := named[name]; v != nil {
			c.args = append(c.args, v)
			delete(named, name)
		} else {
			c.args = append(c.args, t.fn.ParamDefault(i))
		}
	}
	c.args = append(c.args, rest...)
	for _, name := range slices.Sorted(maps.Keys(named)) {
		c.kwargs = append(c.kwargs, starlark.Tuple{starlark.String(name), named[name]})
	}
	return c, nil
}

// Options returns the options that the file was loaded with.
func (t *Task) Options() Options { return t.file.o }

// With returns a call of the task with the arguments that a function of the file would
// give it.
func (t *Task) With(args starlark.Tuple, kwargs []starlark.Tuple) *Call {
	return &Call{Task: t, args: args, kwargs: kwargs}
}

// ordinary is the number of parameters that can be given by position, without *args.
func (t *Task) ordinary() int {
	if t.fn == nil {
		return 0
	}
	return t.fn.NumParams() - t.fn.NumKwonlyParams() - btoi(t.fn.HasVarargs()) - btoi(t.fn.HasKwargs())
}

// call is the task with its first arguments, and the values of Options.Given, or else
// the default values, for the others, so that equal calls have equal arguments.
func (t *Task) call(args starlark.Tuple) *Call {
	c := &Call{Task: t, args: args}
	first := len(args)
	for i := range t.fn.NumParams() {
		name, _ := t.fn.Param(i)
		v := starlark.Value(nil)
		if p := t.open(name, first); p != nil {
			v, _ = p.given(t.file.o) // which CheckGiven has tried
		}
		switch {
		case i < first:
		case i < t.ordinary() && i == len(c.args):
			if v == nil {
				v = t.fn.ParamDefault(i)
			}
			if v != nil {
				c.args = append(c.args[:i:i], v)
			}
		case v != nil:
			c.kwargs = append(c.kwargs, starlark.Tuple{starlark.String(name), v})
		}
	}
	return c
}

// CheckGiven checks the values of [Options.Given] for the parameters of the task and of
// those that it depends on. Error: [Usage].
func (t *Task) CheckGiven() (err error) {
	t.all(nil, func(t *Task, first int) {
		for name := range t.file.o.Given {
			if p := t.open(name, first); p != nil && err == nil {
				_, err = p.given(t.file.o)
			}
		}
	})
	if err != nil {
		return t.Misused(err)
	}
	return nil
}

// given is the value of Options.Given; nil if there is none.
func (p Param) given(o Options) (starlark.Value, error) {
	text, ok := o.Given[p.Ident]
	if !ok || p.Positional && p.Repeated {
		return nil, nil
	}
	v, err := p.read(text, o.Dir)
	if err == nil && p.Repeated {
		v = starlark.NewList([]starlark.Value{v})
	}
	return v, err
}

// Defaults lists the default values, if strings, of the parameters of a name that get no
// other value, in the task and in those that it depends on.
func (c *Call) Defaults(name string) (list []string) {
	c.Task.all(nil, func(t *Task, first int) {
		if t.open(name, first) == nil || t == c.Task && !slices.Contains(c.standard, name) {
			return
		}
		for i := range t.fn.NumParams() {
			text, ok := starlark.AsString(t.fn.ParamDefault(i))
			if its, _ := t.fn.Param(i); its == name && ok {
				list = append(list, text)
			}
		}
	})
	return list
}

// value converts a value of Bind to Starlark; nil stays nil.
func (p Param) value(given any, dir string) (starlark.Value, error) {
	if given == nil {
		return nil, nil
	}
	items, ok := given.([]any)
	if !ok {
		return p.convert(given, dir)
	}
	list := starlark.NewList(nil)
	for _, item := range items {
		one, err := p.convert(item, dir)
		if err != nil {
			return nil, err
		}
		list.Append(one)
	}
	return list, nil
}

func (p Param) convert(v any, dir string) (starlark.Value, error) {
	if len(p.Choices) > 0 && !slices.Contains(p.Choices, fmt.Sprint(v)) {
		why := "it is one of " + strings.Join(p.Choices, ", ")
		if near := Nearest(fmt.Sprint(v), p.Choices); near != "" {
			why = "did you mean " + near + "?"
		}
		return nil, fmt.Errorf("%s: %v: %s", p.shown(), v, why)
	}
	switch v := v.(type) {
	case int64:
		return starlark.MakeInt64(v), nil
	case float64:
		return starlark.Float(v), nil
	case bool:
		return starlark.Bool(v), nil
	case string:
		if p.Type == "path" {
			v = fromCaller(v, dir)
		}
		return starlark.String(v), nil
	}
	return nil, fmt.Errorf("%s: no value for a %T", p.shown(), v)
}

// fromCaller converts a path relative to the working directory to one relative to the
// directory of the file.
func fromCaller(path, dir string) string {
	if dir == "" || path == "" || filepath.IsAbs(path) {
		return path
	}
	base, err := filepath.Abs(dir)
	if err == nil {
		var here string
		if here, err = os.Getwd(); err == nil {
			if here == base {
				return path
			}
			path = filepath.Join(here, path)
			if rel, e := filepath.Rel(base, path); e == nil {
				return rel
			}
		}
	}
	return path
}

func (p Param) shown() string {
	if p.Positional {
		return "<" + p.Name + ">"
	}
	return "--" + p.Name
}

// ask asks a person for the value.
func (p Param) ask(ctx context.Context, o Options) (starlark.Value, error) {
	if o.Ask == nil {
		return nil, fmt.Errorf("missing %s", p.shown())
	}
	text, err := o.Ask(ctx, p)
	if err != nil {
		return nil, err
	}
	return p.read(text, o.Dir)
}

// read converts a typed text to a value.
func (p Param) read(text, dir string) (starlark.Value, error) {
	v, err := any(text), error(nil)
	switch p.Type {
	case "int":
		v, err = typed.Integer(text, 10)
	case "float":
		v, err = typed.Number(text)
	case "bool":
		v, err = strconv.ParseBool(text)
		if err != nil {
			err = fmt.Errorf("%q is neither true nor false", text)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.shown(), err)
	}
	return p.convert(v, dir)
}
