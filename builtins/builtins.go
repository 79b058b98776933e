// Package builtins provides the functions that a Fastmigratefile can call: a row for
// each, thin over package core. The rows determine how arguments are read, the
// documentation ([All]) and what a list of tasks shows ([Effects]). Most programs need
// one call, and predeclare its names:
//
//	set := builtins.New(builtins.Options{})
//	file, err := starlark.Load(ctx, os.DirFS("."), starlark.Options{Predeclared: set.Predeclared()})
package builtins

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"fastmigrate/builtins/internal/prelude"
	"fastmigrate/core"
	"fastmigrate/core/rehearse"
	"fastmigrate/core/visible"
	host "fastmigrate/starlark"

	startime "go.starlark.net/lib/time"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// Options configures the functions. The zero value is complete.
type Options struct {
	// Core is passed to package core with each call. If its Hold is nil, it gets one: other
	// processes keep the backups that are made while the Set is in use.
	Core core.Options

	// DB is the database of calls that name none. If empty, data/database.db beside
	// the Fastmigratefile.
	DB string

	// Migrations is the migrations directory of calls that name none. If empty, migrations
	// beside the Fastmigratefile.
	Migrations string

	// Named is called with each path that a call names instead of DB or Migrations; param is
	// "db" or "migrations". If nil, no one is notified.
	Named func(param, path string)

	// Changed is called with the path of a database whose schema may have changed: after
	// run_migrations, enroll_db and restore_db, but not in a rehearsal. If nil, no one is
	// notified.
	Changed func(db string)

	// Out receives the output of print and table. If nil, it is discarded.
	Out io.Writer

	// Log receives progress, line by line: applied migrations, programs that are run,
	// warnings, and output printed while the file is loaded. If nil, it is discarded.
	Log io.Writer

	// Confirm answers confirm(). If nil, confirm() fails.
	Confirm func(ctx context.Context, question string) (bool, error)

	// Getenv returns a variable of the environment, "" if it is not set. If nil, os.Getenv
	// is used.
	Getenv func(name string) string

	// Sh is called by sh instead of running command, and returns an exit status and output.
	// input is the text that the program would read, nil if none; thread is that of the
	// caller, and can call a function of the file. If nil, programs run.
	Sh func(thread *starlark.Thread, command []string, input *string) (status int, out string, err error)

	// Now is the clock of the module time, which is then among the names of Predeclared. If
	// nil, the module uses the clock of the system.
	Now func() time.Time
}

// Set is the functions with their options.
type Set struct{ o Options }

// New returns a [Set]. It does nothing yet: it opens no file and no database.
func New(o Options) *Set {
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Changed == nil || rehearse.Of(o.Core) != nil {
		o.Changed = func(string) {}
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Core.Hold == nil {
		o.Core.Hold = &core.Hold{}
	}
	return &Set{o: o}
}

// All lists the functions of a Fastmigratefile by name.
func All() []*Builtin { return new(Set).rows() }

// rows are the functions by name.
func (set *Set) rows() []*Builtin {
	list := slices.Concat(set.databases(), set.backups(), set.statements(), tasks, set.flow(), set.files(), set.programs(), prelude.Rows(set.o.Out, set.o.Log))
	slices.SortFunc(list, func(a, b *Builtin) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return list
}

// Predeclared returns the functions by name, for [host.Options].
func (set *Set) Predeclared() starlark.StringDict {
	names := starlark.StringDict{}
	for _, b := range set.rows() {
		names[b.Name] = b.Function(set.migrations)
	}
	if set.o.Now != nil {
		names["time"] = clock(set.o.Now)
	}
	return names
}

// clock is the module time with another clock.
func clock(now func() time.Time) *starlarkstruct.Module {
	m := *startime.Module
	m.Members = maps.Clone(m.Members)
	m.Members["now"] = starlark.NewBuiltin("now", func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
		return startime.Time(now()), nil
	})
	return &m
}

// Effects returns the effects that the functions with these names may have.
func Effects(names []string) []Effect {
	list := []Effect{}
	for _, b := range All() {
		if b.Effect != None && slices.Contains(names, b.Name) && !slices.Contains(list, b.Effect) {
			list = append(list, b.Effect)
		}
	}
	slices.Sort(list)
	return list
}

// Usual reports whether a task may make a call that names no database or no migrations
// directory, and so uses the default; param is "db" or "migrations".
func Usual(t *host.Task, param string) bool {
	all := All()
	return slices.ContainsFunc(t.Calls(), func(u host.Use) bool {
		for _, b := range all {
			i := slices.IndexFunc(b.Params, func(p Param) bool { return p.Name == param && p.Default != "" })
			if b.Name == u.Name && i >= 0 {
				return u.Any || !(i < len(u.Args) && u.Args[i] || u.Named[param])
			}
		}
		return false
	})
}

// logChange is log of a change of a database, which in a rehearsal is its copy.
func (set *Set) logChange(format string, args ...any) {
	if rehearse.Of(set.o.Core) != nil {
		format = "on a private copy: " + format
	}
	set.log(format, args...)
}

// log prints what is being done. Names in it go through visible.Line.
func (set *Set) log(format string, args ...any) {
	fmt.Fprintln(set.o.Log, visible.Block(fmt.Sprintf(format, args...)))
}
