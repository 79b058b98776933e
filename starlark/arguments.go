package starlark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"fastmigrate/starlark/typed"

	"github.com/alecthomas/kong"
	"go.starlark.net/starlark"
)

// Call is a task with its arguments.
type Call struct {
	Task     *Task
	args     starlark.Tuple
	kwargs   []starlark.Tuple
	standard []string // parameters that nothing on the command line gives
}

// With is a call of the task with values, as another function of the file would
// call it.
func (t *Task) With(args starlark.Tuple, kwargs []starlark.Tuple) *Call {
	return &Call{Task: t, args: args, kwargs: kwargs}
}

// ErrHelp says that --help was among the arguments, and was answered.
var ErrHelp = errors.New("help was asked for")

// Parse reads arguments as they are typed on a command line: those without a
// default value in their order, the others as flags. What none of them gives may
// be in Options.Given. --help is answered on help; nil: it is a flag like others.
// Errors: Usage, ErrHelp.
func (t *Task) Parse(ctx context.Context, args []string, help io.Writer) (*Call, error) {
	if err := t.givable(); err != nil {
		return nil, Usage{fmt.Errorf("%s: %w", t.Name, err)}
	}
	given, err := t.typed(args, help, true)
	if used := (Usage{}); errors.As(err, &used) { // a value for each, perhaps
		if all, again := t.typed(args, help, false); again == nil {
			given, err = all, nil
		}
	}
	if err != nil {
		return nil, err
	}
	c := &Call{Task: t}
	var rest starlark.Tuple
	named := map[string]starlark.Value{}
	for i, p := range t.Params {
		v, err := p.value(given[i], t.file.o.Dir)
		if err == nil && v == nil {
			if v, err = p.given(t.file.o); v == nil {
				c.standard = append(c.standard, p.param)
			}
		}
		if err == nil && v == nil && p.Required {
			v, err = p.ask(ctx, t.file.o)
		}
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, t.file.explain(err, &Session{Context: ctx})
		case err != nil:
			return nil, Usage{fmt.Errorf("%s: %w", t.Name, err)}
		case v == nil:
		case p.Positional && p.Repeated: // *args
			rest = slices.AppendSeq(rest, v.(*starlark.List).Elements())
		default:
			named[p.param] = v
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

// typed reads arguments: a value for each parameter, nil if it was not given. Those
// by their place that are in Options.Given can be left out.
func (t *Task) typed(args []string, help io.Writer, without bool) ([]reflect.Value, error) {
	helped := false
	options := []kong.Option{kong.Exit(func(int) { helped = true })}
	if help == nil {
		options = append(options, kong.NoDefaultHelp())
	} else {
		options = append(options, kong.Writers(help, help))
	}
	asksHelp := slices.Contains(args, "--help") || slices.Contains(args, "-h")
	params := slices.Clone(t.Params)
	if without && !asksHelp {
		params = slices.DeleteFunc(params, func(p Param) bool {
			_, given := t.file.o.Given[p.param]
			return given && p.Positional && !p.Repeated
		})
	}
	// What a person can be asked for, or is given elsewhere, need not be given.
	asks := t.file.o.Ask != nil && !asksHelp
	parser, to, err := t.parser(params, asks, options...)
	if err != nil {
		return nil, err
	}
	_, err = parser.Parse(args)
	switch {
	case helped:
		return nil, ErrHelp
	case err != nil:
		return nil, Usage{fmt.Errorf("%s: %w", t.Name, typed.Plain(err))}
	}
	values := make([]reflect.Value, len(t.Params))
	for i, p := range t.Params {
		at := slices.IndexFunc(params, func(one Param) bool { return one.param == p.param })
		values[i] = reflect.Zero(reflect.TypeFor[*string]())
		if at >= 0 {
			values[i] = to.Field(at)
		}
	}
	return values, nil
}

// parser reads the arguments of the task into a struct with a field for each
// parameter.
func (t *Task) parser(params []Param, optional bool, options ...kong.Option) (_ *kong.Kong, given reflect.Value, err error) {
	fields := make([]reflect.StructField, len(params))
	for i, p := range params {
		_, elsewhere := t.file.o.Given[p.param]
		fields[i] = p.field(i, optional || elsewhere && !p.Positional)
	}
	to := reflect.New(reflect.StructOf(fields))
	parser, err := kong.New(to.Interface(), append([]kong.Option{
		kong.Name("fastmigrate run " + t.Name), kong.Description(escape(strings.TrimSpace(t.Summary + "\n\n" + t.Doc))),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), typed.Values(0),
	}, options...)...)
	return parser, to.Elem(), err
}

// Model is the command line of the task as kong has it. A parameter with choices
// has the tag complete, which holds its name.
func (t *Task) Model() (*kong.Application, error) {
	parser, _, err := t.parser(t.Params, false)
	if err != nil {
		return nil, err
	}
	return parser.Model, nil
}

// ordinary is the number of parameters that can be given by their place, *args apart.
func (t *Task) ordinary() int {
	if t.fn == nil {
		return 0
	}
	return t.fn.NumParams() - t.fn.NumKwonlyParams() - btoi(t.fn.HasVarargs()) - btoi(t.fn.HasKwargs())
}

// call is the task with the first of its arguments, and the values of Options.Given,
// or else the default values, of the others: the same arguments are the same call.
func (t *Task) call(args starlark.Tuple) *Call {
	c := &Call{Task: t, args: args}
	first := len(args)
	for i := range t.fn.NumParams() {
		name, _ := t.fn.Param(i)
		v := starlark.Value(nil)
		if p := t.open(name, first); p != nil {
			v, _ = p.given(t.file.o) // which givable has tried
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

// givable reports what of Options.Given cannot be the value of a parameter.
func (t *Task) givable() (err error) {
	t.all(nil, func(t *Task, first int) {
		for name := range t.file.o.Given {
			if p := t.open(name, first); p != nil && err == nil {
				_, err = p.given(t.file.o)
			}
		}
	})
	return err
}

// given is the value of Options.Given; nil if there is none.
func (p Param) given(o Options) (starlark.Value, error) {
	text, ok := o.Given[p.param]
	if !ok || p.Positional && p.Repeated {
		return nil, nil
	}
	v, err := p.read(text, o.Dir)
	if err == nil && p.Repeated {
		v = starlark.NewList([]starlark.Value{v})
	}
	return v, err
}

// Defaults are the strings that the file gives to the parameters of a name to which
// nothing else gives a value: of the task, and of those that it depends on.
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

// field is the parameter as kong reads it from a command line: a pointer, or a
// list, that is nil if it was not given.
func (p Param) field(i int, optional bool) reflect.StructField {
	types := map[string]reflect.Type{"int": reflect.TypeFor[int64](), "float": reflect.TypeFor[float64](), "bool": reflect.TypeFor[bool]()}
	one, ok := types[p.Type]
	if !ok {
		one = reflect.TypeFor[string]()
	}
	help := p.Help
	add := func(text string) {
		if help != "" {
			help = strings.TrimSuffix(help, ".") + ". "
		}
		help += text
	}
	if len(p.Choices) > 0 {
		add("One of " + strings.Join(p.Choices, ", ") + ".")
	}
	if p.Default != "" && p.Default != "[]" && p.Default != "()" && p.Default != `""` {
		add("Default: " + p.Default + ".")
	}
	tag := fmt.Sprintf("name:%s help:%s placeholder:%s", strconv.Quote(p.Name), strconv.Quote(escape(help)), strconv.Quote(strings.ToUpper(p.Type)))
	f := reflect.StructField{Name: "P" + strconv.Itoa(i), Type: reflect.PointerTo(one)}
	if p.Repeated {
		f.Type = reflect.SliceOf(one)
		tag += ` sep:"none"`
	} else if p.Type == "bool" && !p.Positional {
		tag += ` negatable:""`
	}
	switch {
	case p.Positional:
		tag += ` arg:""`
	case len(p.Name) == 1 && p.Name != "h":
		tag += ` short:"` + p.Name + `"`
	}
	if len(p.Choices) > 0 {
		tag += " complete:" + strconv.Quote(p.Name)
	}
	switch {
	case !p.Required || optional:
		tag += ` optional:""`
	case !p.Positional:
		tag += ` required:""`
	}
	f.Tag = reflect.StructTag(tag)
	return f
}

// escape keeps kong from reading ${...} in a text as a variable of its own.
func escape(text string) string { return strings.ReplaceAll(text, "$", "$$") }

// value is what was given, as Starlark has it; nil if nothing was.
func (p Param) value(v reflect.Value, dir string) (starlark.Value, error) {
	if v.IsNil() {
		return nil, nil
	}
	if !p.Repeated {
		return p.convert(v.Elem().Interface(), dir)
	}
	list := starlark.NewList(nil)
	for i := range v.Len() {
		one, err := p.convert(v.Index(i).Interface(), dir)
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

// fromCaller is a path that was typed in the working directory as it is seen
// from the directory of the file.
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

// ask has a person give the value.
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

// read is the value that a text means.
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
