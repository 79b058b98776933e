// The command run, for tasks.

package cli

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/live"
	"fastmigrate/builtins/cli/internal/prompt"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/builtins/cli/internal/result"
	"fastmigrate/core"
	"fastmigrate/core/rehearse"
	"fastmigrate/core/visible"
	"fastmigrate/starlark"
	"fastmigrate/starlark/command"
)

type runTask struct {
	workflowFile
	DryRun  rehearseFlag  `short:"n" help:"Rehearse: run the task on private copies of the databases and report. --dry-run=scripts runs .py and .sh migrations too."`
	Yes     bool          `short:"y" help:"Answer yes to every question."`
	Timeout time.Duration `placeholder:"TIME" help:"Stop the task if it takes longer. Default: the task's own timeout."`
	Task    []string      `arg:"" optional:"" passthrough:"" complete:"task" help:"Name of the task, and its arguments. Default: the task declared as default."`
}

func (runTask) Help() string {
	return `Uses the Fastmigratefile in the working directory, or the nearest one above it. One
from above must belong to you or root and must not be writable by every user;
--trust skips this check. Arguments after the name of the task belong to the task:
see "fastmigrate run TASK --help".

--db and --migrations before the task set the paths that the task uses where it
names none, and its parameters db and migrations. FASTMIGRATE_DB and the
configuration file never replace a path that the Fastmigratefile names.

A rehearsal (--dry-run) runs sh() only in calls marked with reads = True, and then
on the real files and databases.

Examples:

    fastmigrate run
    fastmigrate run migrate --db other.db --keep 3
    fastmigrate run --yes --timeout 10m deploy`
}

func (c runTask) Run(a *app) error {
	if c.Timeout < 0 {
		return negative("--timeout", c.Timeout)
	}
	host := starlark.Options{Timeout: c.Timeout, Confirm: prompt.Confirm}
	if c.Yes {
		host.Confirm = func(context.Context, string) (bool, error) { return true, nil }
	} else if live.IsTerminal(os.Stdin) {
		host.Ask = prompt.Parameter
	}
	o := a.options
	if c.DryRun.on {
		r := &rehearse.Rehearsal{Programs: c.DryRun.programs}
		defer r.Close()
		o = r.Options(o)
	}
	host.Given = map[string]string{}
	for _, p := range a.paths {
		if p.flag() {
			host.Given[p.name] = p.value
		}
	}
	file, call, err := c.call(a, o, host)
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
		_, err = a.rehearsed(o, err, nil)
		return err
	case err != nil || !a.JSON:
		return err
	}
	return a.Report("", result.Done{Task: t.Name})
}

// call loads the file and reads the arguments of the task.
func (c runTask) call(a *app, o core.Options, host starlark.Options) (*starlark.File, *starlark.Call, error) {
	file, err := c.load(a, o, host)
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
			return hint.With(err, flag+" goes before the name of the task: see fastmigrate run --help")
		}
	}
	return err
}
