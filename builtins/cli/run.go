package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fastmigrate/builtins"
	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/live"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/visible"
	"fastmigrate/starlark"
	"fastmigrate/starlark/command"
)

type runTask struct {
	workflowFile
	DryRun  rehearse      `short:"n" help:"Rehearse: run the task on private copies of the databases, and report. --dry-run=scripts runs .py and .sh migrations too."`
	Yes     bool          `short:"y" help:"Answer every question with yes."`
	Timeout time.Duration `placeholder:"TIME" help:"End the task if it takes longer. Default: as the task says."`
	Task    []string      `arg:"" optional:"" passthrough:"" complete:"task" help:"Name of the task, and its arguments. Default: the task that says so."`
}

func (runTask) Help() string {
	return `The Fastmigratefile is looked for in the working directory and above it. One from
above must belong to you or root, and not every user may be able to change it;
--trust runs it nevertheless. What stands after the name of the task is the
task's: "fastmigrate run TASK --help" shows it.

--db and --migrations before the task are what it uses where it names no path,
and the values of its parameters db and migrations. FASTMIGRATE_DB and the
configuration never replace a path that the file names.

A rehearsal (--dry-run) runs sh() only where the call says that it reads
(reads = True), and then with the real files and databases.

Examples:

    fastmigrate run
    fastmigrate run migrate --db other.db --keep 3
    fastmigrate run --yes --timeout 10m deploy`
}

func (c runTask) Run(a *app) error {
	if c.Timeout < 0 {
		return hint.Usage{Err: negative("--timeout", c.Timeout)}
	}
	o := starlark.Options{Timeout: c.Timeout, Confirm: a.confirm}
	if c.Yes {
		o.Confirm = func(context.Context, string) (bool, error) { return true, nil }
	} else if live.IsTerminal(os.Stdin) {
		o.Ask = a.ask
	}
	if c.DryRun.on {
		a.options.Rehearsal = &core.Rehearsal{Programs: c.DryRun.programs}
		defer a.options.Rehearsal.Close()
	}
	o.Given = map[string]string{}
	for _, p := range a.paths {
		if p.flag() {
			o.Given[p.name] = p.value
		}
	}
	file, call, err := c.call(a, o)
	if errors.Is(err, command.ErrHelp) {
		return nil
	}
	if err != nil {
		return report.Unread{Err: err, Args: c.Task} // --json is of the task, which did not take it
	}
	t := call.Task
	if err := a.heed(file, call); err != nil {
		return err
	}
	if err = file.Run(a, call); err == nil && a.Err() != nil { // while it cleaned up
		err = context.Cause(a)
	}
	switch {
	case c.DryRun.on:
		return a.rehearsed(err, nil)
	case err != nil || !a.JSON:
		return err
	}
	return a.Report("", struct {
		Task string `json:"task"`
	}{t.Name})
}

// call reads the arguments of the task.
func (c runTask) call(a *app, o starlark.Options) (*starlark.File, *starlark.Call, error) {
	file, err := c.load(a, o)
	if err != nil {
		return nil, nil, err
	}
	name, args := "", c.Task
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	t, err := file.Task(name)
	if err != nil {
		return nil, nil, hint.Usage{Err: err}
	}
	call, err := command.Parse(a, t, args, visible.Results(a.Shown))
	if errors.As(err, new(starlark.Usage)) {
		err = hint.Usage{Err: ours(t, args, err)}
	}
	return file, call, err
}

// ours adds to an error of the arguments of a task that one of them is a flag of the
// command.
func ours(t *starlark.Task, args []string, err error) error {
	for _, arg := range args {
		flag, _, _ := strings.Cut(arg, "=")
		if arg == "--" {
			break
		}
		if slices.ContainsFunc(t.Params, func(p starlark.Param) bool { return "--"+p.Name == flag }) {
			continue
		}
		if slices.Contains(strings.Fields("--yes -y --dry-run -n --timeout --file -f --json --quiet -q --verbose -v"), flag) {
			return hint.With(err, flag+" stands before the name of the task: fastmigrate run --help shows it")
		}
	}
	return err
}

