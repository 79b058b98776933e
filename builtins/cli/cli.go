// Package cli is the command line of fastmigrate.
//
// This file holds the grammar of the command line, a Run method for each
// command, and at its end the one place that reports and exits.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"fastmigrate/builtins/cli/internal/hint"
	"fastmigrate/builtins/cli/internal/live"
	"fastmigrate/builtins/starmigrate"
	"fastmigrate/core"
	"fastmigrate/core/visible"
	"fastmigrate/starlark"
	"fastmigrate/starlark/command"

	"github.com/alecthomas/kong"
)

const version = "0.1.0"

// app is what a command works with.
type app struct {
	context.Context
	*grammar
	out, err io.Writer // results, which a terminal shows without what controls it; all else
	shown    io.Writer // as out, for text that is fit to be shown already, in colour
	db, dir  string
	options  core.Options // with all settings
	paths    []*path      // db and migrations, where anything says them
	command  string       // its name, or "" before it is known

	rehearsal []core.Rehearsed // what a rehearsal did
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// Main is the program.
func Main() {
	args := os.Args[1:]
	// The Python package's commands are programs: a link of that name is one too.
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	if command, ok := strings.CutPrefix(name, "fastmigrate_"); ok {
		args = append([]string{command}, args...)
	}
	if slices.Contains(flagsOf(args), "--version") {
		if slices.Contains(flagsOf(args), "--json") {
			fmt.Printf("{\n  \"program\": %q,\n  \"sqlite\": %q\n}\n", version, core.SQLiteVersion)
			return
		}
		fmt.Printf("fastmigrate %s (SQLite %s)\n", version, core.SQLiteVersion)
		return
	}
	if len(args) > 0 && args[0] == command.Hidden {
		complete(args[1:])
		return
	}
	debug.SetMaxStack(maxStack)
	stops := &interrupts{}
	ctx := starlark.WithAgain(stops.listen(), stops.again)
	out := &results{}
	a := &app{Context: ctx, grammar: &grammar{}, out: out, err: os.Stderr}
	if isTerminal(os.Stderr) {
		line := live.On(os.Stderr)
		a.out, a.err = line.Over(out), line
	}
	if a.shown = a.out; isTerminal(os.Stdout) {
		a.out = visible.Results(a.shown)
	}
	status := a.fail(a.run(args))
	if status == 0 && out.err != nil {
		status = a.fail(fmt.Errorf("it is done, but what it printed is lost: %w", out.err))
	}
	if i := (interruption{}); status != 0 && errors.As(context.Cause(ctx), &i) {
		status = i.status()
	}
	os.Exit(status)
}

// maxStack is what a value may need that is nested millions deep, to be the key of
// a dict.
const maxStack = min(math.MaxInt, 8<<30)

// flagsOf gives the flags that stand before the command.
func flagsOf(args []string) []string {
	i := slices.IndexFunc(args, func(arg string) bool { return !strings.HasPrefix(arg, "-") })
	if i < 0 {
		i = len(args)
	}
	return args[:i]
}

func (a *app) run(args []string) error {
	given := slices.Clone(args)
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "FASTMIGRATE_") {
			continue
		}
		if value == "" { // as good as none
			os.Unsetenv(name)
		}
		given = append(given, value)
	}
	for _, v := range given {
		if a.JSON = asksJSON(args); !utf8.ValidString(v) { // which would be read as another name
			return hint.Usagef("%q is not UTF-8", v)
		}
	}
	parser, err := a.parser()
	if err != nil {
		return err
	}
	if i := slices.Index(args, "test"); i >= 0 && i == len(flagsOf(args)) { // as go test has it
		args = slices.Clone(args)
		for j, arg := range args[i:] {
			if arg == "-run" || strings.HasPrefix(arg, "-run=") {
				args[i+j] = "-" + arg
			}
		}
	}
	k, err := parser.Parse(args)
	if err != nil {
		a.JSON = asksJSON(args)
		if p := (*kong.ParseError)(nil); errors.As(err, &p) {
			a.command = commandOf(p.Context)
		}
		return hint.Usage{Err: command.Plain(err)}
	}
	if a.Completion.Shell != "" { // a shell that starts is anywhere, and has no use for the configuration there
		return k.Run(a)
	}
	if a.Config != nil && *a.Config == "" {
		return hint.Usagef("--config is empty")
	}
	s, err := a.configure(a, k.Command())
	if err != nil {
		return err
	}
	a.command = commandOf(k)
	a.locate(k)
	switch t := set(a.LockTimeout); {
	case a.db == "":
		return hint.Usagef("--db is empty")
	case a.dir == "":
		return hint.Usagef("--migrations is empty")
	case t < 0:
		return hint.Usage{Err: negative("--lock-timeout", t)}
	case set(s.ScriptTimeout) < 0:
		return hint.Usage{Err: negative("--script-timeout", *s.ScriptTimeout)}
	case a.LockTimeout != nil && t == 0:
		a.LockTimeout = new(time.Duration(-1))
	}
	a.options = core.Options{Logger: a.log(), Tool: "fastmigrate " + version, LockTimeout: set(a.LockTimeout),
		Isolated: set(s.Isolated), ScriptTimeout: set(s.ScriptTimeout), Python: set(s.Python), Shell: set(s.Shell),
		NoForeignKeyCheck: set(s.NoForeignKeyCheck), NoHistory: set(s.NoHistory), AllowMissing: set(s.AllowMissing),
		IgnoreTables: strings.FieldsFunc(set(s.IgnoreTables), func(r rune) bool { return r == ',' || r == ' ' })}
	if a.Verbose {
		a.options.Output = visible.Programs(a.err)
	}
	a.options.Runners = map[string]core.Runner{"star": starmigrate.Runner(starmigrate.Options{Out: visible.Results(a.err), Log: a.err})}
	a.options.OnProgress = a.progress()
	return k.Run(a)
}
