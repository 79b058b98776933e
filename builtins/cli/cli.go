// Package cli is the command line of fastmigrate: the verbs of core and builtins as
// commands. A command is a struct of its flags and arguments with Help and Run, in the
// file of its group, and a field of the grammar. Run gets the app with all settings. It
// reports its result or returns an error; package report prints the error and chooses the
// exit status.
package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"fastmigrate/builtins/cli/internal/arguments"
	"fastmigrate/builtins/cli/internal/environ"
	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/report"
	"fastmigrate/builtins/cli/internal/signals"
	"fastmigrate/core"
	"fastmigrate/starlark"
	"fastmigrate/starlark/command"

	"github.com/alecthomas/kong"
)

// app has everything that a command works with. It does not change while the command runs.
type app struct {
	context.Context
	*report.Reporter
	db, dir string       // the database, and the migrations directory
	config  string       // the configuration file, where one is named
	options core.Options // with all settings
	paths   []*path      // db and migrations, where anything says them
	schema  string       // the file that is to hold the schema of the database; "": none is

	variables *environ.Variables // of --env-file; nil if it is not given
}

// Main is the program, and the only place that exits, except that kong exits after
// --help.
func Main() {
	args := os.Args[1:]
	// The Python package's commands are programs: a link of that name is one too.
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	if command, ok := strings.CutPrefix(name, "fastmigrate_"); ok {
		args = append([]string{command}, args...)
	}
	switch args = arguments.Command(args); {
	case len(args) == 0:
		fmt.Print(first)
	case args[0] == command.Hidden:
		complete(args[1:])
	default:
		os.Exit(run(args))
	}
}

// run executes the arguments, reports the result, and returns the exit status.
func run(args []string) int {
	debug.SetMaxStack(maxStack)
	stops := &signals.Interrupts{}
	ctx := starlark.WithAgain(stops.Listen(), stops.Again)
	a := &app{Context: ctx, Reporter: report.New(ctx)}
	stops.Report = a.End
	status := stops.End(a.run(args))
	if i := (signals.Interruption{}); status != 0 && errors.As(context.Cause(ctx), &i) {
		return i.Status()
	}
	return status
}

// maxStack is enough for a value that is nested millions deep to be hashed as the key
// of a dict.
const maxStack = min(math.MaxInt, 8<<30)

// run reads the arguments and all settings, and runs the command.
func (a *app) run(args []string) error {
	if err := arguments.Check(args); err != nil {
		return report.Unread{Err: hint.Usage{Err: err}, Args: args}
	}
	g, k, err := parse(args, a.Results, a.Messages)
	if err != nil {
		if p := (*kong.ParseError)(nil); errors.As(err, &p) {
			a.Names.Command = commandOf(p.Context)
		}
		return report.Unread{Err: hint.Misread(command.Plain(err), args, a.Names.Command), Args: args}
	}
	a.JSON, a.Quiet, a.Verbose, a.NoColor = g.JSON, g.Quiet, g.Verbose, g.NoColor
	if g.EnvFile != "" && a.variables == nil { // the arguments are read again, with its variables
		if a.variables, err = environ.Read(a, g.EnvFile); err != nil {
			return err
		}
		return a.run(args)
	}
	if _, ok := k.Selected().Target.Interface().(interface{ worksAnywhere() }); !ok {
		if err := a.prepare(g, k); err != nil {
			return err
		}
	}
	return k.Run(a)
}