// heed sees to it that no path is passed over in silence: a flag is refused that a
// task cannot use, if it touches anything at all, and of the others tells named.
func (a *app) heed(file *starlark.File, call *starlark.Call) error {
	var calls []string
	for _, use := range call.Task.Calls() {
		calls = append(calls, use.Name)
	}
	for _, p := range a.paths {
		p.told = builtins.Usual(call.Task, p.name)
		if p.flag() && !p.told && !call.Task.Takes(p.name) && len(builtins.Effects(calls)) > 0 {
			what := map[string]string{"db": "database", "migrations": "migrations directory"}[p.name]
			return hint.Usagef("--%[1]s has no effect on the task %[2]s: it has no parameter %[1]s, and never uses the default %[3]s", p.name, call.Task.Name, what)
		}
		for _, text := range call.Defaults(p.name) {
			if !filepath.IsAbs(text) {
				text = filepath.Join(file.Dir(), text)
			}
			a.named(p.name, text)
		}
	}
	return nil
}

// named says once that a Fastmigratefile names another path than a variable or the
// configuration does. Its own is used.
func (a *app) named(param, used string) {
	for _, p := range a.paths {
		if p.name != param || p.told || p.flag() {
			continue
		}
		p.told = true
		if !samePath(p.value, used) {
			a.Notice(fmt.Sprintf("using %s, which the %s names, not %s (%s)", used, starlark.Name, p.value, p.from))
		}
	}
}

func samePath(a, b string) bool {
	one, err := os.Stat(a)
	other, err2 := os.Stat(b)
	if err == nil && err2 == nil {
		return os.SameFile(one, other)
	}
	a, err = filepath.Abs(a)
	b, err2 = filepath.Abs(b)
	return err == nil && err2 == nil && a == b
}

// workflowFile is which Fastmigratefile a command is about.
type workflowFile struct {
	File string `short:"f" env:"FASTMIGRATE_FILE" placeholder:"FILE" help:"The Fastmigratefile. Default: the nearest one, here or above."`
	trustFlag
}

// trustFlag lets run what nobody named.
type trustFlag struct {
	Trust bool `env:"FASTMIGRATE_TRUST" help:"Run a Fastmigratefile found above the working directory even if it belongs to another user, or every user may write it."`
}

// load loads it. What it prints meanwhile is no result.
func (c workflowFile) load(a *app, o starlark.Options) (*starlark.File, error) {
	path := c.File
	if path == "" {
		var err error
		if path, err = starlark.Find("."); errors.Is(err, fs.ErrNotExist) {
			return nil, hint.With(fault.Of(fs.ErrNotExist, "there is no %s here or above", starlark.Name), "-f FILE names one; its functions are the tasks, and fastmigrate docs lists what they can call")
		} else if err != nil {
			return nil, err
		}
	}
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, hint.With(fault.Of(fs.ErrNotExist, "%s does not exist", path), "without -f and FASTMIGRATE_FILE, the nearest "+starlark.Name+" here or above is used")
	} else if err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, hint.With(fmt.Errorf("%s is no regular file, as a %s is", path, starlark.Name), "-f FILE names the file itself")
	}
	dir, name := filepath.Split(path)
	root, err := os.OpenRoot(filepath.Clean(dir)) // out of which no link leads
	if err != nil {
		return nil, err
	}
	defer root.Close()
	a.Log().Debug("using " + path)
	b := builtins.Options{Core: a.options, Out: a.Results, Log: a.Messages, DB: a.said("db"), Migrations: a.said("migrations"), Named: a.named, Confirm: o.Confirm}
	if a.JSON { // the result is ours
		b.Out = visible.Results(a.Messages)
	}
	if a.Quiet {
		b.Log = io.Discard
	}
	o.File, o.Dir, o.Predeclared = name, filepath.Clean(dir), builtins.New(b).Predeclared()
	fsys := root.FS()
	if c.File == "" && filepath.Clean(dir) != "." && !c.Trust {
		fsys = starlark.Own(fsys, filepath.Clean(dir))
	}
	file, err := starlark.Load(a, fsys, o)
	if errors.Is(err, starlark.ErrForeign) {
		err = hint.Add(err, "if you trust who can write it: --trust, before the name of the task, or FASTMIGRATE_TRUST=1")
	}
	return file, err
}
