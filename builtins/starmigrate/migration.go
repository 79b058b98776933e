// Package starmigrate runs migrations in Starlark: files NNNN-description.star with a
// function migrate(db). Most programs need one line, in the options of package core:
//
//	o := core.Options{Runners: map[string]runner.Runner{"star": starmigrate.Runner(starmigrate.Options{})}}
//	result, err := core.RunMigrations(ctx, "app.db", migrations, o)
//
// The rule: the same database always gives the same result, so a migration has no files,
// no network, no clock and no random numbers. [Methods] documents what it can call.
package starmigrate

import (
	"context"
	"errors"
	"io"
	"regexp"
	"slices"

	"fastmigrate/builtins/internal/prelude"
	"fastmigrate/builtins/internal/row"
	"fastmigrate/core"
	"fastmigrate/core/fault"
	"fastmigrate/core/runner"
	host "fastmigrate/starlark"
	"fastmigrate/starlark/secret"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// Options says where a migration prints. The zero value is complete.
type Options struct {
	// Out receives the output of print and table. If nil, it is discarded.
	Out io.Writer

	// Log receives the output of warn, and output printed while the file is loaded. If nil,
	// it is discarded.
	Log io.Writer
}

// Runner returns the runner of .star migrations, for [core.Options.Runners]. It calls the
// function migrate of the file in the transaction of the migration. If that fails, the
// error is a [core.Error] with the place in the file, and wraps the errors of Starlark, a
// [host.Errors].
func Runner(o Options) runner.Runner {
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	return func(ctx context.Context, of core.Migration, text []byte, tx *runner.Tx) error {
		m := &migration{o: o, name: of.Name, tx: tx}
		f, err := host.Load(ctx, nil, host.Options{File: m.name, Source: text, Predeclared: m.predeclared()})
		if err == nil {
			_, err = f.Call(ctx, "migrate", &row.Object{Name: "db", Methods: row.MethodsOf(m.db(), "db", usual)})
		}
		m.after = func(fn starlark.Callable, args starlark.Tuple) (starlark.Value, error) {
			v, err := f.CallFunction(ctx, fn, args...)
			return v, m.place(err)
		}
		return m.place(err)
	}
}

// migration is one migration while it runs.
type migration struct {
	o        Options
	name     string // of its file
	tx       *runner.Tx
	last     *row.Row // that was read
	patterns map[string]*regexp.Regexp
	after    func(fn starlark.Callable, args starlark.Tuple) (starlark.Value, error) // calls a function of the file once migrate has returned; nil: it has not
}

// predeclared are the names that a migration can use.
func (m *migration) predeclared() starlark.StringDict {
	names := starlark.StringDict{}
	for _, b := range append(prelude.Rows(m.o.Out, m.o.Log), m.backfill()) {
		names[b.Name] = b.Function(usual)
	}
	for _, module := range []string{"hash", "re", "base64"} {
		members := starlark.StringDict{}
		for name, b := range row.MethodsOf(m.modules(), module, usual) {
			members[name] = b
		}
		names[module] = &starlarkstruct.Module{Name: module, Members: members}
	}
	return names
}

// usual is the migrations directory, which none of these functions names.
func usual(c *row.Call) string { return c.Session.Path("migrations") }

// place makes what went wrong in a migration an error of package core, with the
// place in the file and the row that was read last.
func (m *migration) place(err error) error {
	var errs host.Errors
	if !errors.As(err, &errs) {
		return err
	}
	first := errs[0]
	if m.last != nil {
		text := secret.MaskValues(m.last.String())
		if !slices.ContainsFunc(first.Locals, func(l host.Local) bool { return l.Value == text }) {
			first.Locals = append(first.Locals, host.Local{Name: "the row", Value: text})
		}
	}
	e := fault.New(m.name, &inMigration{errs})
	if len(first.Frames) > 0 {
		f := first.Frames[0]
		e.Line, e.Column, e.Source = f.Line, f.Column, f.Source
	}
	if first.Kind == "cancelled" && first.Err != nil { // whose cause a caller may ask for
		e.Err = first.Err
	}
	return e
}

// inMigration is the errors of a file, without the place that core.Error tells.
type inMigration struct{ errs host.Errors }

func (e *inMigration) Error() string { return e.errs[0].Error() }
func (e *inMigration) Unwrap() error { return e.errs }

// Methods lists what a migration can call besides print, warn, table, fail and attempt:
// the methods of db, backfill, and the functions of the modules hash, re and base64.
func Methods() []*row.Builtin {
	m := &migration{}
	return slices.Concat(m.db(), []*row.Builtin{m.backfill()}, m.modules())
}

// DB returns the methods of db for a transaction outside of a migration, such as that of
// a test.
func DB(tx *runner.Tx) []*row.Builtin { return (&migration{tx: tx}).db() }
