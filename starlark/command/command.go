// Package command is the command line of a task: it parses arguments, prints help, and
// completes words for a shell. Most programs need one call:
//
//	err := command.Run(ctx, os.DirFS("."), "migrate", []string{"--keep", "3"}, starlark.Options{
//		Predeclared: builtins.New(builtins.Options{}).Predeclared(),
//	})
//
// Parameters of a task become arguments and flags as in kong
// (https://github.com/alecthomas/kong): those without a default value are arguments, in
// their order, and the others are flags.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"fastmigrate/starlark"

	"github.com/alecthomas/kong"
)

// Run loads the file of fsys and runs one of its tasks, the default one if the name is
// empty, with the arguments of a command line. Errors: [starlark.Errors], each with its
// place in the file; [starlark.Usage] if the arguments do not fit.
func Run(ctx context.Context, fsys fs.FS, task string, args []string, o starlark.Options) error {
	f, err := starlark.Load(ctx, fsys, o)
	if err != nil {
		return err
	}
	t, err := f.Task(task)
	if err != nil {
		return err
	}
	c, err := Parse(ctx, t, args, nil)
	if err != nil {
		return err
	}
	return f.Run(ctx, c)
}

// ErrHelp is the error of [Parse] after it has printed help.
var ErrHelp = errors.New("help was asked for")

// Parse parses the arguments of a command line for a task. [starlark.Options.Given] and
// [starlark.Options.Ask] supply what they leave out. --help prints help to help; if that
// is nil, it is a flag like others. Errors: [starlark.Usage]; [ErrHelp].
func Parse(ctx context.Context, t *starlark.Task, args []string, help io.Writer) (*starlark.Call, error) {
	if err := t.CheckGiven(); err != nil {
		return nil, err
	}
	given, err := typedArguments(t, args, help, true)
	if used := (starlark.Usage{}); errors.As(err, &used) { // a value for each, perhaps
		if all, again := typedArguments(t, args, help, false); again == nil {
			given, err = all, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return t.Bind(ctx, given)
}

// typedArguments parses arguments to a value for each parameter, nil if there is none.
// without leaves out the positional parameters in Options.Given.
func typedArguments(t *starlark.Task, args []string, help io.Writer, without bool) ([]any, error) {
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
		params = slices.DeleteFunc(params, func(p starlark.Param) bool {
			_, given := t.Options().Given[p.Ident]
			return given && p.Positional && !p.Repeated
		})
	}
	// Values that a person can be asked for are optional.
	asks := t.Options().Ask != nil && !asksHelp
	parser, to, err := parser(t, params, asks, options...)
	if err != nil {
		return nil, err
	}
	_, err = parser.Parse(args)
	switch {
	case helped:
		return nil, ErrHelp
	case err != nil:
		return nil, t.Misused(Plain(err))
	}
	values := make([]any, len(t.Params))
	for i, p := range t.Params {
		if at := slices.IndexFunc(params, func(one starlark.Param) bool { return one.Ident == p.Ident }); at >= 0 {
			values[i] = value(to.Field(at))
		}
	}
	return values, nil
}

// value is the value of a field; nil if there is none.
func value(v reflect.Value) any {
	switch {
	case v.IsNil():
		return nil
	case v.Kind() == reflect.Pointer:
		return v.Elem().Interface()
	}
	items := make([]any, v.Len())
	for i := range items {
		items[i] = v.Index(i).Interface()
	}
	return items
}

// parser parses the arguments of the task into a struct with a field for each parameter.
// optional lets required flags and arguments be left out.
func parser(t *starlark.Task, params []starlark.Param, optional bool, options ...kong.Option) (_ *kong.Kong, given reflect.Value, err error) {
	fields := make([]reflect.StructField, len(params))
	for i, p := range params {
		_, elsewhere := t.Options().Given[p.Ident]
		fields[i] = field(p, i, optional || elsewhere && !p.Positional)
	}
	to := reflect.New(reflect.StructOf(fields))
	parser, err := kong.New(to.Interface(), append([]kong.Option{
		kong.Name("fastmigrate run " + t.Name), kong.Description(escape(strings.TrimSpace(t.Summary + "\n\n" + t.Doc))),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), Values(0),
	}, options...)...)
	return parser, to.Elem(), err
}

// Model returns the command line of the task as kong's model. A parameter with choices
// has its name in the tag complete: see [Source].
func Model(t *starlark.Task) (*kong.Application, error) {
	parser, _, err := parser(t, t.Params, false)
	if err != nil {
		return nil, err
	}
	return parser.Model, nil
}

// field is the field that kong parses the parameter into: a pointer or a slice, nil if
// the command line has no value.
func field(p starlark.Param, i int, optional bool) reflect.StructField {
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

// escape keeps kong from expanding ${...} in a text.
func escape(text string) string { return strings.ReplaceAll(text, "$", "$$") }
