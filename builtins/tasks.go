package builtins

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fastmigrate/builtins/internal/row"
	host "fastmigrate/starlark"

	"go.starlark.net/starlark"
)

var tasks = []*row.Builtin{{
	Name: "task", Params: []row.Param{
		row.NewParam("fn", "function", "", "the function of the task"),
		row.NewParam("name", "string", "None", "name of the task; None: that of the function, with - for _"),
		row.NewParam("default", "bool", "False", "run this task if none is named"),
		row.NewParam("group", "string", "None", "heading in the list of tasks"),
		row.NewParam("deps", "list", "[]", "functions to run first, once for the same arguments; a function with arguments is a tuple"),
		row.NewParam("confirm", "string", "None", "a question to confirm before it runs; --yes answers it"),
		row.NewParam("timeout", "duration", "None", "how long it may take, without deferred calls"),
		row.NewParam("hidden", "bool", "False", "do not list it; it can still be run"),
		row.NewParam("args", "dict", "{}", "a dict from the name of a parameter to arg(...)")},
	Returns: "None", Effect: row.None, Errors: []string{"usage"},
	Doc: `Sets options of a task. Every public function of the file is a task even without it.
A second call for the same function is refused.`,
	Example: `def deploy(stage):
    """Deploy to STAGE."""
    print(stage)

task(deploy, default = True, group = "release", args = {"stage": arg(choices = ["test", "live"])})`,
	When: row.AtLoad, Do: declare,
}, {
	Name: "arg", Params: []row.Param{
		row.NewParam("type", "string", "None", "string, path, int, float or bool; None: the type of the default value"),
		row.NewParam("help", "string", "None", "help text; None: from the docstring"),
		row.NewParam("choices", "list", "[]", "the permitted values")},
	Returns: "arg", Effect: row.None, Errors: []string{"usage"},
	Doc: `Sets options of a parameter, for task(args = {...}).
A path on the command line is relative to the working directory of the caller; a path in
the file is relative to the file.`,
	Example: `def read(source, rows = 10):
    print(source, rows)

task(read, args = {"source": arg("path", help = "a file to read")})`,
	When: row.AtLoad, Do: func(c *row.Call) (starlark.Value, error) {
		a := host.Arg{Kind: c.Text("type"), Help: c.Text("help")}
		if a.Kind != "" && !slices.Contains(host.Types, a.Kind) {
			return nil, fmt.Errorf("arg: there is no type %q: the types are %s", a.Kind, strings.Join(host.Types, ", "))
		}
		for _, v := range c.List("choices") {
			s, ok := starlark.AsString(v)
			if !ok {
				s = v.String()
			}
			a.Choices = append(a.Choices, s)
		}
		return a, nil
	},
}}

func declare(c *row.Call) (starlark.Value, error) {
	fn, ok := c.Value("fn").(*starlark.Function)
	if !ok || fn.Name() == "lambda" {
		return nil, fmt.Errorf("task: %v is not a function defined with def", c.Value("fn"))
	}
	d := host.Declaration{Fn: fn, Name: c.Text("name"), Default: c.Flag("default"), Group: c.Text("group"), Deps: c.List("deps"),
		Confirm: c.Text("confirm"), Hidden: c.Flag("hidden"), Args: map[string]host.Arg{}, Pos: c.Thread.CallFrame(1).Pos}
	if c.Given("timeout") {
		d.Timeout, _ = time.ParseDuration(c.Text("timeout"))
	}
	if args, ok := c.Value("args").(*starlark.Dict); ok {
		for _, kv := range args.Items() {
			name, isName := starlark.AsString(kv[0])
			a, isArg := kv[1].(host.Arg)
			if !isName || !isArg {
				return nil, fmt.Errorf(`task: args must be {"name": arg(...)}, not {%v: %v}`, kv[0], kv[1])
			}
			d.Args[name] = a
		}
	}
	c.Session.Declare(d)
	return starlark.None, nil
}
